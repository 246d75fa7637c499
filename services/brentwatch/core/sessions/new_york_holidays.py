"""Holidays of New York's oil futures: no settlement then, so many sources have no price, also of London's.

NYMEX settles nothing on Martin Luther King Day, Presidents' Day, Memorial Day, Juneteenth, Independence Day,
Labor Day, Thanksgiving, Christmas and New Year's Day, as they are observed; Columbus Day and Veterans Day are
ordinary sessions. EIA Brent, priced in London, has no value on 43 of these days from 2007 to 2016.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_ORDINARY = ("Columbus Day", "Veterans Day")


def is_new_york_holiday(day: date) -> bool:
    """True for a day on which New York's oil futures do not settle, weekends apart."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    """Of one year; New Year's Day of the next may be observed in its last days."""
    from pandas.tseries.holiday import USFederalHolidayCalendar

    named = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31", return_name=True)
    ordinary = named.str.startswith(_ORDINARY).to_numpy()
    return frozenset(day.date() for day in named.index[~ordinary])
