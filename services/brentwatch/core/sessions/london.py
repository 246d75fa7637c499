"""`london`: the days on which London assesses the spot price, Monday to Friday without English bank holidays.

The holidays are those of the London Stock Exchange in `pandas_market_calendars`. EIA Brent has had no price
on exactly these days since mid-2022; before that it has a price on most of them, and none on some holidays of
the United States. This calendar only says which sessions to wait for; prices show which really took place.
"""

from datetime import date
from functools import cached_property

from brentwatch.core.sessions.business_days import FRIDAY, BusinessDays, is_new_york_holiday
from brentwatch.core.sessions.ice import good_friday

_WITHOUT_VALUE = frozenset({date(2012, 4, 3), date(2018, 12, 24), date(2018, 12, 31)})
"""EIA never published a value for these days, and no rule explains it: there is no price to wait for."""

_GOOD_FRIDAYS_SINCE = 2005


class London:
    """Expected London sessions."""

    def find_on_or_after(self, day: date) -> date:
        """The first London business day on or after `day`."""
        return self._business_days.find_on_or_after(day)

    def is_unpriced(self, session: date) -> bool:
        """True on holidays of New York, which EIA Brent lacked from 2007 to 2016, and on three more days."""
        return session in _WITHOUT_VALUE or is_new_york_holiday(session)

    def is_never_traded(self, day: date) -> bool:
        """True for weekends, Christmas, New Year's Day and Good Friday; other bank holidays may have a price.

        EIA has prices on most bank holidays until mid-2022, and on Good Friday until 2004.
        """
        if day.weekday() > FRIDAY or (day.month, day.day) in ((1, 1), (12, 25)):
            return True
        return day.year >= _GOOD_FRIDAYS_SINCE and day == good_friday(day.year)

    @cached_property
    def _business_days(self) -> BusinessDays:
        import pandas_market_calendars

        return BusinessDays(pandas_market_calendars.get_calendar("LSE").holidays().holidays)
