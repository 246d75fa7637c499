"""Events within a session: each opens a test, joins one, or gets a study; a session has at most two tests.

A single report is not placed. When a revision first raises its standing, it is placed once, as news of that
revision. An event stays where it was first placed: an update or a retraction changes its text, and does not
free a test.

If only the day of an event is known, as with GDELT, it still counts as news at `known_at` until that day is
over everywhere. After that the time of the news is unknown: the event has no first bar and is not placed. An
event that arrives after its window was known still joins it, marked late, and changes no number.
"""

from dataclasses import replace
from datetime import datetime

from brentwatch.core.domain import Cause, EventAdmitted, Standing
from brentwatch.core.intraday.clock import BAR, time_of
from brentwatch.core.intraday.minutes import QUARTER
from brentwatch.core.intraday.openings import (
    GoesUntested,
    Joins,
    Opens,
    SessionTests,
    Start,
    Verdict,
    find_start,
)
from brentwatch.core.monitor.intraday.held_bars import find_oldest_open, forget_old
from brentwatch.core.monitor.intraday.window_studies import refresh
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.references import add_to_list
from brentwatch.core.monitor.state import Intraday, Joined, Known, Opening, SessionRecord, State


def join_within(before: State, step: Step, signal: EventAdmitted) -> Step:
    """Place an event within its session, after its sessions have accepted it.

    Args:
        before: the state before the event came.
        step: its effects so far.
        signal: the event.
    """
    event_id = signal.event.event_id
    known = step.state.events.get(event_id)
    if known is None or known is before.events.get(event_id):
        return step
    step = step.move_to(forget_old(step.state))
    placed = _find_opening(step.state.intraday, event_id)
    if placed is not None:
        cause = Cause.EVENT_UPDATED if known.live else Cause.EVENT_WITHDRAWN
        anew = replace(placed, record=replace(placed.record, listed=None))
        return refresh(step, anew, cause, signal.known_at)
    return _put(step, known, signal.known_at) if _may_stand(known) else step


def _may_stand(known: Known) -> bool:
    counts = known.live and not known.over_cap and known.standing is not Standing.SINGLE
    return counts and known.by_the_hour


def _find_opening(intraday: Intraday, event_id: str) -> Opening | None:
    """Where the event was placed."""
    return next((each for each in intraday.openings.values() if event_id in each.record.joined), None)


def _put(step: Step, known: Known, known_at: datetime) -> Step:
    state, intraday = step.state, step.state.intraday
    start = find_start(known.placed_at, state.rules.trading_calendar)
    if _is_past(state, start):
        return step
    before = intraday.tests.get(start.session, SessionTests())
    tests, verdict = before.take(start.slot, known.relevance)
    opening = _choose_opening(state, known, start, tests, verdict)
    taken = replace(intraday, tests=intraday.tests.set(start.session, tests))
    joined = _join_event(opening, known, late=_is_answered(intraday, opening))
    return refresh(step.move_to(replace(state, intraday=taken)), joined, Cause.EVENT_JOINED, known_at)


def _is_past(state: State, start: Start) -> bool:
    """True for an event of a session whose openings were dropped, or whose bars only feed the estimation."""
    oldest, warm = find_oldest_open(state), state.intraday.warm_through
    return (oldest is not None and start.session < oldest) or (warm is not None and start.opens_at < warm)


def _choose_opening(
    state: State, known: Known, start: Start, tests: SessionTests, verdict: Verdict
) -> Opening:
    """The opening that the verdict names, or a new one from the first clean bar of the event on."""
    match verdict:
        case Joins(number):
            begins_at, test = time_of(start.session, tests.slots[number - 1]), number
        case Opens(number):  # an event that was too small for a test may already have a study from this bar
            return replace(_find_or_create(state, known, start, start.opens_at, number), test=number)
        case GoesUntested():
            return _find_or_create(state, known, start, start.opens_at, None)
    return _find_or_create(state, known, start, begins_at, test)


def _find_or_create(
    state: State, known: Known, start: Start, begins_at: datetime, test: int | None
) -> Opening:
    if found := state.intraday.openings.get(begins_at):
        return found
    series = state.rules.instrument.series
    session = series.find_session_after(known.placed_at)
    settles_at = series.closes_at(session)
    record = SessionRecord(session=session, settles_at=settles_at, known_at=known.placed_at)
    return Opening(
        begins_at=begins_at,
        news_at=known.placed_at,
        test=test,
        record=record,
        in_break=start.after_break and begins_at == start.opens_at,
    )


def _is_answered(intraday: Intraday, opening: Opening) -> bool:
    """True once the bars of the first window are known."""
    through = intraday.complete_through
    first = BAR if opening.in_break else QUARTER.bars * BAR
    return through is not None and through >= opening.begins_at + first


def _join_event(opening: Opening, known: Known, *, late: bool) -> Opening:
    record, stands = opening.record, Joined(late=late, carried=False)
    more = add_to_list(record.listed, known, stands)
    joined = record.joined.set(known.event.event_id, stands)
    return replace(opening, record=replace(record, joined=joined, listed=more))
