"""How an alert stands: when what it said no longer holds, and when its thread is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.notify.alerts import CASES, GONE, HEADLINE_TEST, INTRADAY, alert

from brentwatch.core.domain import Severity
from brentwatch.message.alert_state import is_closed, is_withdrawn


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [
        ({}, False),
        ({"below_level": False}, True),
        (GONE, True),
        ({**GONE, "severity": Severity.INFO}, False),
        ({"events": (), "events_total": 30}, False),
    ],
)
def test_it_is_withdrawn_when_the_move_is_normal_or_its_events_are_gone(
    changes: dict[str, Any], withdrawn: bool
) -> None:
    assert is_withdrawn(alert(**changes)) is withdrawn


def test_an_alert_within_the_session_always_had_an_event() -> None:
    assert is_withdrawn(replace(INTRADAY, **GONE, severity=Severity.INFO))


def test_it_is_closed_when_its_last_window_is_complete_or_it_was_withdrawn() -> None:
    assert [name for name, each in CASES.items() if is_closed(each)] == [
        "final",
        "withdrawn_event",
        "withdrawn_move",
    ]


def test_within_the_session_the_sixty_minutes_close_it() -> None:
    hour = replace(HEADLINE_TEST, observed=12, planned=12)
    assert is_closed(replace(INTRADAY, windows=(hour,)))


def test_a_window_that_is_not_complete_does_not_close_it() -> None:
    (*others, last, after) = CASES["final"].windows
    assert not is_closed(replace(CASES["final"], windows=(*others, replace(last, observed=4), after)))
