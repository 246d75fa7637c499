"""After a change of rules: what was decided is closed, and counts on from what was published."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.desk import FIRST, Desk, at, bar, event, outcomes, session, studies, update
from tests.core.intraday_desk import TODAY, new_york
from tests.core.monitor.test_intraday import ATTACK, attacked

from brentwatch.core.domain import Cause, Noted, Precision, Status, Study
from brentwatch.core.monitor.closing import close_decided, continue_revisions
from brentwatch.core.monitor.state_values import take_snapshot

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


def test_within_a_closed_session_a_retraction_alone_is_told() -> None:
    desk = attacked()
    desk.trade(new_york(10, 45))
    desk.state = replace(desk.state, closed_through=TODAY)
    late = event("desk:late", ATTACK)
    updated = event("desk:attack", ATTACK, revision=1, summary="x")
    assert not any(study.within for study in studies(desk.tell(late, updated)))
    told = studies(desk.tell(event("desk:attack", ATTACK, revision=2, status=Status.RETRACT)))
    assert {study.events for study in told if study.within} == {()}
    assert desk.within()[-1].cause is Cause.EVENT_WITHDRAWN


def test_revisions_count_on_from_what_was_published_and_unpublished_alerts_are_none(desk: Desk) -> None:
    published = {
        key: replace(value, revision=70) if isinstance(value, Study) else value
        for key, value in take_snapshot(desk.state).items()
    }
    going_on = continue_revisions(desk.state, published)
    assert {study.revision for study in going_on.decided[FIRST].studies.values()} == {70}
    assert going_on.decided[FIRST].alert == desk.state.decided[FIRST].alert is not None

    desk.state, before = continue_revisions(desk.state, {}), desk.alerts()
    assert has_published(desk, event("desk:attack", LATER, revision=1, status=Status.RETRACT))
    assert desk.alerts() == before


def test_alerts_and_studies_within_a_session_count_on_as_well() -> None:
    desk = attacked()
    desk.trade(new_york(10, 45))
    published = {
        key: replace(value, revision=70) if isinstance(value, Study) else value
        for key, value in take_snapshot(desk.state).items()
    }
    (before,) = desk.state.intraday.openings.values()
    (opening,) = continue_revisions(desk.state, published).intraday.openings.values()
    assert {study.revision for study in opening.record.studies.values()} == {70}
    assert opening.record.alert == before.record.alert is not None
    (other,) = continue_revisions(desk.state, {}).intraday.openings.values()
    assert other.record.alert is None
