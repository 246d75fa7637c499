"""Waits between failures grow, to a limit, and differ by chance."""

from __future__ import annotations

from random import Random

from brentwatch.web.failures import Backoff


def test_failures_in_a_row_wait_twice_as_long_with_chance_and_not_for_ever() -> None:
    backoff = Backoff(30.0, 3600.0, Random(3).random)
    waits = [backoff.draw_wait(failures) for failures in (1, 2, 3, 20, 2000)]
    assert all(
        0.75 * whole <= wait <= whole for wait, whole in zip(waits, (30, 60, 120, 3600, 3600), strict=True)
    )
    assert len({backoff.draw_wait(1) for _ in range(5)}) == 5


def test_without_jitter_a_wait_is_doubled_up_to_the_longest() -> None:
    assert [Backoff(0.5, 4.0).compute_full_wait(failures) for failures in (0, 1, 2, 3, 4, 5)] == [
        0.5,
        0.5,
        1,
        2,
        4,
        4,
    ]
