"""Each test of the fit has its size under its own null, and finds what it is made to find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from brentwatch.core.calibration.daily import Placebo
from brentwatch.core.calibration.uniformity import (
    apply_berkowitz,
    apply_chi_squared,
    apply_christoffersen,
    apply_kolmogorov_smirnov,
    run_fit_tests,
    transform_returns,
)
from brentwatch.core.domain import HEADLINE, FitTest
from brentwatch.core.forecasts.forecast import StudentT

COUNT, RUNS = 1_500, 1_500
FORECAST = StudentT(expected=0.0, standard_error=0.02, scale=0.02, degrees_of_freedom=7.0)

Draws = np.ndarray[tuple[int], np.dtype[np.float64]]
Check = Callable[[Draws], FitTest]


def apply_to_alarms(u: Draws) -> FitTest:
    return apply_christoffersen(np.asarray(np.minimum(u, 1.0 - u) <= 0.025, dtype=np.bool_))


TESTS: tuple[Check, ...] = (apply_kolmogorov_smirnov, apply_chi_squared, apply_berkowitz, apply_to_alarms)
every = pytest.mark.parametrize("check", TESTS, ids=["ks", "chi2", "berkowitz", "christoffersen"])


def placebos(p: list[float], ar: list[float]) -> list[Placebo]:
    day = date(2022, 1, 3)
    return [
        Placebo(
            day + timedelta(place), HEADLINE, each, 0.02, of, 1.0, shaken=False, days=1, forecast=FORECAST
        )
        for place, (of, each) in enumerate(zip(p, ar, strict=True))
    ]


@every
def test_its_size_is_five_percent_where_its_null_holds(check: Check) -> None:
    rng = np.random.default_rng(18)
    rejected = np.mean([check(rng.random(COUNT)).p <= 0.05 for _ in range(RUNS)])

    assert rejected == pytest.approx(0.05, abs=3.0 * (0.05 * 0.95 / RUNS) ** 0.5)


@pytest.mark.parametrize("check", [apply_kolmogorov_smirnov, apply_chi_squared, apply_berkowitz])
def test_it_finds_a_scale_that_is_a_tenth_too_small(check: Check) -> None:
    u = ndtr(1.15 * np.random.default_rng(1).standard_normal(6_000))

    assert check(u).p < 0.001


def test_berkowitz_finds_a_correlation_that_the_other_tests_cannot_see() -> None:
    noise = np.random.default_rng(2).standard_normal(6_000)
    scores = noise.copy()
    for at in range(1, len(scores)):
        scores[at] = 0.1 * scores[at - 1] + 0.99**0.5 * noise[at]

    assert apply_berkowitz(ndtr(scores)).p < 1e-6
    assert apply_kolmogorov_smirnov(ndtr(scores)).p > 0.01


def test_christoffersen_finds_alarms_that_follow_alarms() -> None:
    alarms = np.random.default_rng(3).random(6_000) <= 0.03
    alarms[1:] |= alarms[:-1] & (np.random.default_rng(4).random(5_999) <= 0.3)

    assert apply_christoffersen(alarms).p < 1e-6


def test_no_alarm_at_all_is_no_dependence() -> None:
    none = apply_christoffersen(np.zeros(500, dtype=np.bool_))

    assert (none.statistic, none.p) == (0.0, 1.0)


def test_kolmogorov_smirnov_is_that_of_scipy() -> None:
    u = np.random.default_rng(5).random(4_000)
    expected = stats.kstest(u, "uniform", method="asymp")

    found = apply_kolmogorov_smirnov(u)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


def test_chi_squared_is_that_of_scipy() -> None:
    u = np.random.default_rng(6).random(4_000)
    expected = stats.chisquare(np.histogram(u, bins=20, range=(0.0, 1.0))[0])

    found = apply_chi_squared(u)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


def test_the_one_sided_p_is_small_where_the_price_fell() -> None:
    assert transform_returns(placebos([0.02, 0.02, 1.0], [-0.05, 0.05, 0.001])).tolist() == pytest.approx(
        [0.01, 0.99, 0.5]
    )


def test_every_test_says_its_null_its_count_and_its_degrees_of_freedom() -> None:
    rng = np.random.default_rng(7)
    found = run_fit_tests(placebos(rng.random(200).tolist(), rng.standard_normal(200).tolist()))

    assert [(each.name, each.degrees_of_freedom) for each in found] == [
        ("Kolmogorov-Smirnov", None),
        ("chi-squared, 20 cells", 19),
        ("Berkowitz", 3),
        ("Christoffersen", 1),
    ]
    assert all(each.n == 200 and each.null for each in found)


def test_too_few_sessions_are_not_tested() -> None:
    assert run_fit_tests(placebos([0.5] * 99, [0.01] * 99)) == []
