"""The clock of intraday bars: a session is 276 slots of 5 minutes, from 18:00 to 17:00 in New York.

Slots follow the wall clock of New York, so that the pattern of the day stays in the same slots when clocks
change. New York changes its clocks on Sunday at 02:00, when trade is closed, so within a session slots are
also 5 minutes apart in UTC. London changes its clocks on other Sundays: for a week or more its pattern comes
an hour earlier or later.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from brentwatch.core.domain import EPOCH

NEW_YORK = ZoneInfo("America/New_York")
BAR = timedelta(minutes=5)
SLOTS = 276
HOUR = 12
"""Slots an hour."""

_OPENS = time(18)
_A_DAY = timedelta(days=1)
_WEDNESDAY = 2


def slot_at(clock: time) -> int:
    """The slot that contains a time of New York; 276 or more in the hour of the break."""
    return ((clock.hour - _OPENS.hour) % 24 * 60 + clock.minute) // 5


SETTLEMENT = slot_at(time(14, 25))
"""The slot that ends at 14:30, when front contracts settle."""

RELEASE = slice(slot_at(time(10, 30)), slot_at(time(10, 50)))
"""The slots after 10:30, when the weekly petroleum report is published on Wednesdays."""


@lru_cache(maxsize=1024)
def find_session_start(session: date) -> datetime:
    """When slot 0 of a session begins (UTC): 18:00 in New York on the day before."""
    return datetime.combine(session - _A_DAY, _OPENS, tzinfo=NEW_YORK).astimezone(UTC)


def time_of(session: date, slot: int) -> datetime:
    """When a slot begins (UTC)."""
    return find_session_start(session) + slot * BAR


def slot_of(session: date, instant: datetime) -> int:
    """The slot that contains an instant: negative before the session, 276 or more after it."""
    return (instant - find_session_start(session)) // BAR


def has_release(session: date) -> bool:
    """True on Wednesdays."""
    return session.weekday() == _WEDNESDAY


@lru_cache(maxsize=1024)
def session_of(instant: datetime) -> date:
    """The date of the session to which trade at an instant belongs, even if that day is a holiday.

    Cached: each bar needs it several times.
    """
    local = instant.astimezone(NEW_YORK)
    return local.date() + _A_DAY if local.time() >= _OPENS else local.date()


def find_first_clean(known_at: datetime) -> datetime:
    """When the first clean bar begins: at or after `known_at`; the bar that contains the news is mixed."""
    return known_at + (EPOCH - known_at) % BAR
