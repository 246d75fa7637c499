"""`london`: the days on which London assesses the spot price, Monday to Friday without English bank holidays.

From the London Stock Exchange in `pandas_market_calendars`. EIA Brent follows it to the day since 2016;
before that its source also left out some United States holidays, which the prices themselves show.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

import numpy as np


class London:
    """Expected London sessions."""

    def on_or_after(self, day: date) -> date:
        """The first London business day on or after `day`."""
        session = np.busday_offset(np.datetime64(day), 0, roll="forward", busdaycal=self._business_days)
        return date.fromisoformat(str(session))

    @cached_property
    def _business_days(self) -> np.busdaycalendar:
        import pandas_market_calendars

        holidays = pandas_market_calendars.get_calendar("LSE").holidays().holidays
        return np.busdaycalendar(holidays=np.asarray(holidays, dtype="datetime64[D]"))
