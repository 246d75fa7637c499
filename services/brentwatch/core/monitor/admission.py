"""Admission of events: each event joins its session, which is published again if that says something new.

The id identifies an event, and its highest revision counts. The earliest `known_at` of its revisions decides
the session: an update does not move the event to a later one. A bare date counts for the session of that date
and the next one, until a revision gives the time on that day. A retraction removes the event from its
session; a retraction that arrives before its event is remembered. An event that arrives after its session
was decided still joins it, marked late, and changes no number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from brentwatch.core import domain
from brentwatch.core.monitor.placement import find_sessions
from brentwatch.core.monitor.publishing import Step, refresh
from brentwatch.core.monitor.references import add_to_list, fill_list
from brentwatch.core.monitor.state import Joined, Known, SessionRecord, State

_CAUSES = {
    domain.EventOutcome.RETRACTED: domain.Cause.EVENT_WITHDRAWN,
    domain.EventOutcome.UPDATED: domain.Cause.EVENT_UPDATED,
}


def admit(state: State, signal: domain.EventAdmitted) -> Step:
    """The state with the event, and what is to be published because of it."""
    event, before = signal.event, state.events.get(signal.event.event_id)
    if before is not None and event.revision <= before.event.revision:
        return _note_passed_over(state, signal, before)
    known = _build_known(signal, before)
    asked = find_sessions(state, known)
    withdrawn = before is not None and not known.live
    stands = [session for session in asked if _is_open(state, session, withdrawn=withdrawn)]
    if not stands:
        return _note_too_old(state, signal, asked[-1])
    outcome = _decide_outcome(state, known, before, stands)
    stood = find_sessions(state, before) if before is not None else ()
    left = [session for session in stood if withdrawn or not state.is_closed(session)]
    changed = sorted({*left, *stands})
    if before is None and known.live:
        known = replace(known, over_cap=_is_feed_full(state, asked[0], event.feed))
    taken = replace(state, events=state.events.set(event.event_id, known))
    joined = _join_sessions(taken, known, stands, left, first=asked[0])
    step = Step(joined).note(_build_fact(signal, outcome, _describe_outcome(outcome, stands)))
    cause = _CAUSES.get(outcome, domain.Cause.EVENT_JOINED)
    return refresh(step, [*changed, *_list_neighbours(joined, changed)], cause, signal.known_at)


def _build_known(signal: domain.EventAdmitted, before: Known | None) -> Known:
    event = signal.event
    live = event.status is not domain.Status.RETRACT
    if before is None:
        known_at, bare_date, rose_at = event.known_at, event.is_bare_date, None
    elif live:
        known_at, bare_date = _find_earliest(before, event)
        rose_at = _find_rise(before, signal)
    else:
        withdrawn = replace(before.event, revision=event.revision, status=event.status)
        return replace(before, event=withdrawn, live=False)
    standing = signal.standing if before is None else domain.choose_higher(before.standing, signal.standing)
    return Known(
        event=event,
        exposure=signal.exposure,
        known_at=known_at,
        live=live,
        bare_date=bare_date,
        relevance=signal.relevance,
        standing=standing,
        rose_at=rose_at,
        over_cap=before is not None and before.over_cap,
    )


def _is_feed_full(state: State, session: date, feed: str) -> bool:
    record = state.find_record(session)
    listed = None if record is None else fill_list(state, record).listed
    return listed is not None and listed.is_full_for(feed)


def _find_rise(before: Known, signal: domain.EventAdmitted) -> datetime | None:
    """The `known_at` of the revision that made a single report more than that; None if it always was."""
    stood = before.standing is not domain.Standing.SINGLE
    rises = not stood and signal.standing is not domain.Standing.SINGLE
    return max(signal.known_at, before.known_at) if rises else before.rose_at


def _find_earliest(before: Known, event: domain.UnrestEvent) -> tuple[datetime, bool]:
    """The earliest `known_at`, and whether it is a bare date; a time on the same day replaces a bare date."""
    known = (before.known_at, before.bare_date), (event.known_at, event.is_bare_date)
    first, last = sorted(known)
    same_day = first[0].astimezone(UTC).date() == last[0].astimezone(UTC).date()
    return last if first[1] and not last[1] and same_day else first


def _is_open(state: State, session: date, *, withdrawn: bool) -> bool:
    """True for a session that has not settled, or that was decided and is still held.

    From a session that was closed since, events can only be `withdrawn`.
    """
    if state.is_closed(session) and not withdrawn:
        return False
    return session in state.decided or state.prices.find(session) is None


def _decide_outcome(
    state: State, known: Known, before: Known | None, stands: Sequence[date]
) -> domain.EventOutcome:
    if not known.live:
        was_live = before is not None and before.live
        return domain.EventOutcome.RETRACTED if was_live else domain.EventOutcome.RETRACTION_REMEMBERED
    if before is not None:
        return domain.EventOutcome.UPDATED
    return domain.EventOutcome.LATE if stands[0] in state.decided else domain.EventOutcome.ACCEPTED


def _join_sessions(
    state: State, known: Known, stands: Sequence[date], left: Iterable[date], *, first: date
) -> State:
    """The state with the event in the sessions `stands`, the first of them `first`, and not in `left`."""
    event_id = known.event.event_id
    for session in left:
        record = state.find_record(session)
        if session not in stands and record is not None and event_id in record.joined:
            state = _replace_record(
                state, replace(record, joined=record.joined.delete(event_id), listed=None)
            )
    for session in stands:
        record = state.find_record(session) or _build_record(state, session, known.event.known_at)
        was = record.joined.get(event_id)
        late = session in state.decided if was is None else was.late
        stands_so = Joined(late=late, carried=session != first)
        more = add_to_list(record.listed, known, stands_so) if was is None and known.live else None
        state = _replace_record(
            state, replace(record, joined=record.joined.set(event_id, stands_so), listed=more)
        )
    return state


def _replace_record(state: State, record: SessionRecord) -> State:
    return state.set_decided(record) if record.session in state.decided else state.set_expected(record)


def _build_record(state: State, session: date, known_at: datetime) -> SessionRecord:
    return SessionRecord(
        session=session, settles_at=state.rules.instrument.series.closes_at(session), known_at=known_at
    )


def _list_neighbours(state: State, sessions: Iterable[date]) -> Iterable[date]:
    """The decided sessions whose windows may overlap that of one of these: their overlaps may change."""
    for session in sessions:
        if session in state.decided:
            at = state.find_index(session)
            near = state.prices.sessions[max(at - domain.LAST_TAU, 0) : at + domain.LAST_TAU + 1]
            yield from (each for each in near if each != session and not state.is_closed(each))


def _note_passed_over(state: State, signal: domain.EventAdmitted, before: Known) -> Step:
    event, newest = signal.event, before.event.revision
    if event.revision == newest:
        return Step(state).note(
            _build_fact(
                signal, domain.EventOutcome.DUPLICATE, f"revision {newest} is known already: nothing changes"
            )
        )
    detail = f"revision {event.revision} is older than the known revision {newest}: nothing changes"
    return Step(state).note(_build_fact(signal, domain.EventOutcome.SUPERSEDED, detail))


def _note_too_old(state: State, signal: domain.EventAdmitted, session: date) -> Step:
    detail = (
        f"session {session} is warm-up, or was decided more than half a year of sessions ago: "
        "the event joins no study"
        if not state.is_closed(session)
        else f"session {session} was decided before the rules changed: the event joins no study"
    )
    return Step(state).note(_build_fact(signal, domain.EventOutcome.TOO_OLD, detail))


def _build_fact(signal: domain.EventAdmitted, outcome: domain.EventOutcome, detail: str) -> domain.EventSeen:
    event = signal.event
    return domain.EventSeen(event_id=event.event_id, revision=event.revision, outcome=outcome, detail=detail)


def _describe_outcome(outcome: domain.EventOutcome, stands: Sequence[date]) -> str:
    sessions = " and ".join(str(session) for session in stands)
    match outcome:
        case domain.EventOutcome.RETRACTED:
            return f"removed from session {sessions}"
        case domain.EventOutcome.RETRACTION_REMEMBERED:
            return "retracts an event that has not arrived: remembered in case it does"
        case domain.EventOutcome.LATE:
            return f"joins session {sessions} after its decision: no number changes"
        case _:
            noun = "sessions" if len(stands) > 1 else "session"
            return f"will be tested with the {noun} of {sessions}"
