"""The sessions of bars that are held, and those that could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.intraday.bars import SessionBars
from brentwatch.core.intraday.grid import lay_out_bars

if TYPE_CHECKING:
    from datetime import date, datetime

    from immutables import Map

    from brentwatch.core.intraday.grid import Grid
    from brentwatch.core.monitor.state import Intraday
    from brentwatch.core.sessions.calendar import HasHours


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
    return sum(lay_out_bars(each).usable for each in intraday.sessions.values())


def list_grids_before(intraday: Intraday, session: date) -> tuple[Grid, ...]:
    """The sessions before one, oldest first, laid out on their slots."""
    before = sorted(each for each in intraday.sessions if each < session)
    return tuple(lay_out_bars(intraday.sessions[each]) for each in before)
