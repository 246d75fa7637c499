"""The stages of a thread: who is told of a heads-up, of its outcome, and of an alert that came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.notify.alerts import (
    CALM_REOPEN_TEST,
    CALM_TEST,
    FRONT_TEST,
    GONE,
    REOPEN_TEST,
    final_alert,
    heads_up_alert,
    provisional_alert,
    reopen_alert,
    settled_alert,
    within_alert,
)
from tests.notify.desk import Desk, make_route
from tests.notify.memory import MemoryChannel

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, Cause, Severity, Stage
from brentwatch.core.intraday.minutes import sum_yearly_false_alarms
from brentwatch.notify.composing import compose_message
from brentwatch.notify.messages import Look, Revisions
from brentwatch.notify.policy import ChannelSettings, Detail
from brentwatch.notify.service import build_policies
from brentwatch.notify.settings import NotifySettings
from brentwatch.wire.deliveries import AnswerKind

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert
    from brentwatch.notify.values import AlertThread

THREAD = heads_up_alert().alert_id
ALL = tuple(Stage)
CALM_REOPEN = reopen_alert(severity=None, tests=(CALM_REOPEN_TEST,))
CALM_PROVISIONAL = provisional_alert(
    severity=None, tests=(CALM_REOPEN_TEST, replace(CALM_TEST, stage=Stage.PROVISIONAL))
)
CALM_SETTLEMENT = settled_alert(severity=None, tests=(CALM_REOPEN_TEST, CALM_TEST))
CALM_END = final_alert(severity=None, tests=(CALM_REOPEN_TEST, CALM_TEST))
QUIET = (CALM_REOPEN, CALM_PROVISIONAL, CALM_SETTLEMENT, CALM_END)
"""The revisions after a heads-up of which nothing came."""


def name(alert: Alert, channel: str = "chat") -> str:
    return f"{channel}:{THREAD}:{alert.revision}"


def thread_of(desk: Desk) -> AlertThread:
    found: AlertThread = desk.values["thread"][THREAD]
    return found


def send(desk: Desk, *alerts: Alert) -> list[tuple[str, bool]]:
    """The stage of each revision that a channel was sent, and whether it pinged; each is accepted."""
    sent = []
    for alert in alerts:
        desk.publish(alert)
        sent += [(alert.stage.value, each.pings) for each in desk.pending.values() if each.root is not None]
        desk.accept()
    return sent


# Route.


@pytest.mark.parametrize(("stages", "reason"), [(ALL, None), (ALL[1:], "stage"), (("heads-up",), None)])
def test_a_heads_up_goes_to_who_names_it_whatever_severity_they_want(
    stages: tuple[Stage, ...], reason: str | None
) -> None:
    desk = Desk(make_route(stages=stages, minimum=Severity.CRITICAL))
    desk.publish(heads_up_alert())
    assert list(desk.pending) == ([] if reason else [name(heads_up_alert())])
    assert desk.totals.suppressed == ({reason: 1} if reason else {})


def test_who_got_no_heads_up_hears_nothing_of_one_that_ends_quietly() -> None:
    desk = Desk(make_route())
    desk.publish(heads_up_alert(), *QUIET)
    assert not desk.pending
    assert desk.totals.suppressed == {"stage": 5}


def test_who_got_no_heads_up_gets_the_alert_that_comes_of_it_as_a_first_message() -> None:
    desk = Desk(make_route())
    desk.publish(heads_up_alert(), reopen_alert())
    assert [(each.root, each.pings) for each in desk.pending.values()] == [(None, True)]


@pytest.mark.parametrize("revisions", Revisions)
@pytest.mark.parametrize("outcome", [CALM_SETTLEMENT, settled_alert(severity=Severity.MEDIUM)])
def test_who_got_the_heads_up_learns_the_outcome_whatever_severity_they_want(
    revisions: Revisions, outcome: Alert
) -> None:
    desk = Desk(make_route(revisions=revisions, stages=("heads-up",), minimum=Severity.CRITICAL))
    desk.publish(heads_up_alert())
    desk.accept()
    desk.publish(outcome)
    assert list(desk.pending) == [name(outcome)]


@pytest.mark.parametrize(
    ("alert", "stages", "is_sent"),
    [
        (within_alert(), ("within",), True),
        (within_alert(), ("settlement",), False),
        (provisional_alert(), ("re-open",), True),
        (provisional_alert(), ("settlement", "final"), False),
        (settled_alert(), ("settlement",), True),
        (settled_alert(tests=(REOPEN_TEST, CALM_TEST)), ("settlement",), False),
        (final_alert(tests=(REOPEN_TEST, CALM_TEST)), ("settlement",), False),
        (final_alert(tests=(REOPEN_TEST, CALM_TEST)), ("final",), True),
        (CALM_END, ("settlement", "final"), False),
    ],
)
def test_an_alert_goes_to_who_names_the_stage_of_an_abnormal_test_or_its_end(
    alert: Alert, stages: tuple[str, ...], is_sent: bool
) -> None:
    desk = Desk(make_route(stages=stages))
    desk.publish(alert)
    assert bool(desk.pending) is is_sent


# Compare.


def test_a_heads_up_that_ends_quietly_is_edited_at_each_stage_and_pings_nobody() -> None:
    desk = Desk(make_route(stages=ALL))
    desk.publish(heads_up_alert())
    desk.accept()
    assert send(desk, *QUIET) == [
        ("re-open", False),
        ("provisional", False),
        ("settlement", False),
        ("final", False),
    ]
    assert thread_of(desk).channels["chat"].is_closed


def test_where_nothing_can_be_edited_a_quiet_heads_up_has_one_follow_up_at_the_settlement() -> None:
    desk = Desk(make_route(revisions=Revisions.FOLLOW_UP, stages=ALL))
    desk.publish(heads_up_alert())
    desk.accept()
    assert send(desk, *QUIET) == [("settlement", False)]


def test_a_heads_up_whose_news_is_withdrawn_says_so_and_pings_nobody() -> None:
    desk = Desk(make_route(revisions=Revisions.FOLLOW_UP, stages=ALL))
    desk.publish(heads_up_alert())
    desk.accept()
    gone = heads_up_alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **GONE)
    assert send(desk, gone) == [("heads-up", False)]
    assert thread_of(desk).channels["chat"].is_withdrawn


@pytest.mark.parametrize("revisions", [Revisions.EDIT, Revisions.FOLLOW_UP])
def test_a_heads_up_that_becomes_an_alert_pings_however_often_it_was_sent(revisions: Revisions) -> None:
    desk = Desk(make_route(revisions=revisions, stages=ALL))
    desk.publish(heads_up_alert())
    desk.accept()
    for again in range(3):
        desk.answer(AnswerKind.RESEND, id=f"again-{again}", thread=THREAD)
        desk.accept()
    assert send(desk, reopen_alert()) == [("re-open", True)]


def test_the_settlement_answers_an_earlier_alert_also_where_nothing_can_be_edited() -> None:
    desk = Desk(make_route(revisions=Revisions.FOLLOW_UP))
    desk.publish(reopen_alert())
    desk.accept()
    calm = settled_alert(tests=(REOPEN_TEST, CALM_TEST))
    later = replace(calm, revision=6, exposure=0.4)
    assert send(desk, provisional_alert(tests=(REOPEN_TEST,)), calm, later) == [("settlement", False)]


def test_a_settlement_that_is_not_abnormal_withdraws_no_re_open() -> None:
    desk = Desk()
    desk.publish(reopen_alert(), settled_alert(tests=(REOPEN_TEST, CALM_TEST)))
    shown = thread_of(desk).channels["chat"]
    assert not shown.is_withdrawn
    assert not shown.is_closed


def test_a_thread_is_one_message_from_its_heads_up_to_its_end() -> None:
    desk = Desk(make_route(stages=ALL))
    thread = heads_up_alert(), reopen_alert(), provisional_alert(), settled_alert(), final_alert()
    roots = []
    for alert in thread:
        desk.publish(alert)
        roots += [each.root is None for each in desk.pending.values()]
        desk.accept()
    assert roots == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("alert", "look"),
    [
        (heads_up_alert(), Look.HEADS_UP),
        (CALM_SETTLEMENT, Look.HEADS_UP),
        (CALM_END, Look.CLOSED),
        (reopen_alert(), Look.HIGH),
    ],
)
def test_a_heads_up_has_a_look_of_its_own_until_it_is_an_alert_or_over(alert: Alert, look: Look) -> None:
    desk = Desk(make_route(stages=ALL))
    desk.publish(alert)
    ((key, pending),) = desk.pending.items()
    message, left_out = compose_message(key, pending, ChannelSettings(), MemoryChannel(), None)
    assert message.look is look
    assert left_out == ""


def test_a_heads_up_has_no_chart_and_nothing_is_said_to_be_left_out() -> None:
    desk, channel = Desk(make_route(stages=ALL)), MemoryChannel()
    channel.shows_chart = True
    desk.publish(heads_up_alert())
    ((key, pending),) = desk.pending.items()
    message, left_out = compose_message(key, pending, ChannelSettings(), channel, None)
    assert (message.png, left_out) == (None, "")


# Hold.


def test_quiet_hours_hold_a_heads_up_back_and_its_outcome_reaches_who_read_the_digest() -> None:
    route = make_route(
        stages=("heads-up",), minimum=Severity.CRITICAL, quiet_from="11:00", quiet_until="13:00"
    )
    desk = Desk(route)
    desk.publish(heads_up_alert())
    assert not desk.pending
    desk.pass_time(hours=1)
    (digest,) = desk.pending.values()
    assert digest.lock_screen == "1 heads-up held back"
    assert digest.card.startswith("HEADS-UP")
    assert digest.severity is None
    desk.accept()
    desk.publish(settled_alert(severity=Severity.MEDIUM))
    assert list(desk.pending) == [name(settled_alert())]


def test_a_digest_tells_what_came_of_a_heads_up_that_it_held_back() -> None:
    desk = Desk(make_route(stages=("heads-up",), minimum=Severity.CRITICAL, digest_minutes=10))
    desk.publish(heads_up_alert(), settled_alert(severity=Severity.MEDIUM))
    desk.pass_time(minutes=10)
    (digest,) = desk.pending.values()
    assert digest.lock_screen == "1 alert held back, the loudest medium"
    assert "MEDIUM" in digest.card


def test_a_digest_counts_heads_ups_apart_and_lists_them_last() -> None:
    desk = Desk(make_route(stages=ALL, digest_minutes=10))
    others = [heads_up_alert(alert_id=f"other-{number}") for number in range(2)]
    desk.publish(reopen_alert(alert_id="loud"), *others)
    desk.pass_time(minutes=10)
    (digest,) = desk.pending.values()
    assert digest.lock_screen == "1 alert and 2 heads-ups held back, the loudest high"
    assert ["HEADS-UP" in line for line in digest.card.split("\n")] == [False, True, True]


def test_an_old_heads_up_comes_in_a_digest() -> None:
    desk = Desk(make_route(stages=ALL))
    desk.publish(heads_up_alert(), age=timedelta(days=1))
    desk.pass_time(minutes=1)
    assert [each.lock_screen for each in desk.pending.values()] == ["1 heads-up held back"]


# Fallback, acknowledgement, feedback.


def open_with_fallback(**settings: Any) -> Desk:
    return Desk(
        make_route(stages=ALL, fallback="pager", fallback_minutes=10, **settings),
        make_route("pager", is_fallback_only=True),
    )


def test_a_heads_up_wakes_nobody_by_a_fallback_and_the_alert_of_it_does() -> None:
    desk = open_with_fallback()
    desk.publish(heads_up_alert())
    desk.accept()
    desk.publish(CALM_REOPEN)
    desk.accept()
    assert not desk.timers
    desk.publish(replace(reopen_alert(), revision=3))
    desk.accept()
    desk.pass_time(minutes=10)
    assert [each.channel for each in desk.pending.values()] == ["pager"]


def test_a_heads_up_in_a_digest_wakes_nobody_by_a_fallback() -> None:
    desk = open_with_fallback(digest_minutes=5)
    desk.publish(heads_up_alert())
    desk.pass_time(minutes=5)
    desk.accept()
    assert not desk.timers


def test_who_acknowledged_a_heads_up_has_not_acknowledged_the_alert() -> None:
    desk = open_with_fallback()
    desk.publish(heads_up_alert())
    desk.accept()
    desk.answer(AnswerKind.ACKNOWLEDGE, thread=THREAD)
    desk.accept()
    desk.publish(reopen_alert())
    assert [each.note for each in desk.pending.values()] == [""]
    desk.accept()
    desk.pass_time(minutes=10)
    assert [each.channel for each in desk.pending.values()] == ["pager"]


def test_an_acknowledged_alert_stays_acknowledged_at_the_next_stage() -> None:
    desk = open_with_fallback()
    desk.publish(reopen_alert())
    desk.accept()
    desk.answer(AnswerKind.ACKNOWLEDGE, thread=THREAD)
    desk.accept()
    desk.publish(settled_alert(tests=(REOPEN_TEST, FRONT_TEST), severity=Severity.CRITICAL))
    assert [each.note for each in desk.pending.values()] == ["Acknowledged by anna at 12:00 UTC, 5 January"]


def test_what_people_said_of_a_thread_counts_for_the_severity_that_it_has() -> None:
    desk = Desk(make_route(stages=ALL))
    desk.publish(heads_up_alert())
    desk.answer(AnswerKind.USEFUL, thread=THREAD)
    assert desk.totals.feedback == {"heads-up": (1, 1)}
    desk.publish(reopen_alert())
    desk.answer(AnswerKind.FALSE_ALARM, thread=THREAD)
    assert desk.totals.feedback == {"heads-up": (0, 0), "high": (1, 0)}


def test_a_full_message_tells_the_false_alarms_of_all_instruments() -> None:
    yearly = sum_yearly_false_alarms((BRENT_SPOT, BRENT_FRONT))
    route = build_policies(NotifySettings(), {"terminal": MemoryChannel()}, yearly).routes["terminal"]
    desk = Desk(make_route(stages=ALL))
    desk.publish(final_alert())
    ((key, pending),) = desk.pending.items()
    settings = ChannelSettings(detail=Detail.FULL)
    told, _ = compose_message(key, pending, settings, MemoryChannel(), None, route.yearly_false_alarms)

    assert "All instruments together: at most 5.1 false alarms a year" in told.detail
