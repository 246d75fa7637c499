"""The made-up market has what makes the real one hard: each trait is there, and the seed decides it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from scipy.stats import kurtosis

from brentwatch.core.calibration.simulator import LIKE_BRENT, Simulated, SimulatedMarket, simulate
from brentwatch.core.intraday.clock import RELEASE, SETTLEMENT, SLOTS, has_release
from brentwatch.core.intraday.grid import QUIET

LONG = 1_500
EVENING, MORNING = slice(12, 96), slice(174, 240)


@cache
def market(parameters: SimulatedMarket = LIKE_BRENT, sessions: int = LONG) -> Simulated:
    return simulate(sessions, 7, parameters)


@cache
def returns(parameters: SimulatedMarket = LIKE_BRENT) -> np.ndarray:
    return np.stack([grid.returns for grid in market(parameters).build_grids()])


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_same_seed_makes_the_same_bars_and_another_makes_others() -> None:
    one, same, other = simulate(20, 1), simulate(20, 1), simulate(20, 2)

    assert one.closes.tolist() == same.closes.tolist()
    assert one.closes.tolist() != other.closes.tolist()


def test_sessions_are_business_days_from_the_first_on() -> None:
    assert simulate(3, 1, first=date(2024, 5, 3)).sessions == (
        date(2024, 5, 3),
        date(2024, 5, 6),
        date(2024, 5, 7),
    )


def test_prices_are_positive_and_in_whole_cents() -> None:
    closes = market().closes

    assert closes.min() > 0.0
    assert np.abs(closes * 100.0 - np.round(closes * 100.0)).max() < 1e-6


def test_the_volatility_of_a_session_is_1_8_percent_on_average() -> None:
    means = [np.mean(realised(simulate(250, seed))) for seed in range(16)]

    assert np.mean(means) == pytest.approx(0.018, abs=3.0 * np.std(means, ddof=1) / 4.0)
    assert 0.012 < min(means) < max(means) < 0.030


def realised(made: Simulated) -> np.ndarray:
    values = np.stack([grid.returns for grid in made.build_grids()])
    return np.asarray(np.sqrt(np.square(values).sum(axis=1)))


def test_new_yorks_morning_is_several_times_as_volatile_as_its_evening() -> None:
    evening, morning = (np.abs(returns()[:, hours]).mean() for hours in (EVENING, MORNING))

    assert 3.0 < morning / evening < 5.0


def test_the_slot_that_settles_is_busier_than_its_neighbours() -> None:
    size = np.abs(returns()).mean(axis=0)

    assert size[SETTLEMENT] > 1.3 * size[SETTLEMENT - 1]


def test_the_weekly_report_is_wild_on_wednesdays_alone() -> None:
    wednesdays = np.array([has_release(session) for session in market().sessions])
    size = {day: np.abs(returns()[wednesdays == day][:, RELEASE]).mean(axis=0) for day in (True, False)}

    assert (size[True] / size[False])[0] > 2.5
    assert (np.diff(size[True]) < 0.0).all()


def test_volatile_days_follow_volatile_days() -> None:
    days = np.log(np.abs(returns()).mean(axis=1))

    assert days.std(ddof=1) > 0.35
    assert correlation(days[1:], days[:-1]) > 0.5
    assert correlation(days[21:], days[:-21]) > 0.05


def test_within_a_day_volatile_hours_follow_volatile_hours() -> None:
    size = np.abs(returns())
    relative = size / size.mean(axis=0) / size.mean(axis=1, keepdims=True)
    hours = relative[:, : SLOTS // 12 * 12].reshape(LONG, -1, 12).mean(axis=2)

    assert correlation(hours[:, 1:], hours[:, :-1]) > 0.15


def test_returns_have_fat_tails_beyond_what_volatility_makes() -> None:
    plain = SimulatedMarket(spells=(), jumps_a_session=0.0, alpha=0.0, beta=0.0)
    morning = returns(plain)[:, 190:196]

    assert kurtosis(morning.ravel()) > 2.0
    assert kurtosis(returns()[:, 190:196].ravel()) > 10.0


def test_jumps_come_as_often_as_they_are_told_and_leave_the_market_nervous() -> None:
    often = SimulatedMarket(jumps_a_session=1.0, alpha=0.0, beta=0.0)
    jumps = market(often).jumps
    size = np.abs(returns(often)) / np.abs(returns(often)).mean(axis=0)
    flat, places = size.ravel(), np.flatnonzero(jumps.ravel()[:-SLOTS])

    assert jumps.sum() == pytest.approx(LONG, rel=0.1)
    assert flat[places].mean() > 3.0 * flat.mean()
    assert flat[places + 5].mean() > 1.4 * flat.mean()
    assert flat[places + 100].mean() < 1.1 * flat.mean()


def test_the_price_bounces_between_bid_and_offer() -> None:
    wide = replace(LIKE_BRENT, half_spreads=(2e-3, 2e-3))

    assert correlation(returns(wide)[:, 1:], returns(wide)[:, :-1]) < -0.3
    assert correlation(returns()[:, 13:96], returns()[:, 12:95]) < -0.02


def test_bars_without_trades_come_in_quiet_hours() -> None:
    quiet = np.stack([grid.kinds == QUIET for grid in market().build_grids()])

    assert 0.06 < quiet[:, EVENING].mean() < 0.10
    assert quiet[:, MORNING].mean() < 0.01


def test_nothing_is_expected_of_any_hour() -> None:
    mean, error = returns().mean(axis=0), returns().std(axis=0, ddof=1) / np.sqrt(LONG)

    assert np.mean(np.abs(mean / error) > 2.0) < 0.10
