"""A change of rules: the timeline is folded anew, and the sessions decided in it are closed.

Lower rules have published what they decided of these sessions. Nothing of it is published again, and only a
retraction revises it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from immutables import Map

from brentwatch.core.domain import Alert, Study
from brentwatch.core.monitor.state import Opening, SessionRecord, State
from brentwatch.core.monitor.state_values import Session, Value


def close_decided(state: State) -> State:
    """The state in which every session that is decided by now is closed."""
    return replace(state, closed_through=max(state.decided, default=state.closed_through))


def continue_revisions(state: State, published: Mapping[str, Value]) -> State:
    """The state whose studies and alerts count on from those that were `published`, the saved values by key.

    A reader passes over a revision that is not above the one he has seen. An alert that was not published
    is none: no retraction may revise it.
    """
    revisions = {each.study_id: each.revision for each in published.values() if isinstance(each, Study)}
    alerts: dict[date, Alert | None] = {}  # those within a session by the time of their first bar
    for each in published.values():
        match each:
            case Session(record=record):
                alerts[record.session] = record.alert
            case Opening(begins_at=begins_at, record=record):
                alerts[begins_at] = record.alert
    decided = {day: _carry(each, revisions, alerts.get(day)) for day, each in state.decided.items()}
    expected = {day: _carry(each, revisions, alerts.get(day)) for day, each in state.expected.items()}
    openings = {
        at: replace(each, record=_carry(each.record, revisions, alerts.get(at)))
        for at, each in state.intraday.openings.items()
    }
    intraday = replace(state.intraday, openings=Map(openings))
    return replace(state, decided=Map(decided), expected=Map(expected), intraday=intraday)


def _carry(record: SessionRecord, revisions: Mapping[str, int], alert: Alert | None) -> SessionRecord:
    studies = {
        key: replace(study, revision=max(study.revision, revisions.get(key, 0)))
        for key, study in record.studies.items()
    }
    return replace(record, studies=Map(studies), alert=alert)
