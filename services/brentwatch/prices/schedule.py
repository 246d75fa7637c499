"""When to look next: when the calendar says that a price can be seen, and not at night or on holidays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from brentwatch.core.bars import DAILY
from brentwatch.core.sessions.calendar import HasHours

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.prices.market import Market


def due_at(market: Market, newest: date) -> datetime:
    """When the price of the session after `newest` can be seen."""
    return market.closes_at(market.after(newest)) + market.delay


def following_due(market: Market, now: datetime) -> datetime:
    """The first moment after `now` at which the calendar lets a new daily price be seen."""
    session = market.calendar.on_or_after((now - market.delay).date() - timedelta(days=1))
    while (seen := market.closes_at(session) + market.delay) <= now:
        session = market.after(session)
    return seen


def trading_from(market: Market, now: datetime, step: timedelta) -> datetime:
    """`now` while a session trades, or its last bar is still to come; else when the first of the next can.

    `step` is how long after the last bar it is still looked for.
    """
    calendar = market.calendar
    if not isinstance(calendar, HasHours):
        return now
    session = calendar.on_or_after(now.astimezone(calendar.zone).date())
    if now >= calendar.hours(session).closes_at + market.delay + step:
        session = market.after(session)
    return max(now, calendar.hours(session).opens_at + market.delay)


def is_daily(market: Market) -> bool:
    """True where one price a session is waited for."""
    return market.interval == DAILY
