"""Checks prices against a calendar: rows on days without a session, and sessions without a row.

A row on such a day takes the place of a session: the event of that day is tested on it, and the move that
follows is tested as another session's. A row on a weekend is never a session's. A row on a holiday is left
out where it repeats the price before; one with a price of its own stays, since sources differ on holidays.
EIA has prices on many bank holidays of London, some of which repeat the one before: on such a day a row is
left out only from a file that shows that it was filled, by repeats on days that never trade.

A session that the calendar expects is not missing where the sources of its market leave it out by rule
(`Calendar.is_unpriced`): EIA Brent and New York's futures have no price on holidays of the United States,
which London and Globex trade on. A day that the calendar does not expect is a holiday, and never missing.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.core.sessions.calendar import Calendar

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
    """True for a session on which sources of these prices publish one."""
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
    """How many sessions the return from the price of `before` to that of `session` stands for; 1 is usual."""
    return 1 + len(list_missing_sessions(calendar, before, session))


def find_spanning_sessions(calendar: Calendar, sessions: Sequence[date]) -> dict[date, int]:
    """Of priced `sessions`, ascending, those whose return spans more than one, with how many it spans."""
    spans = (
        (later, count_spanned_sessions(calendar, earlier, later)) for earlier, later in pairwise(sessions)
    )
    return {session: count for session, count in spans if count > 1}
