"""Events join the session they belong to; what comes again, late or back changes words, never a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import (
    FIRST,
    SAUDI_ARABIA,
    TAJIKISTAN,
    Desk,
    at,
    bar,
    event,
    facts,
    found,
    outcomes,
    session,
    studies,
    update,
)

from brentwatch.core.domain import (
    BRENT_SPOT,
    LISTED_EVENTS,
    EventOutcome,
    NotYet,
    Precision,
    Refused,
    SessionStudy,
    Status,
    round_event_count,
)
from brentwatch.core.forecasts.table import SHOWN
from brentwatch.core.monitor.machine import Rules, create_state
from brentwatch.core.monitor.state import KEPT_SESSIONS

if TYPE_CHECKING:
    from brentwatch.core.domain import EventAdmitted

ATTACK = event("desk:attack", at(FIRST))


def revised(revision: int, **changes: object) -> object:
    return replace(ATTACK, event=replace(ATTACK.event, revision=revision, **changes))  # type: ignore[arg-type]


def test_before_its_session_has_settled_an_event_is_answered_with_a_pending_study() -> None:
    desk = Desk()
    (study,) = studies(desk.tell(ATTACK))

    assert (study.session, study.revision, study.events_total) == (FIRST, 1, 1)
    assert study.result == NotYet(settles_at=BRENT_SPOT.series.closes_at(FIRST))


def test_an_event_known_at_the_very_settlement_belongs_to_the_next_session() -> None:
    (study,) = studies(Desk().tell(event("desk:late", BRENT_SPOT.series.closes_at(FIRST))))

    assert study.session == session(1)


def test_an_event_of_which_only_the_day_is_known_counts_for_two_sessions() -> None:
    desk = Desk()
    told = studies(desk.tell(event("desk:day", at(FIRST, 0), precision=Precision.DAY)))

    assert [study.session for study in told] == [FIRST, session(1)]
    assert [study.events[0].by_day for study in told] == [True, True]
    assert [study.events[0].carried for study in told] == [False, True]


def dated(day: date, revision: int = 0) -> EventAdmitted:
    """An event of which nothing but the date is reported."""
    return event("desk:day", at(day, 0), precision=Precision.DAY, revision=revision)


def stands_with(desk: Desk) -> list[date]:
    """The sessions that the event waits for."""
    return sorted(day for day, record in desk.state.expected.items() if "desk:day" in record.joined)


@pytest.mark.parametrize(
    ("settles", "zone"),
    [
        (time(16, 30), "Europe/London"),
        (time(20, 30), "America/New_York"),  # 00:30 UTC of the day after
        (time(8), "Pacific/Auckland"),  # 20:00 UTC of the day before
    ],
)
def test_a_bare_date_counts_for_the_session_of_that_date_and_the_next_whenever_they_settle(
    settles: time, zone: str
) -> None:
    elsewhere = replace(BRENT_SPOT, series=replace(BRENT_SPOT.series, settlement=settles, time_zone=zone))
    desk = Desk(create_state(Rules(instrument=elsewhere)))
    desk.tell(dated(session(2)))

    assert stands_with(desk) == [session(2), session(3)]


def test_a_bare_date_on_a_weekend_counts_for_monday_and_tuesday() -> None:
    desk = Desk()
    desk.tell(dated(session(4) + timedelta(days=1)))

    assert stands_with(desk) == [session(5), session(6)]


def test_a_bare_date_whose_session_has_no_price_goes_on_to_the_next() -> None:
    desk = Desk()
    desk.tell(dated(FIRST))
    desk.settle(1)

    assert desk.headline(session(1)).events[0].by_day
    assert stands_with(desk) == [session(2)]


def test_a_bare_date_is_late_for_a_session_that_was_decided_and_still_counts_for_it() -> None:
    desk = Desk()
    for number in range(3):
        desk.settle(number)
    desk.tell(dated(FIRST))

    assert [each.late for each in desk.headline(FIRST).events] == [True]
    assert [each.carried for each in desk.headline(session(1)).events] == [True]


@pytest.mark.parametrize(
    ("hour", "expected"), [(9, [FIRST]), (20, [session(1)])], ids=["before", "after the settlement"]
)
def test_a_revision_with_the_hour_says_which_of_the_two_sessions_it_is(
    hour: int, expected: list[date]
) -> None:
    timed = event("desk:day", at(FIRST, hour), revision=1, status=Status.UPDATE)
    desk = Desk()
    desk.tell(dated(FIRST), timed)
    assert stands_with(desk) == expected

    reversed_order = Desk()
    reversed_order.tell(replace(timed, event=replace(timed.event, revision=0)), dated(FIRST, revision=1))
    assert stands_with(reversed_order)[:1] == expected


def test_a_repeat_and_a_lower_revision_publish_nothing() -> None:
    desk = Desk()
    desk.tell(revised(2))  # type: ignore[arg-type]
    told = desk.tell(revised(2), revised(1))  # type: ignore[arg-type]

    assert outcomes(told) == [EventOutcome.DUPLICATE, EventOutcome.SUPERSEDED]
    assert studies(told) == []


def test_an_update_revises_the_event() -> None:
    desk = Desk()
    desk.tell(ATTACK, revised(1, summary="half of the output"))  # type: ignore[arg-type]
    newest = desk.headline(FIRST)

    assert (newest.revision, newest.events_total, newest.events[0].summary) == (2, 1, "half of the output")


def test_an_update_that_was_known_later_stays_with_the_session_of_the_first_news() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(0)
    desk.tell(revised(1, known_at=at(session(1)), summary="more is known"))  # type: ignore[arg-type]

    assert desk.headline(FIRST).events[0].summary == "more is known"
    assert desk.headline(FIRST).events[0].known_at == at(FIRST)
    assert desk.revisions(session(1)) == []


def test_an_update_that_was_known_earlier_moves_the_event_to_the_earlier_session() -> None:
    desk = Desk()
    desk.tell(event("desk:a", at(session(1))))
    desk.tell(event("desk:a", at(FIRST), revision=1))

    assert desk.headline(FIRST).events_total == 1
    assert desk.headline(session(1)).events_total == 0


def test_a_retraction_takes_the_event_away_and_the_study_stays() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(0)
    before = found(desk.headline(FIRST))
    told = desk.tell(revised(1, status=Status.RETRACT, known_at=at(session(1))))  # type: ignore[arg-type]

    assert outcomes(told)[0] == EventOutcome.RETRACTED
    assert desk.headline(FIRST).events_total == 0
    assert found(desk.headline(FIRST)) == before


def test_a_retraction_that_comes_first_is_remembered() -> None:
    desk = Desk()
    told = desk.tell(revised(1, status=Status.RETRACT), ATTACK)  # type: ignore[arg-type]

    assert outcomes(told) == [EventOutcome.RETRACTION_REMEMBERED, EventOutcome.SUPERSEDED]
    assert studies(told) == []


def test_an_unseen_retraction_is_remembered_for_half_a_year_of_sessions_and_then_forgotten() -> None:
    desk = Desk()
    desk.tell(revised(1, status=Status.RETRACT))  # type: ignore[arg-type]
    for number in range(KEPT_SESSIONS):
        desk.settle(number)
    remembered = outcomes(desk.tell(ATTACK))
    desk.settle(KEPT_SESSIONS)
    forgotten = outcomes(desk.tell(ATTACK))

    assert (remembered, forgotten) == ([EventOutcome.SUPERSEDED], [EventOutcome.TOO_OLD])
    assert not desk.state.events


def test_a_retracted_event_comes_back_with_a_higher_revision() -> None:
    desk = Desk()
    desk.tell(ATTACK, revised(1, status=Status.RETRACT), revised(2))  # type: ignore[arg-type]

    assert [study.events_total for study in desk.revisions(FIRST)] == [1, 0, 1]


def test_a_late_event_joins_its_session_is_marked_and_changes_no_number() -> None:
    desk = Desk()
    desk.settle(0)
    before = desk.headline(FIRST)
    told = desk.tell(ATTACK)
    after = desk.headline(FIRST)

    assert outcomes(told)[0] == EventOutcome.LATE
    assert (after.revision, after.events[0].late) == (before.revision + 1, True)
    assert after.result == before.result
    assert after.known_at == before.known_at


def test_with_its_first_event_a_session_gets_its_further_studies() -> None:
    desk = Desk()
    desk.settle(0)
    assert len(studies(desk.effects)) == 1
    told = studies(desk.tell(ATTACK))

    assert {(str(study.window), study.model) for study in told if isinstance(study, SessionStudy)} == {
        (window, model) for window in ("[0, 0]", "[0, 1]", "[0, 5]") for model in SHOWN
    }


def test_an_event_of_a_warm_up_session_joins_no_study() -> None:
    told = Desk().tell(event("desk:old", at(session(-3))))

    assert outcomes(told) == [EventOutcome.TOO_OLD]
    assert studies(told) == []


def test_an_event_of_a_session_that_was_let_go_joins_no_study() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    for number in range(KEPT_SESSIONS + 1):
        desk.settle(number)
    told = desk.tell(event("desk:history", at(FIRST)))

    assert outcomes(told) == [EventOutcome.TOO_OLD]
    assert len(desk.state.decided) == KEPT_SESSIONS
    assert "desk:attack" not in desk.state.events


def test_an_event_newer_than_all_prices_waits() -> None:
    desk = Desk()
    desk.tell(event("desk:future", at(session(40))))
    desk.settle(0)

    assert isinstance(desk.headline(session(40)).result, NotYet)
    assert desk.headline(FIRST).events_total == 0


def test_a_study_lists_the_twenty_most_relevant_and_counts_them_all() -> None:
    desk = Desk()
    small = [
        event(f"desk:{number}", at(FIRST), TAJIKISTAN, feed=f"feed-{number}")
        for number in range(LISTED_EVENTS)
    ]
    unknown = event("desk:unknown", at(FIRST), None)
    desk.tell(*small, unknown, event("desk:large", at(FIRST)))
    study = desk.headline(FIRST)

    assert (len(study.events), study.events_total) == (LISTED_EVENTS, LISTED_EVENTS + 2)
    assert [ref.event_id for ref in study.events[:2]] == ["desk:large", "desk:unknown"]
    assert study.exposure == SAUDI_ARABIA.weight
    assert sum(each.count for each in study.unlisted) == 2


def test_of_a_long_list_only_what_enters_it_and_round_numbers_are_published_again() -> None:
    desk = Desk()
    desk.tell(*[event(f"desk:{number:03}", at(FIRST), TAJIKISTAN) for number in range(120)])
    told = [study.events_total for study in desk.revisions(FIRST)]
    desk.tell(event("desk:large", at(FIRST)))
    entered = desk.headline(FIRST).events_total
    desk.settle(0)

    assert told == [*range(1, LISTED_EVENTS + 1), 50, 100]
    assert entered == 121
    assert desk.headline(FIRST).events_total == 121


@pytest.mark.parametrize(
    ("total", "told"),
    [(0, 0), (19, 19), (20, 20), (21, 20), (49, 20), (50, 50), (99, 50), (100, 100), (4_999, 2_000)],
)
def test_a_number_of_events_is_news_up_to_twenty_and_then_when_it_is_round(total: int, told: int) -> None:
    assert round_event_count(total) == told


def test_an_event_that_joins_an_alert_beyond_the_list_is_counted_and_not_sent() -> None:
    desk = Desk()
    desk.tell(*[event(f"desk:{number:03}", at(FIRST)) for number in range(LISTED_EVENTS)])
    desk.settle(0, 0.08)
    sent = len(desk.alerts())
    desk.tell(event("desk:zzz", at(FIRST, 10)))
    for number in range(1, 6):
        desk.settle(number)

    assert [alert.events_total for alert in desk.alerts()][sent - 1 :] == [20, 21, 21]


def test_unknown_exposure_is_reported_as_unknown() -> None:
    desk = Desk()
    desk.tell(event("desk:unknown", at(FIRST), None))

    assert desk.headline(FIRST).exposure is None
    assert desk.headline(FIRST).events[0].exposure is None


def test_events_near_by_are_reported_as_overlapping_windows() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(0)
    desk.tell(event("desk:next", at(session(1))))
    desk.settle(1)

    assert desk.headline(session(1)).overlaps == (FIRST,)
    assert desk.headline(FIRST).overlaps == ()


def test_the_two_sessions_of_one_event_do_not_overlap_with_each_other() -> None:
    desk = Desk()
    desk.tell(event("desk:day", at(FIRST, 0), precision=Precision.DAY))
    desk.settle(0)
    desk.settle(1)

    assert desk.headline(session(1)).overlaps == ()


def test_a_late_event_is_reported_to_the_sessions_near_by() -> None:
    desk = Desk()
    desk.settle(0)
    desk.tell(event("desk:next", at(session(1))))
    desk.settle(1)
    desk.tell(ATTACK)

    assert desk.headline(session(1)).overlaps == (FIRST,)


def test_a_session_without_a_price_sends_its_events_on_to_the_next() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    told = desk.tell(update(bar(session(1), desk.close)))

    gone = desk.headline(FIRST).result
    assert isinstance(gone, Refused)
    assert gone.reason.startswith("no price came for session 2023-06-05")
    assert desk.headline(session(1)).events_total == 1
    assert "missing" in outcomes(told)


def test_a_price_on_a_day_that_the_calendar_left_out_draws_the_events_to_it() -> None:
    christmas = session(145)
    assert (christmas.month, christmas.day) == (12, 25)
    desk = Desk()
    desk.tell(update(bar(session(144), 80.0)))
    desk.tell(event("desk:attack", at(christmas)))
    assert desk.headline(session(147)).events_total == 1
    desk.tell(update(bar(christmas, 80.1)))

    assert desk.headline(christmas).events_total == 1
    assert desk.headline(session(147)).events_total == 0


def test_every_event_is_noted_once_with_a_sentence() -> None:
    desk = Desk()
    told = desk.tell(ATTACK, ATTACK, event("desk:old", at(session(-3))))

    assert [getattr(fact, "detail", "") != "" for fact in facts(told)] == [True, True, True]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_in_which_events_come_changes_no_number_and_no_list(order: tuple[int, ...]) -> None:
    events = [event(f"desk:{number}", at(FIRST, 8 + number), feed=f"feed-{number}") for number in range(3)]
    desk = Desk()
    desk.tell(*(events[number] for number in order))
    desk.settle(0)

    assert [ref.event_id for ref in desk.headline(FIRST).events] == ["desk:0", "desk:1", "desk:2"]
