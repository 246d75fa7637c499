"""The roll: when a Brent contract stops trading, and which return is then a splice of two contracts.

ICE Brent, by contract month: since March 2016 the last business day of the second month before it, or the one
before that where it would be the business day before Christmas or New Year's Day; until February 2016 the
business day before the 15th day before the month's first, or before the last banking day up to that day
(product specification of ICE Futures Europe). Business days are those of London.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from brentwatch.core.sessions import table

SPLICED = frozenset({"brent-front"})
"""Series that go on with the next contract, unadjusted, once the front one has expired."""

_BY_LAST_DAY = (2016, 3)
_A_DAY = timedelta(days=1)
_FIFTEEN = timedelta(days=15)


@lru_cache(maxsize=512)
def expiry(year: int, month: int) -> date:
    """The last session in which the contract of that month trades."""
    if (year, month) < _BY_LAST_DAY:
        return _before(_at_or_before(date(year, month, 1) - _FIFTEEN))
    of_the_month = _before(_first_of_month_before(year, month))
    return _before(of_the_month) if _is_eve(of_the_month) else of_the_month


@lru_cache(maxsize=8192)
def expired(before: date, session: date) -> date | None:
    """The expiry that makes the return from session `before` to `session` a splice; None where it is none."""
    months = ((day.year, day.month) for day in _months_from(before, session))
    return next((end for month in months if before <= (end := expiry(*month)) < session), None)


def _months_from(before: date, session: date) -> list[date]:
    """The first days of the contract months that can expire in between: up to three months later."""
    first, last = before.replace(day=1), session.replace(day=1) + timedelta(days=95)
    return [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]


def _first_of_month_before(year: int, month: int) -> date:
    return date(year, month - 1, 1) if month > 1 else date(year - 1, 12, 1)


def _is_eve(day: date) -> bool:
    """The business day before Christmas or New Year's Day."""
    holidays = (date(day.year, 12, 25), date(day.year + 1, 1, 1))
    return any(_before(holiday) == day for holiday in holidays)


def _before(day: date) -> date:
    return _at_or_before(day - _A_DAY)


def _at_or_before(day: date) -> date:
    calendar = table.load("london")
    while calendar.on_or_after(day) != day:
        day -= _A_DAY
    return day
