"""The factors of a story: their mean is 1 under the forecast, and their product is finite."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from brentwatch.core.forecasts.adaptive_rank import RankForecast
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.core.forecasts.story_factors import (
    NO_RATIOS,
    SHIFTS,
    compute_evidence,
    compute_log_ratios,
    standardise_return,
    weigh_return,
)
from brentwatch.core.forecasts.two_tails import TailScale, TwoTails

NU = 5.0
FORECASTS = {
    "even": TwoTails(
        expected=0.0,
        standard_error=0.02,
        scale=0.0155,
        degrees_of_freedom=NU,
        up=TailScale(),
        down=TailScale(),
    ),
    "uneven": TwoTails(
        expected=0.001,
        standard_error=0.02,
        scale=0.0155,
        degrees_of_freedom=NU,
        up=TailScale(-0.1, 0.3),
        down=TailScale(0.25, -0.4),
    ),
}


def distribute(forecast: TwoTails, deviations: np.ndarray) -> np.ndarray:
    """The probability that the deviation is at most each of these, by the forecast itself."""
    below = [forecast.one_sided(each, up=False) for each in deviations if each < 0.0]
    above = [1.0 - forecast.one_sided(each, up=True) for each in deviations if each >= 0.0]
    return np.array([*below, *above])


@pytest.mark.parametrize("name", FORECASTS)
def test_the_mean_of_each_factor_is_one_under_the_forecast(name: str) -> None:
    """By Riemann-Stieltjes sums over the forecast's own distribution, tails beyond 40 sigma left out."""
    forecast = FORECASTS[name]
    grid = np.concatenate([np.linspace(-0.8, -0.08, 4_000), np.linspace(-0.08, 0.08, 8_001)[1:-1]])
    grid = np.concatenate([grid, np.linspace(0.08, 0.8, 4_000)])
    weights = np.diff(distribute(forecast, grid))
    ratios = [weigh_return(forecast, float(each)) for each in (grid[1:] + grid[:-1]) / 2.0]
    factors = np.exp(np.array(ratios, dtype=np.float64))

    assert float(weights.sum()) == pytest.approx(1.0, abs=1e-4)
    assert weights @ factors == pytest.approx(np.ones(len(SHIFTS)), abs=2e-3)


def test_the_log_ratios_are_those_of_a_student_t_with_variance_one() -> None:
    unit = stats.t(NU, scale=math.sqrt((NU - 2.0) / NU))

    assert unit.var() == pytest.approx(1.0)
    for z in (-7.0, -1.3, 0.0, 0.4, 2.5):
        expected = [unit.logpdf(z - shift) - unit.logpdf(z) for shift in SHIFTS]
        assert compute_log_ratios(z, NU) == pytest.approx(expected, abs=1e-12)


def test_a_return_is_standardised_by_its_own_p() -> None:
    forecast = StudentT(expected=0.0, standard_error=0.02, scale=0.0155, degrees_of_freedom=NU)
    z = standardise_return(forecast.tail(-0.031), NU, up=False)

    assert z == pytest.approx(-2.0 * math.sqrt((NU - 2.0) / NU))


def test_without_a_t_forecast_there_is_no_factor() -> None:
    forecast = RankForecast(
        expected=0.0,
        standard_error=0.02,
        pool=np.linspace(0.0, 3.0, 250),
        threshold=2.7,
        beyond=25,
        shape=0.2,
        spread=0.5,
    )

    assert weigh_return(forecast, 0.01) is None


@pytest.mark.parametrize("deviation", [1e3, -1e3, 1e80, -1e80])
def test_no_move_is_too_large_for_a_number(deviation: float) -> None:
    ratios = weigh_return(FORECASTS["even"], deviation)

    assert ratios is not None
    assert all(map(math.isfinite, ratios))


def test_the_evidence_is_the_mean_of_the_products() -> None:
    assert compute_evidence(NO_RATIOS) == 1.0
    assert compute_evidence((math.log(60.0), *NO_RATIOS[1:])) == pytest.approx(65.0 / 6.0)
    assert compute_evidence((-5_000.0,) * 6) == 0.0
    assert math.isfinite(compute_evidence((5_000.0,) * 6))


def test_by_chance_alone_few_stories_reach_a_hundred_and_none_is_expected_to_grow() -> None:
    """20 sessions each, looked at after every one; Ville bounds the share by 0.01."""
    draws = np.random.default_rng(20261201).standard_t(NU, (4_000, 20)) * math.sqrt((NU - 2.0) / NU)
    sums = np.cumsum(np.array([[compute_log_ratios(z, NU) for z in row] for row in draws.tolist()]), axis=1)
    evidence = np.exp(sums).mean(axis=2)
    reached = float((evidence.max(axis=1) >= 100.0).mean())

    assert 0.0 < reached <= 0.01
    assert float(evidence[:, 0].mean()) == pytest.approx(1.0, abs=0.05)
