"""Where the windows of an event begin: the first bar that begins at or after the news, while trade goes on.

The bar that holds the news is mixed, and tested by nobody. News while the market is closed, in the nightly
break, on a week-end or a holiday, waits for the first bar of the next session; what the price did in between
is the gap, which belongs to the daily test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain.alignment import find_next_session
from brentwatch.core.intraday.clock import find_first_clean, session_of, slot_of, time_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.core.sessions.calendar import HasHours


@dataclass(frozen=True, slots=True)
class Start:
    """The first clean bar after the news: a slot of a session; the session's first where trade was closed."""

    session: date
    slot: int
    after_break: bool

    @property
    def opens_at(self) -> datetime:
        """When the bar begins (UTC)."""
        return time_of(self.session, self.slot)


def find_start(known_at: datetime, calendar: HasHours) -> Start:
    """Where the windows of an event begin that was known at an instant (UTC)."""
    clean = find_first_clean(known_at)
    session = calendar.find_on_or_after(session_of(clean))
    hours = calendar.hours(session)
    if clean >= hours.closes_at:
        session = find_next_session(calendar, session)
        hours = calendar.hours(session)
    after_break = clean <= hours.opens_at
    return Start(session, slot_of(session, hours.opens_at if after_break else clean), after_break)
