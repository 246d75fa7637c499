from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.core.event_study.significance.panels import found, of_returns, panel

from brentwatch.core.event_study.significance import buy_and_hold


def test_bhar_by_hand() -> None:
    """100 to 110 to 99 USD/bbl against a normal 1 % and 1 %: 10 % - 1 %, then -1 % - 2.01 %."""
    returns = np.log([[1.10, 0.90]])
    normal = np.log([[1.01, 1.01]])

    assert buy_and_hold.compare_buy_and_hold(returns, normal) == pytest.approx(
        np.array([[0.09, -0.01 - 0.0201]])
    )


def test_relative_wealth_is_bhar_per_dollar_of_the_normal_return() -> None:
    returns = 0.02 * np.random.default_rng(1).standard_normal((4, 85)) + 0.01
    normal = np.broadcast_to(returns[:, :80].mean(axis=1, keepdims=True), (4, 5))
    bhar = buy_and_hold.compare_buy_and_hold(returns[:, 80:], normal)

    assert buy_and_hold.relative_wealth(of_returns(returns, 80)) == pytest.approx(
        bhar / np.exp(normal.cumsum(axis=1))
    )


def test_its_t_is_scipys() -> None:
    given = panel(2)

    assert found(buy_and_hold.bhar(given)).statistic == pytest.approx(
        stats.ttest_1samp(np.exp(given.car) - 1.0, 0.0).statistic
    )
