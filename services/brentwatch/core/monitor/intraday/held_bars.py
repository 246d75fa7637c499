"""The 5-minute bars that the state holds: their calendar, their sessions, and how long they are kept."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from immutables import Map

from brentwatch.core.domain import Refused
from brentwatch.core.errors import SettingsError
from brentwatch.core.intraday.clock import session_of
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.reference import KEPT, Reference, build_reference
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.state import Intraday, Rules, State
from brentwatch.core.sessions.calendar import HasHours, Override
from brentwatch.core.sessions.table import load


def load_trading_calendar(rules: Rules) -> HasHours:
    """The calendar of the instrument.

    Raises:
        SettingsError: if it does not know when its sessions trade.
    """
    instrument = rules.instrument
    calendar = _load_with_hours(instrument.series.calendar, instrument.series.overrides)
    if calendar is None:
        raise SettingsError(
            f"instrument {instrument.name} has bars of five minutes, and its calendar "
            f"{instrument.series.calendar!r} has no hours; one that has was wanted: choose globex or ice"
        )
    return calendar


@cache
def _load_with_hours(name: str, overrides: tuple[Override, ...]) -> HasHours | None:
    """Remembered: to look at a protocol takes as long as half of a bar, and every bar asks."""
    calendar = load(name, overrides)
    return calendar if isinstance(calendar, HasHours) else None


def find_session_bars(
    sessions: Map[date, SessionBars], through: datetime | None, calendar: HasHours, session: date
) -> SessionBars | None:
    """What is held of a session, or none of its bars yet; None where the calendar has no such session.

    The series is complete `through` an instant (UTC), None where it has not begun.
    """
    if kept := sessions.get(session):
        return kept
    if calendar.find_on_or_after(session) != session:
        return None
    hours = calendar.hours(session)
    return SessionBars(session=session, hours=hours, through=through or hours.opens_at)


def count_usable_sessions(intraday: Intraday) -> int:
    """How many whole sessions of bars there are to look back on."""
    return sum(each.grid.usable for each in intraday.sessions.values())


def list_grids_before(intraday: Intraday, session: date) -> tuple[Grid, ...]:
    """The sessions before one, oldest first, laid out on their slots."""
    before = sorted(each for each in intraday.sessions if each < session)
    return tuple(intraday.sessions[each].grid for each in before)


def find_reference(state: State, session: date) -> Reference | Refused:
    """What a session is measured against; it is asked for at each of its tests."""
    past = list_grids_before(state.intraday, session)
    return state.worked_out.references.find(past, lambda: build_reference(past))


KEPT_SESSIONS = KEPT + 10
"""Of bars: as many as are looked back on, and some that cannot be used."""

_OPEN_DAYS = timedelta(days=7)
"""So long events may join and revise what was said; none but its own prices ever leads to a test."""


def find_oldest_open(state: State) -> date | None:
    """The first session whose openings are kept; None as long as nothing tells what time it is."""
    through = [each for each in (state.intraday.complete_through, state.complete_through) if each is not None]
    return session_of(max(through)) - _OPEN_DAYS if through else None


def forget_old(state: State) -> State:
    """The state without what is too old."""
    oldest, intraday = find_oldest_open(state), _drop_old_bars(state.intraday)
    if oldest is not None and any(session < oldest for session in intraday.tests):
        openings = {at: each for at, each in intraday.openings.items() if session_of(at) >= oldest}
        tests = {session: each for session, each in intraday.tests.items() if session >= oldest}
        intraday = replace(intraday, openings=Map(openings), tests=Map(tests))
    return state if intraday is state.intraday else replace(state, intraday=intraday)


def _drop_old_bars(intraday: Intraday) -> Intraday:
    if len(intraday.sessions) <= KEPT_SESSIONS:
        return intraday
    kept = sorted(intraday.sessions)[-KEPT_SESSIONS:]
    return replace(intraday, sessions=Map({session: intraday.sessions[session] for session in kept}))
