"""Rows of a price file on days without a session: on weekends and holidays, or filled in from the day before.

A row on such a day takes the place of a session: the event of that day is tested on it, and the move that
follows is tested as another session's. A row on a weekend is never a session's. A row on a holiday is left
out where it repeats the price before; one with a price of its own stays, since sources differ on holidays.
EIA has prices on many bank holidays of London, some of which repeat the one before: on such a day a row is
left out only from a file that shows that it was filled, by repeats on days that never trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from datetime import date

    from brentwatch.core.sessions.calendar import Calendar

_FRIDAY = 4
_STUCK = 3
"""So many sessions in a row without a new price, in a file that was filled, had none."""

_MOST_STUCK = 0.2
"""Beyond this share the price itself stood still, and not the file filled it in."""


@dataclass(frozen=True, slots=True)
class Sessionless:
    """Days of a price file that are no sessions: each is in one of the first three, oldest first.

    `priced` are holidays with a price of their own, which stay.
    """

    weekends: tuple[date, ...] = ()
    holidays: tuple[date, ...] = ()
    filled: tuple[date, ...] = ()
    priced: tuple[date, ...] = ()

    @property
    def days(self) -> frozenset[date]:
        """All that are left out."""
        return frozenset((*self.weekends, *self.holidays, *self.filled))


def find_sessionless(calendar: Calendar, prices: Mapping[date, float]) -> Sessionless:
    """The days among `prices`, ascending, that are no sessions of the calendar."""
    never = [day for day in prices if calendar.is_never_traded(day)]
    repeating = frozenset(_find_repeating(prices))
    left = [day for day in prices if day not in frozenset(never)]
    was_filled = any(day in repeating for day in never)
    holidays = [day for day in never if day.weekday() <= _FRIDAY]
    return Sessionless(
        weekends=tuple(day for day in never if day.weekday() > _FRIDAY),
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
    """True for a session on which sources of these prices publish one."""
    return calendar.find_on_or_after(day) == day and not calendar.is_unpriced(day)


def _find_stuck(days: Sequence[date], repeating: Container[date]) -> Iterator[date]:
    for repeats, run in groupby(days, key=lambda day: day in repeating):
        same = list(run)
        if repeats and len(same) >= _STUCK:
            yield from same
