"""The intervals of a backtest, against SciPy's own and against published values."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from brentwatch.core.domain.shares import ExactShare, MoveLeft, ShareDifference, YearlyRate


@pytest.mark.parametrize(("count", "total"), [(0, 38), (4, 17), (17, 17), (40, 5860), (1, 1), (14, 19_242)])
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(count: int, total: int) -> None:
    exact = stats.binomtest(count, total).proportion_ci(0.95, method="exact")
    told = ExactShare(count, total)

    assert (told.low, told.high) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize("count", [0, 1, 4, 61])
def test_the_interval_of_a_rate_is_garwoods(count: int) -> None:
    low = stats.chi2.ppf(0.025, 2 * count) / 2.0 if count else 0.0
    high = stats.chi2.ppf(0.975, 2 * (count + 1)) / 2.0
    told = YearlyRate(count, 20.0)

    assert (20.0 * told.low, 20.0 * told.high) == pytest.approx((low, high), rel=1e-10)


def test_without_a_trial_nothing_is_known() -> None:
    told = ExactShare(0, 0)
    assert (told.share, told.low, told.high) == (None, 0.0, 1.0)
    assert ShareDifference.measure(told, ExactShare(1, 2)).p is None


def test_fishers_test_of_the_tea_lady() -> None:
    """Fisher (1935): 3 of 4 cups named right on both sides, two-sided p = 34/70."""
    assert ShareDifference.measure(ExactShare(3, 4), ExactShare(1, 4)).p == pytest.approx(34 / 70)


def test_the_mean_of_what_was_left_has_students_interval() -> None:
    values = [0.02, -0.01, 0.03, 0.005, -0.04]
    spread = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    told = MoveLeft.measure(1, [*values, None])

    assert told.n == 5
    assert told.mean == pytest.approx(math.fsum(values) / 5)
    assert (told.low, told.high) == pytest.approx((spread.low, spread.high))


def test_one_return_has_a_mean_and_no_interval() -> None:
    told = MoveLeft.measure(5, [0.01])
    assert (told.mean, told.low, told.high) == (0.01, None, None)
    assert MoveLeft.measure(5, []).mean is None
