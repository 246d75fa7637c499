"""Which session an event belongs to: forward only, the first settlement strictly after it was knowable."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.sessions.calendar import Calendar

_A_DAY = timedelta(days=1)


def settlement(instrument: Instrument, session: date) -> datetime:
    """The instant (UTC) at which `session` settles, in the instrument's own zone and its clock changes."""
    local = datetime.combine(session, instrument.settlement, tzinfo=ZoneInfo(instrument.time_zone))
    return local.astimezone(UTC)


def find_session_after(instrument: Instrument, calendar: Calendar, instant: datetime) -> date:
    """The first expected session whose settlement lies strictly after `instant` (UTC)."""
    session = calendar.find_on_or_after(instant.astimezone(ZoneInfo(instrument.time_zone)).date())
    if settlement(instrument, session) > instant:
        return session
    return find_next_session(calendar, session)


def find_next_session(calendar: Calendar, session: date) -> date:
    """The expected session after `session`."""
    return calendar.find_on_or_after(session + _A_DAY)
