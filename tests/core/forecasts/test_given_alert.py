"""What an alert tells of its effect: the range holds it in 95 of 100 alerts, whatever the effect is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from brentwatch.core.domain import GivenAlert
from brentwatch.core.forecasts.ewma_rank import Normal
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.core.forecasts.given_alert import estimate_given_alert
from brentwatch.core.forecasts.two_tails import TailScale, TwoTails

SCALE = 0.017
T = StudentT(expected=0.001, standard_error=0.02, scale=SCALE, degrees_of_freedom=7.0)
SKEWED = TwoTails(
    expected=0.001,
    standard_error=0.02,
    scale=SCALE,
    degrees_of_freedom=7.0,
    up=TailScale(-0.1),
    down=TailScale(0.2),
)
LEVEL = 0.01


def estimate(car: float, forecast: StudentT | TwoTails | Normal, level: float = LEVEL) -> GivenAlert:
    made = estimate_given_alert(
        car,
        forecast.tail,
        below=forecast.distance(level, up=False),
        above=forecast.distance(level, up=True),
        standard_error=forecast.standard_error,
    )
    assert made is not None
    return made


def test_the_ends_solve_the_integral_of_the_truncated_density() -> None:
    """By quadrature of the normal density, apart from our distribution functions."""
    car, cut, made = 0.06, 0.02 * norm.isf(LEVEL / 2.0), estimate(0.06, Normal(0.0, 0.02))
    for effect, share in ((made.estimate, 0.5), (made.low, 0.975), (made.high, 0.025)):

        def density(move: float, at: float = effect) -> float:
            return float(norm.pdf(move, at, 0.02))

        fallen, risen = quad(density, -1.0, -cut)[0], quad(density, cut, 1.0, points=[cut, 0.1])[0]
        assert (fallen + quad(density, cut, car)[0]) / (fallen + risen) == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize("forecast", [T, SKEWED])
@pytest.mark.parametrize("effect", [0.0, 0.01, 0.02, 0.04, 0.08, -0.03])
def test_the_range_holds_the_effect_and_the_estimate_lies_above_it_as_often_as_below(
    forecast: StudentT | TwoTails, effect: float
) -> None:
    draws = np.random.default_rng(31).standard_t(7.0, 60_000) * SCALE
    if isinstance(forecast, TwoTails):
        draws = np.where(draws > 0.0, draws * forecast.up.k, draws * forecast.down.k)
    shown = [each for each in (draws + effect).tolist() if forecast.tail(each) <= LEVEL][:600]
    made = [estimate(each, forecast) for each in shown]
    error = math.sqrt(0.25 / len(made))

    assert np.mean([each.low <= effect <= each.high for each in made]) == pytest.approx(0.95, abs=0.03)
    assert np.mean([each.estimate > effect for each in made]) == pytest.approx(0.5, abs=3.5 * error)


def test_a_move_just_beyond_the_level_tells_little_and_a_large_one_all() -> None:
    cut = T.distance(LEVEL)
    bare, large = estimate(1.001 * cut, T), estimate(4.0 * cut, T)

    assert bare.low < 0.0 < bare.high < bare.low + 0.12
    assert bare.estimate < 0.35 * cut
    assert large.estimate == pytest.approx(4.0 * cut, rel=0.02)


def test_falls_are_the_mirror_of_rises() -> None:
    rise, fall = estimate(0.07, T), estimate(-0.07, T)

    assert (fall.estimate, fall.low, fall.high) == pytest.approx((-rise.estimate, -rise.high, -rise.low))


def test_where_no_effect_fits_there_is_no_estimate() -> None:
    assert estimate_given_alert(0.05, lambda _: 1.0, below=0.04, above=0.04, standard_error=0.02) is None
