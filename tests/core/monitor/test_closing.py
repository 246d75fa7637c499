"""After a change of rules: what was decided is closed, and counts on from what was published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import FIRST, Desk, at, bar, event, outcomes, session, studies, update
from tests.core.intraday_desk import TODAY, new_york
from tests.core.monitor.test_intraday import ATTACK, attacked
from tests.core.thread_desk import SETTLES, ThreadDesk

from brentwatch.core.domain import Cause, Noted, Precision, Status, StudyBase
from brentwatch.core.monitor.closing import close_decided, continue_revisions
from brentwatch.core.monitor.state_values import Session, take_snapshot

if TYPE_CHECKING:
    from tests.core.intraday_desk import FineDesk

    from brentwatch.core.domain import Alert

JUMP = 0.1
LATER = at(session(9))


@pytest.fixture
def desk() -> Desk:
    """An attack moved the first session; the second has settled as well, and all that is closed."""
    made = Desk()
    made.tell(event("desk:attack", at(FIRST)))
    made.settle(0, JUMP)
    made.settle(1)
    made.state = close_decided(made.state)
    return made


def has_published(desk: Desk, *signals: object) -> bool:
    """Whether signals led to more than a note."""
    return any(not isinstance(effect, Noted) for effect in desk.tell(*signals))  # type: ignore[arg-type]


def test_a_late_event_an_update_and_another_price_revise_no_closed_session(desk: Desk) -> None:
    late, updated = event("desk:late", at(FIRST)), event("desk:attack", at(FIRST), revision=1, summary="x")
    assert outcomes(desk.tell(late, updated)) == ["too_old", "too_old"]
    assert not has_published(desk, late, updated)
    assert not has_published(desk, update(bar(FIRST, desk.close + 1.0), known_at=LATER))


def test_the_windows_of_a_closed_session_are_not_told_longer(desk: Desk) -> None:
    told = studies(desk.settle(2))
    assert {study.session for study in told} == {session(2)}


def test_a_retraction_revises_its_closed_session_and_no_closed_neighbour(desk: Desk) -> None:
    """An open one, whose windows it met, is told so."""
    desk.tell(event("desk:second", at(session(1), 18)))  # of a session that is open
    desk.settle(2)
    told = desk.tell(event("desk:attack", LATER, revision=1, status=Status.RETRACT))
    assert {study.session for study in studies(told)} == {FIRST, session(2)}
    assert all(not study.events for study in studies(told) if study.session == FIRST)
    assert [alert.cause for alert in desk.alerts()][-1] is Cause.EVENT_WITHDRAWN


def test_a_retraction_in_an_open_session_revises_no_closed_neighbour(desk: Desk) -> None:
    desk.tell(event("desk:second", at(session(1), 18)))
    desk.settle(2)
    told = desk.tell(event("desk:second", LATER, revision=1, status=Status.RETRACT))
    assert {study.session for study in studies(told)} == {session(2)}


def test_an_event_of_a_day_leaves_the_closed_session_and_goes_on_with_the_open_one() -> None:
    desk = Desk()
    of_a_day = event("desk:day", at(FIRST), precision=Precision.DAY)
    desk.tell(of_a_day)
    desk.settle(0)
    desk.state = close_decided(desk.state)
    told = desk.tell(event("desk:day", at(FIRST), precision=Precision.DAY, revision=1, summary="x"))
    assert {study.session for study in studies(told)} == {session(1)}
    assert "desk:day" in desk.state.decided[FIRST].joined


def test_no_session_that_is_decided_later_is_closed(desk: Desk) -> None:
    desk.tell(event("desk:new", at(session(2))))
    desk.settle(2)
    assert studies(desk.tell(event("desk:late", at(session(2)))))


def test_within_a_closed_session_a_retraction_alone_is_published() -> None:
    desk = attacked()
    desk.trade(new_york(10, 45))
    desk.state = replace(desk.state, closed_through=TODAY)
    late = event("desk:late", ATTACK)
    updated = event("desk:attack", ATTACK, revision=1, summary="x")
    assert studies(desk.tell(late, updated)) == []
    desk.tell(event("desk:attack", ATTACK, revision=2, status=Status.RETRACT))
    assert [each.events for each in desk.windows()[-2:]] == [(), ()]
    assert desk.within()[-1].cause is Cause.EVENT_WITHDRAWN


def test_revisions_count_on_from_what_was_published_and_unpublished_alerts_are_none(desk: Desk) -> None:
    published = {
        key: replace(value, revision=70) if isinstance(value, StudyBase) else value
        for key, value in take_snapshot(desk.state).items()
    }
    going_on = continue_revisions(desk.state, published)
    assert {study.revision for study in going_on.decided[FIRST].studies.values()} == {70}
    assert going_on.threads == desk.state.threads
    assert going_on.threads

    desk.state, before = continue_revisions(desk.state, {}), desk.alerts()
    assert has_published(desk, event("desk:attack", LATER, revision=1, status=Status.RETRACT))
    assert desk.alerts() == before


def test_alerts_and_studies_within_a_session_count_on_as_well() -> None:
    desk = attacked()
    desk.trade(new_york(10, 45))
    published = {
        key: replace(value, revision=70) if isinstance(value, StudyBase) else value
        for key, value in take_snapshot(desk.state).items()
    }
    (opening,) = continue_revisions(desk.state, published).intraday.openings.values()
    assert {study.revision for study in opening.record.studies.values()} == {70}
    assert continue_revisions(desk.state, published).threads == desk.state.threads
    assert not continue_revisions(desk.state, {}).threads


def within_by_older_rules(desk: FineDesk) -> Alert:
    """The alert of a test within the session as rules below 7 published it: with an id of its own."""
    return replace(desk.alerts()[-1], alert_id="an-id-of-its-own", revision=2, rules=6)


def rebuilt() -> tuple[FineDesk, Alert]:
    """A morning under older rules, whose alert was read from the old state, with its session closed."""
    desk = attacked()
    desk.tell(event("desk:other", new_york(8)))
    desk.trade(new_york(10, 45))
    alert = within_by_older_rules(desk)
    (opening,) = [each for each in desk.state.intraday.openings.values() if each.test == 1]
    published = {"opening:20240515T1345": replace(opening, record=replace(opening.record, old_alert=alert))}
    desk.state = replace(continue_revisions(desk.state, published), closed_through=TODAY)
    return desk, alert


def test_an_alert_within_a_session_of_older_rules_keeps_its_id_and_is_revised_by_a_retraction_alone() -> None:
    desk, alert = rebuilt()
    assert {key: each.alert for key, each in desk.state.threads.items()} == {alert.alert_id: alert}
    before = len(desk.thread())
    desk.tell(event("desk:late", ATTACK), event("desk:attack", ATTACK, revision=1, summary="x"))
    desk.trade(new_york(12))
    assert len(desk.thread()) == before

    desk.tell(event("desk:attack", LATER, revision=2, status=Status.RETRACT))
    (told,) = desk.thread()[before:]
    assert (told.alert_id, told.revision, told.cause) == (alert.alert_id, 3, Cause.EVENT_WITHDRAWN)
    assert "desk:attack" not in {each.event_id for each in told.events}
    assert (told.tests, told.severity) == (alert.tests, alert.severity)
    assert told.events_total == alert.events_total - 1


def test_the_daily_alert_of_older_rules_is_read_from_its_session() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", at(FIRST)))
    desk.settle(0, JUMP)
    alert = replace(desk.alerts()[-1], rules=6)
    record = replace(desk.state.decided[FIRST], old_alert=alert)
    going_on = continue_revisions(desk.state, {f"session:{FIRST}": Session(decided=True, record=record)})

    assert [(key, each.session, each.alert) for key, each in going_on.threads.items()] == [
        (alert.alert_id, FIRST, alert)
    ]


def test_a_provisional_study_counts_on_as_well() -> None:
    desk = ThreadDesk()
    desk.trade(SETTLES)
    (study,) = desk.state.provisional.values()
    going_on = continue_revisions(desk.state, {"provisional:2024-05-20": replace(study, revision=70)})

    assert [each.revision for each in going_on.provisional.values()] == [70]


def test_a_heads_up_that_was_not_published_is_owed_no_outcome() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", at(FIRST)))
    desk.state = continue_revisions(desk.state, {})
    desk.settle(0)

    assert len(desk.thread()) == 1


def test_no_heads_up_is_sent_in_a_closed_session(desk: Desk) -> None:
    budget = desk.state.budget
    desk.tell(event("desk:late", at(session(1))))

    assert desk.state.budget == budget
