"""A change of rules: the monitor reads the timeline again and closes the sessions decided in it.

Results of these sessions were published under lower rules. They are not published again, and only a
retraction revises them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from immutables import Map

from brentwatch.core.domain import StudyBase
from brentwatch.core.monitor.pacing import Thread
from brentwatch.core.monitor.state import Opening, SessionRecord, State
from brentwatch.core.monitor.state_values import Session, Value

S = TypeVar("S", bound=StudyBase)


def close_decided(state: State) -> State:
    """The state with every decided session closed."""
    return replace(state, closed_through=max(state.decided, default=state.closed_through))


def continue_revisions(state: State, published: Mapping[str, Value]) -> State:
    """The state whose revisions continue from those in `published`, the saved values by key.

    A reader ignores a revision that is not higher than the last one it read. An alert that was never
    published is dropped, so that no retraction revises it. An alert that rules below 7 opened within a
    session keeps its id.
    """
    revisions = {each.study_id: each.revision for each in published.values() if isinstance(each, StudyBase)}
    openings = {at: _carry_opening(each, revisions) for at, each in state.intraday.openings.items()}
    return replace(
        state,
        decided=Map({day: _carry(each, revisions) for day, each in state.decided.items()}),
        expected=Map({day: _carry(each, revisions) for day, each in state.expected.items()}),
        provisional=Map({day: _carry_study(each, revisions) for day, each in state.provisional.items()}),
        intraday=replace(state.intraday, openings=Map(openings)),
        threads=Map(_list_threads(published)),
    )


def _list_threads(published: Mapping[str, Value]) -> Iterator[tuple[str, Thread]]:
    """The alerts by id."""
    for key, each in published.items():
        match each:
            case Thread():
                yield key.removeprefix("thread:"), each
            case Session(record=record) | Opening(record=record) if record.old_alert is not None:
                yield record.old_alert.alert_id, Thread(session=record.session, alert=record.old_alert)


def _carry_opening(opening: Opening, revisions: Mapping[str, int]) -> Opening:
    return replace(opening, record=_carry(opening.record, revisions))


def _carry(record: SessionRecord, revisions: Mapping[str, int]) -> SessionRecord:
    studies = {key: _carry_study(study, revisions) for key, study in record.studies.items()}
    return replace(record, studies=Map(studies))


def _carry_study(study: S, revisions: Mapping[str, int]) -> S:
    return replace(study, revision=max(study.revision, revisions.get(study.study_id, 0)))
