"""How an alert stands: when what it said no longer holds, and when its thread is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.notify.alerts import (
    CALM_TEST,
    CASES,
    EVENT,
    FIRST_BAR,
    GONE,
    INTRADAY,
    NOT_ABNORMAL,
    REOPEN_TEST,
    REOPENS_AT,
    SETTLEMENT_TEST,
    UNTESTED_REOPEN,
    alert,
    final_alert,
    heads_up_alert,
    reopen_alert,
    settled_alert,
)

from brentwatch.core.domain import Severity, Stage, Standing
from brentwatch.message.alert_state import (
    find_newest_answer,
    is_closed,
    is_withdrawn,
    select_events_before,
)

CALM = replace(SETTLEMENT_TEST, **NOT_ABNORMAL)


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [
        ({}, False),
        ({"tests": (CALM,)}, True),
        ({"tests": ()}, True),
        (GONE, True),
        ({**GONE, "severity": Severity.INFO}, False),
        ({"events": (), "events_total": 30}, False),
    ],
)
def test_it_is_withdrawn_when_no_test_is_abnormal_or_its_events_are_gone(
    changes: dict[str, Any], withdrawn: bool
) -> None:
    assert is_withdrawn(alert(**changes)) is withdrawn


def test_a_settlement_that_is_not_abnormal_withdraws_no_earlier_stage() -> None:
    assert not is_withdrawn(settled_alert(tests=(REOPEN_TEST, CALM_TEST)))


def test_a_heads_up_is_not_withdrawn_by_a_calm_price_but_with_its_events() -> None:
    assert not is_withdrawn(reopen_alert(tests=(CALM_TEST,), severity=None))
    assert is_withdrawn(heads_up_alert(**GONE))


def test_an_alert_within_the_session_always_had_an_event() -> None:
    assert is_withdrawn(replace(INTRADAY, **GONE, severity=Severity.INFO))


def test_it_is_closed_when_its_last_window_is_complete_or_it_was_withdrawn() -> None:
    assert [name for name, each in CASES.items() if is_closed(each)] == [
        "final",
        "withdrawn_event",
        "withdrawn_move",
        "ended_quietly",
        "thread_final",
        "thread_final_calm",
    ]


def test_a_window_that_is_not_complete_does_not_close_it() -> None:
    (*others, last, after) = CASES["final"].windows
    open_still = replace(
        CASES["final"], stage=Stage.SETTLEMENT, windows=(*others, replace(last, observed=4), after)
    )
    assert not is_closed(open_still)


def test_a_re_open_came_after_the_news_of_its_break_and_not_after_later_news() -> None:
    late = replace(EVENT, event_id="desk:late", known_at=FIRST_BAR)
    before = replace(EVENT, event_id="desk:early", known_at=REOPENS_AT)
    found = select_events_before(reopen_alert(events=(late, before, EVENT), events_total=3))
    assert [each.event_id for each in found] == ["desk:early", "desk:attack"]


def test_before_a_test_the_event_of_the_heads_up_comes_first_and_single_reports_never_come() -> None:
    other = replace(EVENT, event_id="desk:other")
    single = replace(EVENT, event_id="gdelt:1", standing=Standing.SINGLE)
    found = select_events_before(heads_up_alert(events=(single, other, EVENT), events_total=3))
    assert [each.event_id for each in found] == ["desk:attack", "desk:other"]


def test_the_newest_answer_is_the_last_one_of_the_stage_also_one_that_was_not_tested() -> None:
    assert find_newest_answer(CASES["settled"]) == CASES["settled"].tests[-1]
    assert find_newest_answer(CASES["first_hour"]) == CASES["first_hour"].tests[-1]
    assert find_newest_answer(CASES["reopen_untested"]) == UNTESTED_REOPEN
    assert find_newest_answer(heads_up_alert()) is None
    assert find_newest_answer(final_alert()) is None
