"""When to look next: when the calendar says that a price can be seen, and not all night or on holidays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from brentwatch.core.domain.bars import DAILY
from brentwatch.core.sessions.calendar import HasHours

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.prices.market import Market

_A_WEEK = timedelta(days=7)
"""No pause of trade is longer: there is a session that is over among so many days."""


def find_due(market: Market, newest: date) -> datetime:
    """When the price of the session after `newest` can be seen."""
    return market.closes_at(market.find_next(newest)) + market.delay


def find_following_due(market: Market, now: datetime) -> datetime:
    """The first moment after `now` at which the calendar lets a new daily price be seen."""
    session = market.calendar.find_on_or_after((now - market.delay).date() - timedelta(days=1))
    while (seen := market.closes_at(session) + market.delay) <= now:
        session = market.find_next(session)
    return seen


def find_trading_time(market: Market, now: datetime, asked_at: datetime | None) -> datetime:
    """`now` while a session trades, or once it is over and all of it can be seen; else when the next begins.

    `asked_at` is when there was an answer last, None where there was none: a service that was away over the
    close, even over a week-end, asks for the last bars when it is back.
    """
    calendar = market.calendar
    if not isinstance(calendar, HasHours):
        return now
    session = calendar.find_on_or_after((now - _A_WEEK).date())
    while (over := calendar.hours(session).closes_at + market.delay) <= now:
        if asked_at is None or asked_at < over:
            return now
        session = market.find_next(session)
    return max(now, calendar.hours(session).opens_at + market.delay)


def is_daily(market: Market) -> bool:
    """True where one price a session is waited for."""
    return market.interval == DAILY
