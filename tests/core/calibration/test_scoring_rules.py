"""The scores equal integrals that are computed another way, and SciPy's own density."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from brentwatch.core.calibration.scoring_rules import Half, ScoredForecast
from brentwatch.core.forecasts.two_tails import TailScale, TwoTails

SCALE = 0.015
VALUES = (-0.2, -0.06, -0.021, -0.001, 0.0007, 0.004, 0.033, 0.09)


def two_tails(nu: float, up: tuple[float, float], down: tuple[float, float]) -> TwoTails:
    return TwoTails(
        expected=0.0007,
        standard_error=SCALE,
        scale=SCALE,
        degrees_of_freedom=nu,
        up=TailScale(*up),
        down=TailScale(*down),
    )


def scored(forecast: TwoTails) -> ScoredForecast:
    nu = forecast.degrees_of_freedom
    halves = (
        Half(scale=SCALE * tail.k, nu=nu, power=math.exp(-tail.bend)) for tail in (forecast.up, forecast.down)
    )
    up, down = halves
    return ScoredForecast(expected=forecast.expected, up=up, down=down)


def distribution(forecast: TwoTails, value: float) -> float:
    deviation = value - forecast.expected
    if deviation < 0.0:
        return forecast.one_sided(deviation, up=False)
    return 1.0 - forecast.one_sided(deviation, up=True)


def integrate_crps(forecast: TwoTails, value: float) -> float:
    """The definition, integrated by SciPy between the places where F or its slope jumps."""
    marks = sorted(
        {
            value,
            forecast.expected,
            forecast.expected - forecast.distance(0.05, up=False),
            forecast.expected + forecast.distance(0.05),
        }
    )
    edges = [-60.0, -6.0, -0.6, *marks, 0.6, 6.0, 60.0]
    return sum(
        quad(lambda x: (distribution(forecast, x) - (x >= value)) ** 2, low, high, limit=500, epsabs=1e-13)[0]
        for low, high in itertools.pairwise(edges)
    )


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "forecast",
    [
        two_tails(7.0, (0.0, 0.0), (0.0, 0.0)),
        two_tails(5.3, (0.17, -0.3), (-0.16, 0.4)),
        two_tails(9.1, (-0.7, 0.7), (0.7, -0.7)),
    ],
)
def test_crps_equals_the_integral_of_its_definition(forecast: TwoTails, value: float) -> None:
    assert scored(forecast).find_crps(value) == pytest.approx(integrate_crps(forecast, value), abs=1e-9)


@pytest.mark.parametrize("value", VALUES)
def test_log_score_is_the_slope_of_the_distribution(value: float) -> None:
    forecast, step = two_tails(5.3, (0.17, -0.3), (-0.16, 0.4)), 1e-6
    if value == forecast.expected:  # the density jumps where the two sides meet
        value += 2 * step
    slope = (distribution(forecast, value + step) - distribution(forecast, value - step)) / (2 * step)

    assert math.exp(scored(forecast).find_log_score(value)) == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("value", VALUES)
def test_scores_of_a_normal_forecast_are_those_of_the_textbook(value: float) -> None:
    half = Half(scale=SCALE, nu=math.inf)
    forecast, z = ScoredForecast(expected=0.001, up=half, down=half), (value - 0.001) / SCALE
    normal = stats.norm
    crps = SCALE * (z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / math.sqrt(math.pi))

    assert forecast.find_crps(value) == pytest.approx(crps, abs=1e-12)
    assert forecast.find_log_score(value) == pytest.approx(normal.logpdf(value, 0.001, SCALE))


@pytest.mark.parametrize("nu", [5.0, 119.0, math.inf])
def test_a_return_beyond_every_tail_has_a_score(nu: float) -> None:
    half = Half(scale=1e-12, nu=nu, power=0.6)
    forecast = ScoredForecast(expected=0.0, up=half, down=half)

    assert math.isfinite(forecast.find_log_score(-3.0))
    assert forecast.find_crps(-3.0) == pytest.approx(3.0)


def test_a_fair_forecast_scores_best_on_its_own_draws() -> None:
    """Both rules are proper: another scale, or another tail, scores worse on average."""
    draws = SCALE * stats.t(5).rvs(4_000, random_state=np.random.default_rng(7))
    fair = Half(scale=SCALE, nu=5.0)
    others = [Half(scale=1.3 * SCALE, nu=5.0), Half(scale=SCALE, nu=5.0, power=0.5)]

    def average(half: Half) -> tuple[float, float]:
        forecast = ScoredForecast(expected=0.0, up=half, down=half)
        logs, crps = zip(*((forecast.find_log_score(x), forecast.find_crps(x)) for x in draws), strict=True)
        return float(np.mean(logs)), float(np.mean(crps))

    best = average(fair)
    for log, crps in map(average, others):
        assert log < best[0]
        assert crps > best[1]
