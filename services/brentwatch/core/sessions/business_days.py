"""Business days without holidays, and the holidays of New York's oil futures.

NYMEX settles nothing on Martin Luther King Day, Presidents' Day, Memorial Day, Juneteenth, Independence Day,
Labor Day, Thanksgiving, Christmas and New Year's Day, as they are observed; Columbus Day and Veterans Day are
ordinary sessions. EIA Brent, priced in London, has no value on 43 of these days from 2007 to 2016.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

FRIDAY = 4
_DAY = timedelta(days=1)


class BusinessDays:
    """The days from Monday to Friday that are not among `holidays`, which are dates or NumPy dates."""

    def __init__(self, holidays: Iterable[object]) -> None:
        self._holidays = frozenset(date.fromisoformat(str(day)[:10]) for day in holidays)

    def find_on_or_after(self, day: date) -> date:
        """The first business day on or after `day`."""
        while day.weekday() > FRIDAY or day in self._holidays:
            day += _DAY
        return day


_ORDINARY = ("Columbus Day", "Veterans Day")
_FIRST_YEAR, _LAST_YEAR = 1900, 2299


def is_new_york_holiday(day: date) -> bool:
    """True for a weekday from 1900 to 2299 on which New York's oil futures do not settle."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR and day in _list_holidays(day.year // 100)


@cache
def _list_holidays(century: int) -> frozenset[date]:
    """The holidays of a hundred years: pandas needs the same time for one year."""
    from pandas.tseries.holiday import USFederalHolidayCalendar

    first, last = f"{century}00-01-01", f"{century}99-12-31"
    named = USFederalHolidayCalendar().holidays(first, last, return_name=True)
    ordinary = named.str.startswith(_ORDINARY).to_numpy()
    return frozenset(day.date() for day in named.index[~ordinary])
