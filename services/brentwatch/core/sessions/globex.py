"""`globex`: the sessions of energy futures on CME Globex, with the hours of their trade.

From `pandas_market_calendars`, which keeps the holidays. A session runs from 18:00 in New York on the day
before, on Sunday for Monday, to 17:00, and ends earlier on most holidays of the United States.
"""

from __future__ import annotations

from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from brentwatch.core.sessions.business_days import BusinessDays
from brentwatch.core.sessions.calendar import Hours

if TYPE_CHECKING:
    from datetime import date


class Globex:
    """Expected Globex sessions."""

    zone = ZoneInfo("America/New_York")

    def on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        return self._business_days.on_or_after(day)

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends."""
        row = self._calendar.schedule(session, session).iloc[0]
        opens, closes = (row[name].to_pydatetime() for name in ("market_open", "market_close"))
        return Hours(opens.astimezone(UTC), closes.astimezone(UTC))

    @cached_property
    def _calendar(self) -> Any:
        import pandas_market_calendars

        return pandas_market_calendars.get_calendar("CMEGlobex_EnergyAndMetals")

    @cached_property
    def _business_days(self) -> BusinessDays:
        return BusinessDays(self._calendar.holidays().holidays)
