from __future__ import annotations

import numpy as np
import pytest
from tests.core.event_study.significance.panels import found, of_returns, panel

from brentwatch.core.event_study.significance import patell
from brentwatch.core.event_study.significance.result import count_distinct_events


def test_equal_events_are_found_wherever_they_stand() -> None:
    returns = np.random.default_rng(1).standard_normal((9, 40))
    given = of_returns(returns[[0, 3, 1, 0, 2, 3, 0]], 35)

    assert count_distinct_events(given) == 4


def test_rounding_does_not_hide_that_an_event_recurs() -> None:
    returns = np.random.default_rng(1).standard_normal((3, 40))
    returns[2] = returns[0] * (1.0 + 1e-13)

    assert count_distinct_events(of_returns(returns, 35)) == 2


def test_events_that_share_most_sessions_but_not_all_are_distinct() -> None:
    series = np.random.default_rng(1).standard_normal(60)
    shifted = np.stack([series[start : start + 40] for start in range(10)])

    assert count_distinct_events(of_returns(shifted, 35)) == 10


@pytest.mark.parametrize("events", [0, 1])
def test_one_event_or_none_does_not_recur(events: int) -> None:
    assert count_distinct_events(panel(1, events=events)) == events


def test_a_result_over_recurring_events_says_so() -> None:
    """Patell's z of one event counted nine times is three times as large, and p is not to be believed."""
    returns = np.random.default_rng(1).standard_normal((1, 40))
    once, often = (found(patell.aar(of_returns(np.tile(returns, (n, 1)), 35))) for n in (1, 9))

    assert often.statistic == pytest.approx(3.0 * once.statistic)
    assert (often.events, often.distinct_events, often.recurs) == (9, 1, True)
    assert not once.recurs
