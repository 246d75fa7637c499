from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.core.event_study.significance.panels import TIMES, found, of_returns, panel, rate

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import generalized_sign


def test_by_hand() -> None:
    """Three of eight residuals rise, 3/8; both events rise: z = (2 - 3/4) / sqrt(2 3/8 5/8)."""
    returns = np.array([[3.0, -1.0, -1.0, -1.0, 2.0, -5.0], [1.0, 1.0, -1.0, -1.0, 2.0, 3.0]])
    given = of_returns(returns, 4)
    expected = np.array([2 - 0.75, 1 - 0.75]) / np.sqrt(2 * 3 / 8 * 5 / 8)

    assert found(generalized_sign.aar(given)).statistic == pytest.approx(expected)
    assert found(generalized_sign.caar(given)).statistic == pytest.approx(expected)


def test_residuals_that_hardly_rise_are_what_a_rise_is_compared_with() -> None:
    """Skewed returns, 37 % of which are above their mean: a plain sign test finds something in nothing."""
    skewed = [np.random.default_rng(seed).exponential(size=(60, 121)) for seed in range(TIMES)]
    size, error = rate(generalized_sign.aar, (of_returns(each, 120) for each in skewed))

    assert size == pytest.approx(0.05, abs=error + 0.012)  # w is binomial: .04 to .06 are to be had


def test_a_zero_is_no_rise() -> None:
    given = panel(1, rows=1)
    none = found(generalized_sign.aar(replace(given, ar=np.zeros_like(given.ar))))

    assert none.statistic == pytest.approx(
        found(generalized_sign.aar(replace(given, ar=-np.ones_like(given.ar)))).statistic
    )


def test_residuals_of_one_sign_are_refused() -> None:
    given = panel(1)

    assert isinstance(generalized_sign.aar(replace(given, residuals=np.abs(given.residuals))), Refused)
