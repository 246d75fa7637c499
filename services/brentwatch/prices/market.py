"""The market of one price series: when its sessions settle, and when its prices can be fetched."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from brentwatch.core.domain.instrument import DAILY, Instrument, find_next_session, settlement
from brentwatch.core.sessions import table
from brentwatch.core.sessions.calendar import Calendar, HasHours


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
