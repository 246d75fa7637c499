"""Single reports open no test and no severity; an event is placed once, when its standing first rises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.core.desk import FIRST, SAUDI_ARABIA, TAJIKISTAN, Desk, at, event, session, studies
from tests.core.intraday_desk import FineDesk, new_york, slot, today

from brentwatch.core.domain import EventClass, Severity, Standing, Status

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain import EventAdmitted

SINGLE, CORROBORATED = Standing.SINGLE, Standing.CORROBORATED


def report(standing: Standing, known_at: datetime, revision: int = 0, **changes: Any) -> EventAdmitted:
    return replace(event("gdelt:attack", known_at, revision=revision, **changes), standing=standing)


def moved(*, corroborated: bool) -> FineDesk:
    """A single report at 10:00, perhaps a second headline at 10:30, and a move at 10:40."""
    desk = FineDesk(bars=today(0.05, slot(10, 40)))
    desk.trade(new_york(9, 55))
    desk.tell(report(SINGLE, new_york(10)))
    desk.trade(new_york(10, 25))
    if corroborated:
        desk.tell(report(CORROBORATED, new_york(10, 30), 1))
    return desk


def test_a_second_headline_places_the_event_and_the_move_after_it_is_alerted() -> None:
    desk = moved(corroborated=True)
    desk.trade(new_york(10, 55))
    (alert,) = desk.within()

    (window,) = [each.window for each in alert.tests]
    assert (window.begins_at, window.news_at) == (new_york(10, 30), new_york(10, 30))
    assert (alert.severity, window.number) == (Severity.CRITICAL, 1)
    assert [(each.event_id, each.standing) for each in alert.events] == [("gdelt:attack", CORROBORATED)]


def test_a_single_report_opens_no_test_and_takes_no_slot() -> None:
    desk = moved(corroborated=False)
    desk.trade(new_york(12))

    assert desk.windows() == []
    assert not desk.state.intraday.tests
    assert [each.event_id for each in studies(desk.effects)[-1].events] == ["gdelt:attack"]


def test_the_session_of_an_event_that_rises_is_that_of_its_first_report() -> None:
    desk = Desk()
    desk.tell(report(SINGLE, at(FIRST)), report(CORROBORATED, at(session(1)), 1))

    assert desk.headline(FIRST).events[0].standing is CORROBORATED
    assert list(desk.state.expected) == [FIRST]


def test_later_revisions_move_nothing_and_a_retraction_gives_no_test_back() -> None:
    desk = moved(corroborated=True)
    before = dict(desk.state.intraday.tests)
    desk.tell(report(Standing.STATED, new_york(10, 35), 2), report(SINGLE, new_york(10, 40), 3))
    placed = [each.begins_at for each in desk.state.intraday.openings.values()]
    desk.tell(report(CORROBORATED, new_york(10, 45), 4, status=Status.RETRACT))

    assert placed == [new_york(10, 30)]
    assert dict(desk.state.intraday.tests) == before
    assert [each.slots for each in before.values()] == [(slot(10, 30),)]


def test_standing_that_fell_in_a_later_revision_stays() -> None:
    desk = Desk()
    desk.tell(report(CORROBORATED, at(FIRST)), report(SINGLE, at(FIRST, 10), 1))

    assert desk.headline(FIRST).events[0].standing is CORROBORATED


def test_two_events_of_one_bar_share_it_and_the_larger_one_opens_its_test() -> None:
    desk = FineDesk(bars=today(0.05, slot(12, 5)))
    desk.tell(event("desk:first", new_york(8), event_class=EventClass.PROTEST))
    desk.trade(new_york(11, 55))
    desk.tell(event("desk:small", new_york(12, 1), TAJIKISTAN), event("desk:attack", new_york(12, 2)))
    desk.trade(new_york(12, 20))
    (alert,) = desk.within()

    assert alert.lead is not None
    assert (alert.lead.window.number, alert.lead.window.begins_at) == (2, new_york(12, 5))
    assert [each.event_id for each in alert.events] == ["desk:attack", "desk:first", "desk:small"]


def test_a_move_with_single_reports_alone_is_info_and_rises_with_an_event_that_stands() -> None:
    desk = Desk()
    desk.tell(report(SINGLE, at(FIRST)))
    desk.settle(0, 0.08)
    desk.tell(report(CORROBORATED, at(FIRST, 10), 1))
    alone, risen = desk.alerts()

    assert (alone.severity, alone.singles, alone.exposure) == (Severity.INFO, 1, None)
    assert (risen.severity, risen.singles, risen.exposure) == (Severity.CRITICAL, 0, SAUDI_ARABIA.weight)
