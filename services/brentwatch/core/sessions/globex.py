"""`globex`: the sessions of energy futures on CME Globex, with their trading hours.

The holidays come from `pandas_market_calendars`. A session runs from 18:00 in New York on the day before
(Sunday for Monday) to 17:00, and ends earlier on most holidays of the United States.
"""

from datetime import UTC, date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from brentwatch.core.sessions.business_days import BusinessDays, is_new_york_holiday
from brentwatch.core.sessions.calendar import Hours


class Globex:
    """Expected Globex sessions."""

    zone = ZoneInfo("America/New_York")

    def find_on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        return self._business_days.find_on_or_after(day)

    def is_unpriced(self, session: date) -> bool:
        """True on holidays of New York: Globex trades for some hours, and settles with the next day."""
        return is_new_york_holiday(session)

    def is_never_traded(self, day: date) -> bool:
        """True for every day without a session."""
        return self.find_on_or_after(day) != day

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends."""
        if session.year not in self._years:  # the library needs about the same time for a year as for a day
            self._years[session.year] = self._load_year(session.year)
        return self._years[session.year][session]

    def _load_year(self, year: int) -> dict[date, Hours]:
        schedule = self._calendar.schedule(date(year, 1, 1), date(year, 12, 31))
        opens, closes = (
            [stamp.to_pydatetime().astimezone(UTC) for stamp in schedule[name]]
            for name in ("market_open", "market_close")
        )
        sessions = [stamp.date() for stamp in schedule.index]
        return {session: Hours(*each) for session, *each in zip(sessions, opens, closes, strict=True)}

    @cached_property
    def _years(self) -> dict[int, dict[date, Hours]]:
        """A cache of hours by year; they do not change."""
        return {}

    @cached_property
    def _calendar(self) -> Any:
        import pandas_market_calendars

        return pandas_market_calendars.get_calendar("CMEGlobex_EnergyAndMetals")

    @cached_property
    def _business_days(self) -> BusinessDays:
        return BusinessDays(self._calendar.holidays().holidays)
