"""Coverage: a 95 % range holds the true effect 95 times in 100, of all sessions and of the alerts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from brentwatch.core.calibration.daily import Placebo
from brentwatch.core.calibration.ranges import EFFECTS, measure_coverage
from brentwatch.core.domain import HEADLINE, GroupSize
from brentwatch.core.forecasts.given_alert import estimate_given_alert, find_share_below
from brentwatch.core.forecasts.two_tails import TailScale, TwoTails

FORECAST = TwoTails(
    expected=0.0,
    standard_error=0.02,
    scale=0.017,
    degrees_of_freedom=6.0,
    up=TailScale(0.1, 0.1),
    down=TailScale(-0.1, 0.0),
)
LEVEL = 0.01


def placebos(count: int, *, spread: float = 1.0) -> list[Placebo]:
    """Returns drawn from the forecast, times `spread`."""
    halves = np.random.default_rng(9).random(count)
    moves = [
        spread
        * (FORECAST.distance(2.0 * u, up=False) * -1.0 if u < 0.5 else FORECAST.distance(2.0 - 2.0 * u))
        for u in halves.tolist()
    ]
    day = date(2000, 1, 3)
    return [
        Placebo(
            day + timedelta(place),
            HEADLINE,
            move,
            0.02,
            FORECAST.tail(move),
            1.0,
            shaken=False,
            days=1,
            forecast=FORECAST,
        )
        for place, move in enumerate(moves)
    ]


def coverage(tested: list[Placebo]) -> dict[str, GroupSize]:
    return {each.group: each for each in measure_coverage(tested, LEVEL)}


def test_both_ranges_hold_the_true_effect_as_often_as_they_say() -> None:
    found = coverage(placebos(20_000))

    assert list(found) == ["every session", *(f"alerts, effect {percent:+} %" for percent in EFFECTS)]
    for each in found.values():
        assert each.nominal == 0.95
        assert each.size == pytest.approx(0.95, abs=3.5 * each.error)


def test_the_alerts_are_the_sessions_that_reach_the_level_with_the_effect() -> None:
    tested = placebos(2_000)
    found = coverage(tested)

    assert found["alerts, effect +0 %"].n == sum(each.p <= LEVEL for each in tested)
    moved = [FORECAST.tail(each.ar + np.log1p(0.05)) for each in tested]
    assert found["alerts, effect +5 %"].n == sum(p <= LEVEL for p in moved)


def test_a_forecast_that_is_too_narrow_shows() -> None:
    found = coverage(placebos(5_000, spread=1.4))

    assert found["every session"].size < 0.90
    assert found["alerts, effect +8 %"].size < 0.93


@pytest.mark.parametrize("car", [0.06, 0.09, -0.07])
def test_a_range_holds_what_the_share_below_says(car: float) -> None:
    """The printed range ends where the share of alerts below the move is .975 and .025."""
    below, above = FORECAST.distance(LEVEL, up=False), FORECAST.distance(LEVEL, up=True)
    given = estimate_given_alert(car, FORECAST.tail, below=below, above=above, standard_error=0.02)

    assert given is not None
    shares = [
        find_share_below(car, effect, FORECAST.tail, below=below, above=above)
        for effect in (given.low, given.estimate, given.high)
    ]
    assert shares == pytest.approx([0.975, 0.5, 0.025], abs=1e-5)


def test_without_an_alert_only_every_session_is_told() -> None:
    (alone,) = measure_coverage([each for each in placebos(3) if each.p > 0.5][:1], 1e-12)

    assert (alone.group, alone.n, alone.size) == ("every session", 1, 1.0)
