"""What the headline would have seen: a move in percent is added to the return of every bundled session.

A rise of 8 % is a log return of ln 1.08. A fixed move that is found in 80 of 100 sessions is larger than the
median of the moves that each session's test finds four times in five, since volatility differs.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from benchmarks.calibration import bundled_bars
from scipy.optimize import brentq

from brentwatch.core.calibration.daily import Placebo, run_placebos, split_fifths
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.abnormal_returns import minimum_detectable_effect
from brentwatch.history.rules import load_fits

pytestmark = pytest.mark.slow

A_FEW_SESSIONS = 0.002


@cache
def placebos() -> tuple[Placebo, ...]:
    return run_placebos(bundled_bars(), table.load(table.HEADLINE_MODEL), load_fits())


@cache
def thresholds(level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The abnormal return of every session, and how far below and above it an alarm begins."""
    forecasts = [placebo.forecast for placebo in placebos()]
    below = np.array([each.distance(level, up=False) for each in forecasts])
    above = np.array([each.distance(level, up=True) for each in forecasts])
    return np.array([placebo.ar for placebo in placebos()]), below, above


def power(percent: float, level: float) -> float:
    ar, below, above = thresholds(level)
    moved = ar + math.log1p(percent / 100.0)
    return float(np.mean((moved <= -below) | (moved >= above)))


@pytest.mark.parametrize(
    ("percent", "found"),
    [(3, 0.36), (4, 0.53), (5, 0.68), (8, 0.90), (-3, 0.30), (-4, 0.48), (-5, 0.65), (-8, 0.91)],
)
def test_the_power_at_five_percent_is_what_the_pages_say(percent: float, found: float) -> None:
    assert power(percent, 0.05) == pytest.approx(found, abs=0.005 + A_FEW_SESSIONS)


@pytest.mark.parametrize(
    ("percent", "found"),
    [(3, 0.13), (4, 0.26), (5, 0.41), (8, 0.75), (-3, 0.09), (-4, 0.18), (-5, 0.30), (-8, 0.71)],
)
def test_the_power_at_the_alert_level_is_what_the_pages_say(percent: float, found: float) -> None:
    assert power(percent, 0.01) == pytest.approx(found, abs=0.005 + A_FEW_SESSIONS)


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_without_a_move_the_power_is_the_size(level: float) -> None:
    assert power(0.0, level) == pytest.approx(np.mean([each.p <= level for each in placebos()]), abs=5e-4)


@pytest.mark.parametrize(("level", "found"), [(0.05, 5.5), (0.01, 7.4)])
def test_the_median_of_the_detectable_rises_is_what_the_pages_say(level: float, found: float) -> None:
    smallest = [minimum_detectable_effect(each.forecast, level) for each in placebos()]

    assert 100.0 * math.expm1(float(np.median(smallest))) == pytest.approx(found, abs=0.06)


@pytest.mark.parametrize(
    ("level", "sign", "found"), [(0.05, 1, 6.2), (0.05, -1, 6.3), (0.01, 1, 8.7), (0.01, -1, 9.2)]
)
def test_a_fixed_move_that_80_of_100_sessions_find_is_what_the_pages_say(
    level: float, sign: int, found: float
) -> None:
    smallest = brentq(lambda percent: power(sign * percent, level) - 0.8, 1.0, 30.0)

    assert smallest == pytest.approx(found, abs=0.1)


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_the_detectable_rise_of_a_session_is_found_four_times_in_five_in_every_fifth(level: float) -> None:
    ar, below, above = thresholds(level)
    smallest = np.array([minimum_detectable_effect(each.forecast, level) for each in placebos()])
    found = (ar + smallest >= above) | (ar + smallest <= -below)

    for fifth in split_fifths(placebos()):
        assert float(np.mean(found[fifth])) == pytest.approx(0.8, abs=0.03)
