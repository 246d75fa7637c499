"""An alert policy: what each key leaves out, and how a budget is spent."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.backtest.tables import make_event, make_session

from brentwatch.core.backtest.policy import AlertPolicy, Budget
from brentwatch.core.domain import EventClass, Severity, Standing

SINGLE = make_event("single", standing=Standing.SINGLE)


def decide(session_p: float, *events: Any, **keys: Any) -> bool:
    policy = AlertPolicy(name="tried", **({"alert_level": 0.01} | keys))
    return policy.is_alert(make_session(0, session_p, *events))


@pytest.mark.parametrize(
    ("keys", "is_alert"),
    [
        ({}, True),
        ({"alert_level": 0.009}, False),
        ({"minimum_exposure": 0.5}, True),
        ({"minimum_exposure": 0.51}, False),
        ({"minimum_relevance": 0.5}, True),
        ({"minimum_relevance": 0.51}, False),
        ({"minimum_standing": Standing.STATED}, True),
        ({"classes": (EventClass.COUP, EventClass.RIOT)}, True),
        ({"classes": (EventClass.COUP,)}, False),
        ({"countries": ("SAU",)}, True),
        ({"countries": ("KAZ",)}, False),
        ({"minimum_severity": Severity.HIGH}, True),
        ({"minimum_severity": Severity.CRITICAL}, False),
    ],
)
def test_each_key_lets_through_what_it_names(keys: dict[str, Any], is_alert: bool) -> None:
    """p is 0.01 on a riot in Saudi Arabia, stated, with exposure and relevance 0.5: a high alert."""
    assert decide(0.01, make_event(), **keys) is is_alert


def test_p_at_the_level_is_an_alert_and_above_it_none() -> None:
    assert decide(0.01, make_event())
    assert not decide(0.010001, make_event())


def test_a_session_without_an_event_is_an_alert_for_info_alone() -> None:
    assert decide(0.001, minimum_severity=Severity.INFO)
    assert not decide(0.001)
    assert not decide(0.001, minimum_severity=Severity.INFO, classes=(EventClass.RIOT,))


def test_a_single_report_alone_is_info() -> None:
    assert not decide(0.001, SINGLE)
    assert decide(0.001, SINGLE, minimum_severity=Severity.INFO)
    assert decide(0.001, SINGLE, make_event())


def test_the_severity_comes_from_the_events_that_are_left() -> None:
    """The riot of exposure 0.5 is left out by its relevance; the other one is of exposure 0.1, so medium."""
    calm = make_event("calm", exposure=0.1, relevance=0.9)
    assert decide(0.01, make_event(), calm, minimum_severity=Severity.HIGH)
    assert not decide(0.01, make_event(), calm, minimum_severity=Severity.HIGH, minimum_relevance=0.6)
    assert decide(0.01, make_event(), calm, minimum_relevance=0.6)


def test_an_unknown_exposure_passes_the_least_exposure() -> None:
    assert decide(0.01, make_event(exposure=None), minimum_exposure=0.9)


def test_the_largest_p_of_an_alert_is_the_level_or_that_of_critical() -> None:
    session = make_session(0, 0.5, make_event())
    levels = {
        severity: AlertPolicy(name="", alert_level=0.01, minimum_severity=severity).find_largest_p(session)
        for severity in Severity
    }
    assert levels == {
        Severity.INFO: 0.01,
        Severity.MEDIUM: 0.01,
        Severity.HIGH: 0.01,
        Severity.CRITICAL: pytest.approx(0.003),
    }
    assert AlertPolicy(name="", alert_level=0.01, minimum_exposure=0.6).find_largest_p(session) == 0.0


def test_a_budget_is_spent_as_alerts_come_and_no_window_holds_more() -> None:
    places = [0, 1, 2, 3, 10, 11, 12, 13, 20]
    kept = list(Budget(2, 10).limit(places))

    assert kept == [0, 1, 10, 11, 20]
    assert all(sum(start <= each < start + 10 for each in kept) <= 2 for start in range(21))


def test_a_later_alert_never_changes_which_earlier_ones_a_budget_keeps() -> None:
    places = list(range(0, 300, 7))
    kept = list(Budget(3, 63).limit(places))
    for cut in range(0, 300, 13):
        before = [each for each in places if each < cut]
        assert list(Budget(3, 63).limit(before)) == [each for each in kept if each < cut]


def test_a_single_report_that_is_left_alone_by_a_filter_is_info() -> None:
    weak = make_event("weak", relevance=0.1)
    assert decide(0.001, SINGLE, weak)
    assert not decide(0.001, SINGLE, weak, minimum_relevance=0.3)
    assert decide(0.001, SINGLE, weak, minimum_relevance=0.3, minimum_severity=Severity.INFO)
