"""Which sessions an event stands with: by the prices where they are there, by the calendar until then.

An event belongs to the first session that settles strictly after it was knowable. The calendar says which
session that will be; the prices say which it was: where none comes, on a holiday say, the event goes on to
the next. Where only the day is known it stands with the session that follows as well. A bare date has no
instant: it belongs to the first session on or after that date, wherever and whenever that one settles.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC
from typing import TYPE_CHECKING

from brentwatch.core.domain.alignment import find_session_after, settlement

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.core.monitor.state import Known, State


def find_sessions(state: State, known: Known) -> tuple[date, ...]:
    """The session of an event, and the one after it where only the day is known."""
    first = (
        _find_on_or_after(state, _get_utc_date(known))
        if known.bare_date
        else _find_after(state, known.known_at)
    )
    return (first, _find_after(state, _find_settlement(state, first))) if known.by_day else (first,)


def _get_utc_date(known: Known) -> date:
    return known.known_at.astimezone(UTC).date()


def _find_on_or_after(state: State, day: date) -> date:
    """The first session, settled or expected, of that day or a later one."""
    at = bisect_left(state.prices.sessions, day)
    if at < len(state.prices.sessions):
        return state.prices.sessions[at]
    by_calendar, passed = state.rules.calendar.find_on_or_after(day), state.complete_through
    if passed is not None:
        still_to_come = find_session_after(state.rules.instrument, state.rules.calendar, passed)
        by_calendar = max(by_calendar, still_to_come)
    return min([by_calendar, *(session for session in state.waiting if session >= day)])


def _find_after(state: State, instant: datetime) -> date:
    """The first session, settled or expected, that settles strictly after `instant`."""
    at = state.prices.find_first_after(instant)
    return state.prices.sessions[at] if at < len(state.prices.sessions) else _find_expected(state, instant)


def _find_expected(state: State, instant: datetime) -> date:
    """A session that settled before the series was complete, and has no bar, does not come any more."""
    passed = state.complete_through
    earliest = instant if passed is None or passed < instant else passed
    by_calendar = find_session_after(state.rules.instrument, state.rules.calendar, earliest)
    seen = [each.bar.session for each in state.waiting.values() if each.bar.closes_at > instant]
    return min([by_calendar, *seen])


def _find_settlement(state: State, session: date) -> datetime:
    bar = state.prices.find(session)
    return bar.closes_at if bar is not None else settlement(state.rules.instrument, session)
