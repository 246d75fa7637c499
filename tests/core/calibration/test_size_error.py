"""The Monte-Carlo error of a size: what independent tests have, and more where windows overlap or cluster."""

from __future__ import annotations

import math

import numpy as np
import pytest

from brentwatch.core.calibration.size_error import estimate_size_error

COUNT, LEVEL = 4_000, 0.05
EVERY = np.ones(COUNT, dtype=np.bool_)


def overlapping(seed: int, sessions: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Alarms of sums of so many normal returns, one window from each session on."""
    returns = np.random.default_rng(seed).standard_normal(COUNT + sessions - 1)
    sums = np.convolve(returns, np.ones(sessions), "valid") / math.sqrt(sessions)
    return np.asarray(np.abs(sums) >= 1.959964, dtype=np.bool_)


@pytest.mark.parametrize("sessions", [1, 6])
def test_it_is_how_far_sizes_of_one_truth_lie_apart(sessions: int) -> None:
    runs = [overlapping(seed, sessions) for seed in range(400)]
    apart = float(np.std([run.mean() for run in runs], ddof=1))
    told = float(np.mean([estimate_size_error(run, EVERY, LEVEL, sessions) for run in runs]))

    assert told == pytest.approx(apart, rel=0.15)


def test_overlapping_windows_need_more_than_the_binomial_error() -> None:
    binomial = math.sqrt(LEVEL * (1 - LEVEL) / COUNT)
    told = [estimate_size_error(overlapping(seed, 6), EVERY, LEVEL, 6) for seed in range(20)]

    assert float(np.mean(told)) > 1.5 * binomial


def test_of_a_fifth_it_is_that_of_its_own_sessions() -> None:
    fifth = np.arange(COUNT) % 5 == 0
    runs = [overlapping(seed, 1) for seed in range(400)]
    apart = float(np.std([run[fifth].mean() for run in runs], ddof=1))

    told = float(np.mean([estimate_size_error(run, fifth, LEVEL, 1) for run in runs]))
    assert told == pytest.approx(apart, rel=0.15)


def test_alarms_that_repel_each_other_promise_no_more_than_the_binomial_error() -> None:
    regular = np.arange(COUNT) % 20 == 0

    assert estimate_size_error(regular, EVERY, LEVEL, 1) == pytest.approx(
        math.sqrt(LEVEL * (1 - LEVEL) / COUNT)
    )


def test_no_alarm_at_all_is_no_certainty() -> None:
    none = np.zeros(COUNT, dtype=np.bool_)

    assert estimate_size_error(none, EVERY, LEVEL, 1) == pytest.approx(math.sqrt(LEVEL * (1 - LEVEL) / COUNT))
    assert estimate_size_error(none[:1], EVERY[:1], LEVEL, 6) == pytest.approx(math.sqrt(LEVEL * (1 - LEVEL)))
