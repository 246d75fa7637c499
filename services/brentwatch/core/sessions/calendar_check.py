"""Checks prices against a calendar: rows on days without a session, and sessions without a row.

A row on a day without a session would be tested as one: the event of that day on this row, and the next move
as that of another session. A row on a weekend is always left out. A row on a holiday is left out if it
repeats the price before it; a row with a price of its own stays, because sources differ on holidays. EIA has
prices on many bank holidays of London, and some repeat the price before. A row on such a day is left out only
if the file was filled, which repeats on days without trade show.

An expected session is not missing if the sources of its market leave it out by rule (`Calendar.is_unpriced`):
EIA Brent and New York's futures have no price on holidays of the United States, although London and Globex
trade. A day that the calendar does not expect is a holiday, and never missing.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.core.sessions.calendar import Calendar

_STUCK = 3
"""In a filled file, this many sessions in a row without a new price had no price."""

_MOST_STUCK = 0.2
"""Above this share of repeats the price itself did not change; the file was not filled."""


@dataclass(frozen=True, slots=True)
class Sessionless:
    """Days of a price file that are not sessions: each is in one of the first three, oldest first.

    `priced` are holidays with a price of their own, which stay.
    """

    weekends: tuple[date, ...] = ()
    holidays: tuple[date, ...] = ()
    filled: tuple[date, ...] = ()
    priced: tuple[date, ...] = ()

    @property
    def days(self) -> frozenset[date]:
        """All days that are left out."""
        return frozenset((*self.weekends, *self.holidays, *self.filled))


def find_sessionless(calendar: Calendar, prices: Mapping[date, float]) -> Sessionless:
    """The days among `prices`, ascending, that are not sessions of the calendar."""
    never = [day for day in prices if calendar.is_never_traded(day)]
    repeating = frozenset(_find_repeating(prices))
    left = [day for day in prices if day not in frozenset(never)]
    was_filled = any(day in repeating for day in never)
    holidays = [day for day in never if day.weekday() <= FRIDAY]
    return Sessionless(
        weekends=tuple(day for day in never if day.weekday() > FRIDAY),
        holidays=tuple(day for day in holidays if day in repeating),
        filled=tuple(_find_filled(calendar, left, repeating)) if was_filled else (),
        priced=tuple(day for day in holidays if day not in repeating),
    )


def _find_filled(calendar: Calendar, days: Sequence[date], repeating: Container[date]) -> list[date]:
    filled = [day for day in days if day in repeating and not _is_priced(calendar, day)]
    left = [day for day in days if day not in frozenset(filled)]
    stuck = list(_find_stuck(left, repeating))
    return sorted([*filled, *(stuck if len(stuck) <= _MOST_STUCK * len(left) else [])])


def _find_repeating(prices: Mapping[date, float]) -> Iterator[date]:
    """The days whose price is that of the row before."""
    before: float | None = None
    for day, price in prices.items():
        if price == before:
            yield day
        before = price


def _is_priced(calendar: Calendar, day: date) -> bool:
    """True for a session on which sources of these prices publish a price."""
    return calendar.find_on_or_after(day) == day and not calendar.is_unpriced(day)


def _find_stuck(days: Sequence[date], repeating: Container[date]) -> Iterator[date]:
    for repeats, run in groupby(days, key=lambda day: day in repeating):
        same = list(run)
        if repeats and len(same) >= _STUCK:
            yield from same


_A_DAY = timedelta(days=1)


def list_missing_sessions(calendar: Calendar, before: date, session: date) -> tuple[date, ...]:
    """The sessions expected strictly between two priced ones that should have had a price, and have none."""
    missing, day = list[date](), calendar.find_on_or_after(before + _A_DAY)
    while day < session:
        if not calendar.is_unpriced(day):
            missing.append(day)
        day = calendar.find_on_or_after(day + _A_DAY)
    return tuple(missing)


def count_spanned_sessions(calendar: Calendar, before: date, session: date) -> int:
    """How many sessions the return from the price of `before` to that of `session` spans; 1 is usual."""
    return 1 + len(list_missing_sessions(calendar, before, session))


def find_spanning_sessions(calendar: Calendar, sessions: Sequence[date]) -> dict[date, int]:
    """The priced `sessions`, ascending, whose return spans more than one session, with that number."""
    spans = (
        (later, count_spanned_sessions(calendar, earlier, later)) for earlier, later in pairwise(sessions)
    )
    return {session: count for session, count in spans if count > 1}
