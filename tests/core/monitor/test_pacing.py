"""Alerts are revised rarely if news only repeats, and at once if it changes the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.core.desk import FIRST, TAJIKISTAN, Desk, at, bar, event, session, update
from tests.core.intraday_desk import FineDesk, new_york, slot, today

from brentwatch.core.domain import BRENT_FRONT, Bar, Cause, PriceUpdate, Standing, Status
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot

if TYPE_CHECKING:
    from brentwatch.core.domain import EventAdmitted

SETTLED, EARLIER = at(FIRST, 20), at(FIRST, 10)


def retold(revision: int, minutes: int, **changes: Any) -> EventAdmitted:
    """The attack in another revision, so many minutes after the alert."""
    known_at = SETTLED + timedelta(minutes=minutes)
    made = event("desk:attack", known_at, revision=revision, status=Status.UPDATE, summary=f"told {revision}")
    return replace(made, event=replace(made.event, **changes))


def alerted() -> Desk:
    desk = Desk()
    desk.tell(event("desk:attack", at(FIRST)))
    desk.settle(0, 0.08)
    return desk


def test_forty_updates_in_a_row_bring_two_messages_and_the_last_word_at_the_settlement() -> None:
    desk = alerted()
    desk.tell(*[retold(number, number // 2) for number in range(1, 41)])
    assert [each.events[0].summary for each in desk.alerts()] == ["", "told 1"]

    desk.settle(1)
    assert desk.alerts()[-1].events[0].summary == "told 40"
    assert len(desk.alerts()) == 3


def test_at_most_six_between_two_settlements() -> None:
    desk = alerted()
    desk.tell(*[retold(number, 31 * number) for number in range(1, 21)])
    first = len(desk.alerts())
    desk.settle(1)
    desk.tell(*[retold(20 + number, 2_000 + 31 * number) for number in range(1, 21)])

    assert first == 1 + 6
    assert len(desk.alerts()) == first + 1 + 6


def test_half_an_hour_is_counted_by_when_it_was_known() -> None:
    desk = alerted()
    desk.tell(retold(1, 0), retold(2, 29), retold(3, 30))

    assert [each.events[0].summary for each in desk.alerts()] == ["", "told 1", "told 3"]


def test_what_changes_the_picture_is_sent_at_once() -> None:
    desk = alerted()
    desk.tell(retold(1, 0))
    sent = len(desk.alerts())
    single = replace(event("gdelt:one", EARLIER, TAJIKISTAN), standing=Standing.SINGLE)
    desk.tell(single)
    assert len(desk.alerts()) == sent

    desk.tell(replace(single, event=replace(single.event, revision=1), standing=Standing.CORROBORATED))
    assert len(desk.alerts()) == sent  # it was never sent as a single report, so nothing rose for a reader
    desk.tell(event("desk:second", EARLIER, TAJIKISTAN))
    desk.tell(replace(event("desk:aaa", at(FIRST, 1)), standing=Standing.STATED))
    assert [each.cause for each in desk.alerts()[sent:]] == [Cause.EVENT_JOINED] * 2

    desk.tell(event("desk:second", EARLIER, TAJIKISTAN, revision=1, status=Status.RETRACT))
    desk.tell(update(bar(FIRST, desk.close * 1.01), known_at=SETTLED))
    assert [each.cause for each in desk.alerts()[-2:]] == [Cause.EVENT_WITHDRAWN, Cause.PRICE_REVISION]


def test_a_listed_event_that_rises_is_reported_at_once() -> None:
    desk = alerted()
    single = replace(event("gdelt:one", EARLIER, TAJIKISTAN), standing=Standing.SINGLE)
    desk.tell(single)
    desk.tell(replace(single, event=replace(single.event, revision=1), standing=Standing.CORROBORATED))

    assert [each.standing for each in desk.alerts()[-1].events] == [Standing.STATED, Standing.CORROBORATED]
    assert len(desk.alerts()) == 3


def test_what_is_held_back_goes_out_with_the_next_revision_and_is_no_news_again() -> None:
    desk = alerted()
    desk.tell(retold(1, 0), retold(2, 1), event("desk:second", EARLIER))
    assert desk.alerts()[-1].events[0].summary == "told 2"
    sent = len(desk.alerts())
    assert not any(each.pace.holds for each in desk.state.threads.values())

    desk.settle(1)
    assert [each.cause for each in desk.alerts()[sent:]] == [Cause.WINDOW]


def test_what_is_held_back_after_the_last_window_goes_out_with_the_next_settlement() -> None:
    desk = alerted()
    for number in range(1, 10):
        desk.settle(number)
    desk.tell(retold(1, 0), retold(2, 1))
    sent = len(desk.alerts())
    desk.settle(10)

    assert [each.events[0].summary for each in desk.alerts()[sent - 1 :]] == ["told 1", "told 2"]


def test_a_restored_state_goes_on_at_the_same_pace() -> None:
    desk = alerted()
    desk.tell(retold(1, 0), retold(2, 1))
    again = Desk(assemble_state(desk.state.rules, take_snapshot(desk.state)))
    again._close = desk.close
    sent = len(desk.alerts())
    for each in (desk, again):
        each.tell(retold(3, 2))
        each.settle(1)

    assert again.alerts() == desk.alerts()[sent:]


def test_an_alert_within_the_session_holds_back_until_its_session_settles() -> None:
    desk = FineDesk(bars=today(0.05, slot(9, 50)))
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", new_york(9, 42)))
    desk.trade(new_york(11))
    sent = len(desk.within())
    for number in range(1, 41):
        desk.tell(event("desk:attack", new_york(11, number), revision=number, summary=f"told {number}"))
    assert [each.events[0].summary for each in desk.within()[sent:]] == ["told 1", "told 31"]

    desk.tell(_settle(session_close=90.0))
    assert desk.within()[-1].events[0].summary == "told 40"
    assert len(desk.within()) == sent + 3


def _settle(session_close: float) -> PriceUpdate:
    """The settlement of today, of the instrument's daily series."""
    series = BRENT_FRONT.series
    day = series.find_session_after(new_york(11))
    closes_at = series.closes_at(day)
    only = Bar(session=day, closes_at=closes_at, close=session_close)
    return PriceUpdate(series=series.name, bars=(only,), complete_through=closes_at, known_at=closes_at)


def test_sessions_far_apart_do_not_share_a_pace() -> None:
    desk = alerted()
    desk.tell(event("desk:next", at(session(1))))
    desk.settle(1, -0.08)
    desk.tell(retold(1, 3_000), event("desk:next", at(session(1), 22), revision=1, summary="other"))

    assert [each.session for each in desk.alerts()[-2:]] == [FIRST, session(1)]
