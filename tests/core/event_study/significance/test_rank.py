from __future__ import annotations

import numpy as np
import pytest
from tests.core.event_study.significance.panels import of_returns, panel

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import rank
from brentwatch.core.event_study.significance.result import EventResult


def ranked(answer: EventResult | Refused) -> EventResult:
    assert isinstance(answer, EventResult), answer
    return answer


def test_by_hand() -> None:
    """Residuals of 1, 1, 3 and 3 %: an AR of 2 % is passed by two, one of 4 % by none, one of -3 % by two."""
    given = of_returns(np.array([[0.01, -0.01, 0.03, -0.03, 0.02, 0.04, -0.0299]]), 4)

    assert ranked(rank.ar(given)).p == pytest.approx(np.array([[3 / 5, 1 / 5, 3 / 5]]))
    assert ranked(rank.ar(given)).statistic.tolist() == [[2.0, 0.0, 2.0]]


def test_a_residual_as_far_out_counts() -> None:
    given = of_returns(np.array([[1.0, -1.0, 3.0, -3.0, -3.0]]), 4)

    assert ranked(rank.ar(given)).p.tolist() == [[3 / 5]]


@pytest.mark.parametrize("level", [0.01, 0.05, 0.20])
def test_its_size_where_nothing_happens(level: float) -> None:
    """n = 99: p has steps of .01, and prediction error adds little."""
    p = ranked(rank.ar(panel(4, events=20_000, estimation=99, rows=1))).p

    assert np.mean(p <= level) == pytest.approx(level, abs=3.0 * np.sqrt(level / 20_000) + 0.0015)


def test_scale_sign_and_company_of_an_event_change_nothing() -> None:
    returns = np.random.default_rng(1).standard_normal((6, 40))
    p = ranked(rank.ar(of_returns(returns, 35))).p

    assert ranked(rank.ar(of_returns(-7.0 * returns, 35))).p.tolist() == p.tolist()
    assert ranked(rank.ar(of_returns(returns[2:3], 35))).p.tolist() == p[2:3].tolist()


def test_no_event_is_refused() -> None:
    assert isinstance(rank.ar(panel(1, events=0)), Refused)
