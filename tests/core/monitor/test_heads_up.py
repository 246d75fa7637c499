"""A heads-up: news that matters opens a thread before any test, rarely, and never with a price."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.desk import FIRST, TAJIKISTAN, Desk, at, event, session
from tests.core.thread_desk import (
    MONDAY,
    REOPENS,
    SATURDAY,
    SETTLES,
    ThreadDesk,
    list_sessions,
    monday,
    settlement,
    silent,
    warmed_thread,
)

from brentwatch.core.domain import (
    Cause,
    EventClass,
    Exposure,
    HeadsUpRecord,
    Stage,
    Standing,
    Status,
)
from brentwatch.core.monitor.pacing import REFILL, HeadsUpBudget

if TYPE_CHECKING:
    from brentwatch.core.domain import EventAdmitted

ATTACK = event("desk:attack", at(FIRST))


def admitted(**changes: Any) -> EventAdmitted:
    """The attack, with changes of what the screen measured."""
    return replace(ATTACK, **changes)


def told(**changes: Any) -> EventAdmitted:
    """The attack, with changes of the event."""
    return replace(ATTACK, event=replace(ATTACK.event, **changes))


def is_announced(*signals: EventAdmitted) -> bool:
    desk = Desk()
    desk.tell(*signals)
    return bool(desk.heads_ups())


@pytest.mark.parametrize(
    "signal",
    [
        ATTACK,
        admitted(standing=Standing.CORROBORATED),
        admitted(exposure=TAJIKISTAN, nearness=0.5),
        admitted(exposure=None, nearness=0.5),
        told(novelty=1.0),
        told(event_class=EventClass.CEASEFIRE),
        told(event_class=EventClass.SUPPLY_RESTORED),
        told(event_class=EventClass.RIOT),
    ],
)
def test_news_near_oil_that_is_new_and_stands_is_announced(signal: EventAdmitted) -> None:
    assert is_announced(signal)


@pytest.mark.parametrize(
    "signal",
    [
        admitted(standing=Standing.SINGLE),
        admitted(exposure=TAJIKISTAN, nearness=0.49),
        admitted(exposure=Exposure(country="COL", production_kbd=250.0)),
        admitted(exposure=None),
        told(novelty=0.5),
        told(event_class=EventClass.PROTEST),
        told(event_class=EventClass.OTHER),
        told(status=Status.RETRACT),
    ],
)
def test_news_of_little_weight_is_not(signal: EventAdmitted) -> None:
    assert not is_announced(signal)


def test_a_single_report_is_announced_when_a_second_headline_comes() -> None:
    desk = Desk()
    desk.tell(admitted(standing=Standing.SINGLE))
    assert desk.thread() == []

    later = told(revision=1, known_at=at(FIRST, 11))
    desk.tell(replace(later, standing=Standing.CORROBORATED))
    (alert,) = desk.heads_ups()
    assert alert.heads_up is not None
    assert (alert.heads_up.known_at, alert.cause) == (at(FIRST, 11), Cause.OPENED)


def test_a_heads_up_is_news_alone_without_a_test_or_a_price() -> None:
    desk = ThreadDesk()
    desk.tell(event("desk:saturday", SATURDAY))
    (alert,) = desk.thread()

    assert (alert.stage, alert.severity, alert.lead) == (Stage.HEADS_UP, None, None)
    assert (alert.tests, alert.untested, alert.windows) == ((), (), ())
    assert f"{desk.last_close:.2f}"[:4] not in repr(alert)
    assert [each.event_id for each in alert.events] == ["desk:saturday"]
    assert not alert.is_abnormal


def test_it_says_when_trade_opens_again_and_what_gap_the_test_would_find() -> None:
    desk = ThreadDesk()
    desk.tell(event("desk:saturday", SATURDAY))
    heads_up = desk.heads_ups()[0].heads_up

    assert heads_up is not None
    assert (heads_up.event_id, heads_up.reopens_at) == ("desk:saturday", REOPENS)
    assert heads_up.detectable == pytest.approx(0.0323, abs=1e-4)
    assert [each.at for each in desk.heads_ups()[0].upcoming][:4] == [
        REOPENS + timedelta(minutes=5 + 15),  # bars are seen a quarter of an hour late
        REOPENS + timedelta(minutes=60 + 15),
        SETTLES + timedelta(minutes=15),
        SETTLES + timedelta(hours=3),
    ]


def test_while_trade_is_open_it_names_no_re_open() -> None:
    desk = ThreadDesk()
    desk.trade(monday(9))
    desk.tell(event("desk:morning", monday(9, 2)))
    heads_up = desk.heads_ups()[0].heads_up

    assert heads_up is not None
    assert (heads_up.reopens_at, heads_up.detectable) == (None, None)


@pytest.mark.parametrize(("day", "is_promised"), [(29, True), (30, False)])
def test_on_roll_days_no_gap_is_promised_to_be_found(day: int, *, is_promised: bool) -> None:
    """The news comes in the nightly break; the session after that of the 30th is the last of the month."""
    desk = ThreadDesk([])
    for each in list_sessions(10, date(2024, 5, 30))[2:]:
        if each.day <= day:
            desk.settle_at(each)
    known_at = datetime(2024, 5, day, 21, 30, tzinfo=UTC)
    desk.tell(event("desk:night", known_at))
    heads_up = desk.heads_ups()[0].heads_up

    assert heads_up is not None
    assert heads_up.reopens_at == known_at + timedelta(minutes=30)
    assert (heads_up.detectable is not None) == is_promised


def test_no_second_heads_up_in_a_session() -> None:
    desk = Desk()
    desk.tell(ATTACK, event("desk:second", at(FIRST, 10)))
    (first,) = desk.heads_ups()
    desk.settle(0)
    (_, answered) = desk.heads_ups()

    assert answered.heads_up == first.heads_up
    assert (answered.cause, answered.events_total, answered.revision) == (Cause.TEST, 2, 2)
    assert desk.state.budget.tokens == 1.0


def announce_on(desk: Desk, number: int, hour: int = 9) -> bool:
    before = len(desk.state.threads)
    desk.tell(event(f"desk:{number}", at(session(number), hour)))
    return len(desk.state.threads) > before


def test_two_heads_ups_at_once_and_one_more_in_seven_days() -> None:
    desk = Desk()
    announced = []
    for number in range(10):
        announced.append(announce_on(desk, number))
        desk.settle(number)

    assert [number for number, each in enumerate(announced) if each] == [0, 1, 5]


def test_the_budget_goes_by_when_news_was_known_and_takes_no_time_back() -> None:
    budget = HeadsUpBudget().spend(at(FIRST))
    assert budget is not None
    budget = budget.spend(at(FIRST) - timedelta(days=30))
    assert budget == HeadsUpBudget(0.0, at(FIRST))
    assert budget.spend(at(FIRST) + REFILL - timedelta(minutes=1)) is None
    assert budget.spend(at(FIRST) + REFILL) == HeadsUpBudget(0.0, at(FIRST) + REFILL)
    later = budget.spend(at(FIRST) + 9 * REFILL)
    assert later is not None
    assert later.tokens == 1.0


def test_an_event_without_a_token_is_listed_with_the_sessions_alert() -> None:
    desk = Desk()
    for number in range(2):
        announce_on(desk, number)
        desk.settle(number)
    assert not announce_on(desk, 2)

    desk.settle(2, 0.08)
    (alert,) = desk.alerts()
    assert (alert.session, alert.heads_up, alert.cause) == (session(2), None, Cause.OPENED)
    assert [each.event_id for each in alert.events] == ["desk:2"]


def test_an_event_without_a_token_opens_none_though_nobody_hears_of_a_quiet_session() -> None:
    desk = Desk()
    for number in range(3):
        announce_on(desk, number)
        desk.settle(number)

    assert {each.session for each in desk.thread()} == {session(0), session(1)}


@pytest.mark.parametrize("late", [0, 4])
def test_news_of_a_session_that_has_settled_is_no_heads_up(late: int) -> None:
    desk = Desk()
    for number in range(late + 1):
        desk.settle(number)
    desk.tell(ATTACK)

    assert desk.thread() == []
    assert desk.state.budget == HeadsUpBudget()


def test_an_instrument_without_alerts_has_no_heads_up() -> None:
    desk = ThreadDesk(state=silent(warmed_thread()))
    desk.tell(event("desk:saturday", SATURDAY))

    assert (desk.thread(), len(desk.state.threads), desk.state.budget) == ([], 0, HeadsUpBudget())


def test_a_retraction_revises_a_heads_up_and_opens_nothing() -> None:
    desk = Desk()
    desk.tell(ATTACK, told(revision=1, status=Status.RETRACT))
    first, withdrawn = desk.thread()

    assert (withdrawn.cause, withdrawn.events, withdrawn.severity) == (Cause.EVENT_WITHDRAWN, (), None)
    assert (withdrawn.alert_id, withdrawn.heads_up) == (first.alert_id, first.heads_up)


@pytest.mark.parametrize(("last", "stands"), [(date(2023, 5, 31), True), (FIRST, False)])
def test_its_own_record_stands_on_it_as_far_as_it_was_known_then(last: date, *, stands: bool) -> None:
    record = HeadsUpRecord(first=date(2002, 1, 2), last=last, count=40, abnormal=9, placebo=0.006)
    desk = Desk()
    desk.state = replace(desk.state, rules=replace(desk.state.rules, heads_ups=(record,)))
    desk.tell(ATTACK)
    heads_up = desk.heads_ups()[0].heads_up

    assert heads_up is not None
    assert heads_up.record == (record if stands else None)


def test_of_a_session_without_a_price_the_heads_up_goes_on_with_its_event() -> None:
    """The source had a holiday: the first thread says so, and the next one tells the outcome."""
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(1, 0.08)
    first, gone, following = desk.thread()

    assert (gone.alert_id, gone.revision, gone.stage) == (first.alert_id, 2, Stage.SETTLEMENT)
    assert "no price came for session 2023-06-05" in gone.untested[0].reason
    assert (gone.upcoming, [each.event_id for each in gone.events]) == ((), ["desk:attack"])
    assert (following.session, following.heads_up) == (session(1), first.heads_up)
    assert (following.stage, following.cause) == (Stage.SETTLEMENT, Cause.OPENED)
    assert desk.state.budget.tokens == 1.0


def test_a_retraction_after_that_is_reported_in_both() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(1)
    sent = len(desk.thread())
    desk.tell(told(revision=1, status=Status.RETRACT, known_at=at(session(2))))

    assert [(each.session, each.events) for each in desk.thread()[sent:]] == [(session(1), ())]


def test_a_warm_up_session_ends_its_thread() -> None:
    desk = ThreadDesk()
    desk.tell(event("desk:saturday", SATURDAY))
    desk.tell(replace(settlement(MONDAY, desk.last_close), warmup=True))
    last = desk.thread()[-1]

    assert (last.stage, {each.stage for each in last.upcoming}) == (Stage.SETTLEMENT, {Stage.REOPEN})
    assert "warm-up" in last.untested[-1].reason


def known_times(desk: Desk) -> list[datetime]:
    return [each.known_at for each in desk.thread()]


def test_revisions_never_go_back_in_time() -> None:
    desk = Desk()
    desk.tell(event("desk:late", at(FIRST, 12)), event("desk:early", at(FIRST, 6)))

    assert known_times(desk) == [at(FIRST, 12), at(FIRST, 12)]
