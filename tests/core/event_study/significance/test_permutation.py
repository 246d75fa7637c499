from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from tests.core.event_study.significance.panels import of_returns, panel

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import permutation
from brentwatch.core.event_study.significance.result import EventResult


def exchanged(answer: EventResult | Refused) -> EventResult:
    assert isinstance(answer, EventResult), answer
    return answer


@pytest.mark.parametrize(("estimation", "rows"), [(30, 11), (60, 3), (120, 16)])
def test_its_size_where_nothing_happens(estimation: int, rows: int) -> None:
    """All events see the same exchanges, so their own error of .007 stays beside that of the draws."""
    p = exchanged(permutation.car(panel(7, events=4_000, estimation=estimation, rows=rows))).p

    assert np.mean(p[:, -1] <= 0.05) == pytest.approx(0.05, abs=3.0 * np.hypot(0.0034, 0.0069 * 0.5))
    assert np.mean(p[:, 0] <= 0.05) == pytest.approx(0.05, abs=3.0 * np.hypot(0.0034, 0.0069))


def test_it_comes_near_the_share_of_all_exchanges() -> None:
    returns = np.random.default_rng(2).standard_normal((1, 14))
    rows = returns[0] - returns[0].mean()
    sums = np.array([abs(rows[list(chosen)].sum()) for chosen in combinations(range(14), 4)])
    p = exchanged(permutation.car(of_returns(returns, 10))).p[0, -1]

    assert p == pytest.approx(np.mean(sums >= abs(rows[10:].sum()) - 1e-12), abs=0.05)


def test_the_statistic_is_the_difference_of_means() -> None:
    returns = np.random.default_rng(2).standard_normal((3, 44))
    expected = returns[:, 40:].mean(axis=1) - returns[:, :40].mean(axis=1)

    assert exchanged(permutation.car(of_returns(returns, 40))).statistic[:, -1] == pytest.approx(expected)


def test_a_large_move_has_the_smallest_p_there_is() -> None:
    """That other three of 123 rows sum to as much has a chance of 3e-6; one row of 121 is drawn at times."""
    returns = 0.02 * np.random.default_rng(4).standard_normal((5, 123))
    returns[:, 120:] += 3.0
    p = exchanged(permutation.car(of_returns(returns, 120))).p

    assert p[:, -1].tolist() == [1.0 / (1.0 + permutation.EXCHANGES)] * 5
    assert p[:, 0] == pytest.approx(1.0 / 121.0, abs=0.013)


def test_it_has_power() -> None:
    p = exchanged(permutation.car(panel(4, events=500, rows=3, move=0.10))).p

    assert np.mean(p[:, 0] <= 0.05) > 0.95


def test_the_same_data_has_the_same_p_in_any_company_order_and_scale() -> None:
    returns = np.random.default_rng(2).standard_normal((6, 44))
    p = exchanged(permutation.car(of_returns(returns, 40))).p

    assert exchanged(permutation.car(of_returns(returns, 40))).p.tolist() == p.tolist()
    assert exchanged(permutation.car(of_returns(returns[::-1].copy(), 40))).p[::-1].tolist() == p.tolist()
    assert exchanged(permutation.car(of_returns(returns[2:3], 40))).p.tolist() == p[2:3].tolist()
    assert exchanged(permutation.car(of_returns(-8.0 * returns, 40))).p.tolist() == p.tolist()


def test_no_event_is_refused() -> None:
    assert isinstance(permutation.car(panel(1, events=0)), Refused)
