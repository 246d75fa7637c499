"""The market of one price series: when its sessions settle, and when their prices can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain.alignment import find_next_session, settlement
from brentwatch.core.domain.bars import DAILY
from brentwatch.core.sessions import table

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.sessions.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A series as the instruments that use it say: `instrument` has its calendar and its settlement.

    `delay` is declared: the price of a session is taken to be known so long after its close, and until then
    its bar is not finished. `partitions` of the timeline take the series.
    """

    series: str
    instrument: Instrument
    delay: timedelta
    partitions: tuple[int, ...]
    interval: str = DAILY

    @property
    def calendar(self) -> Calendar:
        """The sessions that are expected."""
        return table.load(self.instrument.calendar, self.instrument.overrides)

    def closes_at(self, session: date) -> datetime:
        """The settlement (UTC) of a session."""
        return settlement(self.instrument, session)

    def find_next(self, session: date) -> date:
        """The session that the calendar expects after `session`."""
        return find_next_session(self.calendar, session)

    def has_session(self, session: date) -> bool:
        """True where the calendar has a session on that day."""
        return self.calendar.find_on_or_after(session) == session
