"""Keeps the sessions that are waited for in step with the prices: which events stand with which of them.

A price on a day that the calendar did not expect draws events to it; a session without a price sends its
events on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from immutables import Map

from brentwatch.core.domain.alerts import Cause
from brentwatch.core.domain.alignment import settlement
from brentwatch.core.monitor.placement import find_sessions
from brentwatch.core.monitor.publishing import Step, refresh, refuse
from brentwatch.core.monitor.state import Joined, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from brentwatch.core.monitor.state import State


_MISSING = "no price came for session {}, a holiday of the source most likely: its events stand with the next"


def find_waiting_events(state: State, session: date) -> Map[str, Joined]:
    """The events that were waiting, and stand with a session whose price has just come."""
    return Map(
        {event_id: joined for place, event_id, joined in _place_waiting_events(state) if place == session}
    )


def regroup(step: Step, known_at: datetime) -> Step:
    """Move the events that wait to the sessions they now wait for, and say so of every session it changes."""
    state = step.state
    wanted: defaultdict[date, dict[str, Joined]] = defaultdict(dict)
    for session, event_id, joined in _place_waiting_events(state):
        if state.prices.find(session) is None:
            wanted[session][event_id] = joined
    for session in sorted({*state.expected, *wanted}):
        step = _regroup_session(step, session, wanted[session], known_at)
    return step


def _place_waiting_events(state: State) -> Iterator[tuple[date, str, Joined]]:
    waiting = {event_id for record in state.expected.values() for event_id in record.joined}
    for event_id in sorted(waiting):
        for number, session in enumerate(find_sessions(state, state.events[event_id])):
            yield session, event_id, Joined(late=False, carried=number > 0)


def _regroup_session(step: Step, session: date, wanted: Mapping[str, Joined], known_at: datetime) -> Step:
    state = step.state
    settles_at = settlement(state.rules.instrument, session)
    before = state.expected.get(session) or SessionRecord(
        session=session, settles_at=settles_at, known_at=known_at
    )
    joined = Map(wanted)
    if before.joined == joined:
        return step
    record = replace(before, joined=joined, listed=None)
    if state.complete_through is not None and settles_at <= state.complete_through:
        gone = refuse(step, record, _MISSING.format(session), known_at)
        return gone.move_to(replace(gone.state, expected=gone.state.expected.delete(session)))
    return refresh(step.move_to(state.set_expected(record)), [session], Cause.EVENT_JOINED, known_at)
