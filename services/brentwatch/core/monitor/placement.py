"""Which sessions an event counts for, and how waiting events move when prices arrive."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from immutables import Map

from brentwatch.core.domain import Cause
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.pacing import Thread
from brentwatch.core.monitor.publishing import Step, refresh, refuse
from brentwatch.core.monitor.state import Joined, Known, SessionRecord, State


def find_sessions(state: State, known: Known) -> tuple[date, ...]:
    """The session of an event, and the one after it if only the day is known."""
    first = (
        _find_on_or_after(state, known.known_at.astimezone(UTC).date())
        if known.bare_date
        else _find_after(state, known.known_at)
    )
    return (first, _find_after(state, _find_settlement(state, first))) if known.by_day else (first,)


def _find_on_or_after(state: State, day: date) -> date:
    """The first session, settled or expected, of that day or a later one."""
    at = bisect_left(state.prices.sessions, day)
    if at < len(state.prices.sessions):
        return state.prices.sessions[at]
    by_calendar, passed = state.rules.calendar.find_on_or_after(day), state.complete_through
    if passed is not None:
        still_to_come = state.rules.instrument.series.find_session_after(passed)
        by_calendar = max(by_calendar, still_to_come)
    return min([by_calendar, *(session for session in state.waiting if session >= day)])


def _find_after(state: State, instant: datetime) -> date:
    """The first session, settled or expected, that settles strictly after `instant`."""
    at = state.prices.find_first_after(instant)
    return state.prices.sessions[at] if at < len(state.prices.sessions) else _find_expected(state, instant)


def _find_expected(state: State, instant: datetime) -> date:
    """The expected session that settles after `instant`; sessions that are missing for good are skipped."""
    passed = state.complete_through
    earliest = instant if passed is None or passed < instant else passed
    by_calendar = state.rules.instrument.series.find_session_after(earliest)
    seen = [each.bar.session for each in state.waiting.values() if each.bar.closes_at > instant]
    return min([by_calendar, *seen])


def _find_settlement(state: State, session: date) -> datetime:
    bar = state.prices.find(session)
    return bar.closes_at if bar is not None else state.rules.instrument.series.closes_at(session)


_MISSING = (
    "no price came for session {}, most likely a holiday of the source: its events move to the next session"
)


def find_waiting_events(state: State, session: date) -> Map[str, Joined]:
    """The waiting events whose session has just received its price."""
    return Map(
        {event_id: joined for place, event_id, joined in _place_waiting_events(state) if place == session}
    )


def regroup(step: Step, known_at: datetime) -> Step:
    """Move waiting events to the sessions that they wait for now, and publish every session that changed."""
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


def _pass_on_heads_up(step: Step, session: date) -> Step:
    """Move the heads-up of a session without a price along with its event, so that it gets an outcome."""
    state, name = step.state, step.state.rules.instrument.name
    thread = state.threads.get(alert_id(name, session))
    if thread is None or thread.heads_up is None:
        return step
    known = state.events.get(thread.heads_up.event_id)
    if known is None or not known.live:
        return step
    session = find_sessions(state, known)[0]
    key = alert_id(name, session)
    if key in state.threads:
        return step
    going_on = Thread(session=session, heads_up=thread.heads_up)
    return step.move_to(state.set_thread(key, going_on)).touch(session, Cause.EVENT_JOINED)


def _regroup_session(step: Step, session: date, wanted: Mapping[str, Joined], known_at: datetime) -> Step:
    state = step.state
    settles_at = state.rules.instrument.series.closes_at(session)
    before = state.expected.get(session) or SessionRecord(
        session=session, settles_at=settles_at, known_at=known_at
    )
    joined = Map(wanted)
    if before.joined == joined:
        return step
    record = replace(before, joined=joined, listed=None)
    if state.complete_through is not None and settles_at <= state.complete_through:
        gone = refuse(step, record, _MISSING.format(session), known_at)
        left = replace(gone.state, expected=gone.state.expected.delete(session))
        return _pass_on_heads_up(gone.move_to(left), session)
    return refresh(step.move_to(state.set_expected(record)), [session], Cause.EVENT_JOINED, known_at)
