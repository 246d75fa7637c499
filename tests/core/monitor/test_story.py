"""A Saturday attack in one thread: heads-up, re-open, windows, provisional settlement, settlement, final."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from tests.core.desk import event
from tests.core.intraday_desk import slot, told
from tests.core.thread_desk import (
    MONDAY,
    SATURDAY,
    SETTLES,
    ThreadDesk,
    bars_of_monday,
    list_sessions,
    monday,
)

from brentwatch.core.domain import (
    Alert,
    Cause,
    EventClass,
    Noted,
    ProvisionalStudy,
    SessionStudy,
    Severity,
    Stage,
)
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.wire.state import decode_saved, encode_saved

if TYPE_CHECKING:
    from brentwatch.core.domain import Effect, Signal

GAP, LATER = 0.07, 0.03
ATTACK = event("desk:attack", SATURDAY)
SECOND = event("desk:second", monday(9, 2), event_class=EventClass.WAR_ONSET)
WEEK = list_sessions(6, date(2024, 5, 28))
"""Monday and the five sessions after it that settle: Memorial Day has no settlement."""


class Restarting(ThreadDesk):
    """Starts anew from the bytes that it saved after each signal that anything was published of."""

    def tell(self, *signals: Signal) -> list[Effect]:
        told_now = super().tell(*signals)
        if any(not isinstance(each, Noted) for each in told_now):
            kept = {key: encode_saved(value) for key, value in take_snapshot(self.state).items()}
            saved = {key: decode_saved(value) for key, value in kept.items()}
            self.state = assemble_state(self.state.rules, saved)
        return told_now


def tell_story(kind: type[ThreadDesk] = ThreadDesk) -> ThreadDesk:
    """The attack, a gap of 7 %, a second event in the morning, and a settlement near that of Friday."""
    desk = kind(bars_of_monday(GAP, {slot(9, 10): LATER}))
    desk.tell(ATTACK)
    desk.trade(monday(9))
    desk.tell(SECOND)
    desk.trade(monday(17))
    desk.settle_at(MONDAY, 0.002)
    for number, day in enumerate(WEEK[1:]):
        if number == 4:  # bars of the next week come first: the re-open is older than what is kept of bars
            desk.tell(told([], through=SETTLES + timedelta(days=8)))
        desk.settle_at(day, 0.001)
    return desk


@cache
def thread() -> tuple[Alert, ...]:
    return tuple(tell_story().thread())


def test_all_stages_are_revisions_of_one_alert() -> None:
    assert {each.alert_id for each in thread()} == {alert_id("brent-front", MONDAY)}
    assert [each.revision for each in thread()] == list(range(1, len(thread()) + 1))
    assert [(each.stage, each.cause) for each in thread()] == [
        (Stage.HEADS_UP, Cause.OPENED),
        (Stage.REOPEN, Cause.TEST),
        (Stage.REOPEN, Cause.TEST),
        (Stage.REOPEN, Cause.EVENT_JOINED),
        (Stage.WITHIN, Cause.TEST),
        (Stage.WITHIN, Cause.TEST),
        (Stage.PROVISIONAL, Cause.TEST),
        (Stage.SETTLEMENT, Cause.TEST),
        (Stage.SETTLEMENT, Cause.WINDOW),
        (Stage.FINAL, Cause.WINDOW),
    ]


def test_each_stage_says_what_comes_next() -> None:
    due = [[each.stage for each in alert.upcoming] for alert in thread()]
    later = [Stage.PROVISIONAL, Stage.SETTLEMENT, Stage.FINAL]

    assert due == [
        [Stage.REOPEN, Stage.REOPEN, *later],
        [Stage.REOPEN, *later],
        later,
        [Stage.WITHIN, Stage.WITHIN, *later],
        [Stage.WITHIN, *later],
        later,
        [Stage.SETTLEMENT, Stage.FINAL],
        [Stage.FINAL],
        [Stage.FINAL],
        [],
    ]
    (final,) = thread()[-2].upcoming
    assert final.at == SETTLES + timedelta(days=8, hours=3)


def test_a_settlement_that_is_not_abnormal_withdraws_no_re_open_alert() -> None:
    settled = thread()[7]
    test, reopen = settled.find_test(Stage.SETTLEMENT), settled.find_test(Stage.REOPEN)
    assert test is not None
    assert reopen is not None

    assert (test.is_abnormal, reopen.is_abnormal, settled.is_abnormal) == (False, True, True)
    assert [each.severity for each in thread()[1:]] == [Severity.CRITICAL] * 9
    assert thread()[0].severity is None


def test_the_settlement_takes_the_place_of_the_provisional_test() -> None:
    provisional, settled = thread()[6].tests[-1], thread()[7].tests[-1]

    assert (provisional.stage, settled.stage) == (Stage.PROVISIONAL, Stage.SETTLEMENT)
    assert provisional.study_id == settled.study_id
    told_before = [Stage.REOPEN, Stage.REOPEN, Stage.WITHIN, Stage.WITHIN]
    assert [each.stage for each in thread()[7].tests] == [*told_before, Stage.SETTLEMENT]


def test_what_was_answered_from_bars_stands_to_the_end_though_they_were_let_go() -> None:
    desk = tell_story()

    assert not desk.state.intraday.openings
    assert desk.thread()[-1].tests == desk.thread()[-2].tests


def test_the_session_test_is_one_study_from_pending_to_settled() -> None:
    told_of = [
        effect.study
        for effect in tell_story().effects
        if hasattr(effect, "study")
        and effect.study.session == MONDAY
        and effect.study.study_id == thread()[7].tests[-1].study_id
    ]

    assert [type(each) for each in told_of] == [SessionStudy, SessionStudy, ProvisionalStudy, SessionStudy]
    assert [each.revision for each in told_of] == [1, 2, 3, 4]


def test_an_instance_that_restarts_between_stages_tells_the_same() -> None:
    assert tuple(tell_story(Restarting).thread()) == thread()


def test_the_second_event_is_listed_with_the_first() -> None:
    assert [each.event_id for each in thread()[3].events] == ["desk:attack", "desk:second"]
    assert [test.window.number for test in thread()[-1].tests] == [1, 1, 2, 2, None]
