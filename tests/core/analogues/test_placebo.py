"""The placebo of reversals: other sessions with a first move of the same size, counted one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from brentwatch.core.analogues.placebo import (
    FEWEST_SESSIONS,
    NEIGHBOURS,
    expect_reversals,
    is_reversed,
)

CLOSES = 80.0 * np.exp(np.cumsum(np.random.default_rng(3).standard_t(4, 700) * 0.015))


def list_shares(closes: np.ndarray, without: set[int] = set()) -> list[tuple[float, bool]]:  # noqa: B006
    """(size, reversed) of every session with five after it, the plain way."""
    found = []
    for at in range(1, len(closes) - 5):
        first, later = math.log(closes[at] / closes[at - 1]), math.log(closes[at + 5] / closes[at - 1])
        if at not in without:
            found.append((abs(first), later * math.copysign(1, first) <= 0.5 * abs(first)))
    return sorted(found)


def test_half_gone_or_more_is_reversed() -> None:
    assert is_reversed(0.04, 0.02)
    assert is_reversed(-0.04, 0.01)
    assert not is_reversed(0.04, 0.021)
    assert not is_reversed(-0.04, -0.05)
    assert not is_reversed(0.0, 0.05)


def test_the_placebo_is_the_share_among_the_nearest_hundred() -> None:
    rows = list_shares(CLOSES)
    asked = [0.001, rows[300][0], 0.5]
    expected = 0.0
    for size in asked:
        at = sum(each < size for each, _ in rows)
        start = min(max(at - NEIGHBOURS // 2, 0), len(rows) - NEIGHBOURS)
        expected += sum(reversed_ for _, reversed_ in rows[start : start + NEIGHBOURS]) / NEIGHBOURS

    assert expect_reversals(asked, CLOSES, (), ()) == pytest.approx(expected)


def test_the_sessions_of_the_events_are_no_placebo() -> None:
    skipped = set(range(10, 110))
    rows = list_shares(CLOSES, skipped)
    smallest = sum(reversed_ for _, reversed_ in rows[:NEIGHBOURS]) / NEIGHBOURS

    assert expect_reversals([0.0], CLOSES, (), skipped) == pytest.approx(smallest)
    assert expect_reversals([0.0], CLOSES, (), ()) != pytest.approx(smallest)


def test_a_return_that_is_left_out_takes_every_window_over_it_out() -> None:
    """A step of 30 % to the next contract would be a first move of its own, and end five others."""
    closes = CLOSES.copy()
    closes[400:] *= 1.3
    rows = list_shares(CLOSES, set(range(395, 401)))
    largest = sum(reversed_ for _, reversed_ in rows[-NEIGHBOURS:]) / NEIGHBOURS

    assert expect_reversals([0.9], closes, {400}, ()) == pytest.approx(largest)


def test_a_price_of_zero_or_below_takes_every_window_over_it_out() -> None:
    closes = CLOSES.copy()
    closes[400] = -3.0
    rows = list_shares(CLOSES, set(range(395, 402)))
    largest = sum(reversed_ for _, reversed_ in rows[-NEIGHBOURS:]) / NEIGHBOURS

    assert expect_reversals([0.9], closes, (), ()) == pytest.approx(largest)


def test_a_short_history_has_no_placebo() -> None:
    assert expect_reversals([0.02], CLOSES[: FEWEST_SESSIONS + 5], (), ()) is None
    assert expect_reversals([0.02], CLOSES[: FEWEST_SESSIONS + 6], (), ()) is not None
    assert expect_reversals([0.02], CLOSES[:2], {1}, {1}) is None
