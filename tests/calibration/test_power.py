"""What the headline would have seen: a move is added to the return of every bundled session."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from benchmarks.calibration import bundled_bars
from scipy.special import stdtr, stdtrit

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.fits import month_of
from brentwatch.history.rules import load_fits

pytestmark = pytest.mark.slow


@cache
def forecasts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The abnormal return of every session, its forecast standard deviation, and nu of its month."""
    rows = load_fits()
    found = run_placebos(bundled_bars(), table.load(table.HEADLINE_MODEL), rows)
    nu = [rows[month_of(placebo.session)].fit.nu for placebo in found]
    return np.array([each.ar for each in found]), np.array([each.sigma for each in found]), np.array(nu)


def power(move: float, level: float) -> float:
    ar, sigma, nu = forecasts()
    p = 2.0 * stdtr(nu, -np.abs(ar + move) / sigma * np.sqrt(nu / (nu - 2.0)))
    return float(np.mean(p <= level))


@pytest.mark.parametrize(("move", "least"), [(0.03, 0.29), (0.04, 0.47), (0.05, 0.63), (0.08, 0.89)])
def test_the_power_at_five_percent_is_what_is_promised(move: float, least: float) -> None:
    assert power(move, 0.05) >= least


def test_without_a_move_the_power_is_the_size() -> None:
    assert power(0.0, 0.05) == pytest.approx(0.0505, abs=2e-4)


@pytest.mark.parametrize(("move", "told"), [(0.03, 0.10), (0.04, 0.21), (0.05, 0.35), (0.08, 0.73)])
def test_the_power_at_the_alert_level_is_what_the_readme_says(move: float, told: float) -> None:
    assert power(move, 0.01) == pytest.approx(told, abs=0.005)


@pytest.mark.parametrize(("level", "told"), [(0.05, 5.7), (0.01, 7.8)])
def test_the_median_minimum_detectable_effect_is_what_the_readme_says(level: float, told: float) -> None:
    _, sigma, nu = forecasts()
    smallest = sigma * np.sqrt((nu - 2.0) / nu) * (stdtrit(nu, 1.0 - level / 2.0) + stdtrit(nu, 0.8))

    assert 100.0 * np.expm1(np.median(smallest)) == pytest.approx(told, abs=0.06)
