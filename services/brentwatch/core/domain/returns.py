"""The price history that the estimation needs, and its log returns."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import compress

import numpy as np

from brentwatch.core.domain.arrays import Floats, Integers
from brentwatch.core.domain.bars import Bar

KEPT_BARS = 1_700
"""The number of bars that are held; older ones are dropped.

It covers 1,500 returns to fit on, the two after each expiry that are left out (24 a year), the longest month,
and some reserve.
"""


@dataclass(frozen=True, slots=True)
class Returns:
    """Log returns of sessions, oldest first: `sessions[i]` is the session that earned `values[i]`.

    Every value is defined: a return into or out of a price of zero or below is left out, so neighbouring
    entries are not always consecutive sessions. `days[i]` are the calendar days from the price at which the
    return begins to `sessions[i]`.
    """

    sessions: tuple[date, ...]
    values: Floats
    days: Integers

    def select_before(self, session: date) -> Returns:
        """The returns of the sessions strictly before `session`."""
        return self._take_first(bisect_left(self.sessions, session))

    def drop_last(self, count: int) -> Returns:
        """The returns without the newest `count`, which form the gap before an event window."""
        return self._take_first(max(0, len(self.sessions) - count))

    def take_last(self, count: int) -> Returns:
        """The newest `count` returns, or all if there are fewer."""
        start = max(0, len(self.sessions) - count)
        return Returns(self.sessions[start:], self.values[start:], self.days[start:])

    def select_values_after(self, session: date) -> Floats:
        """The values of the sessions strictly after `session`."""
        return self.values[bisect_right(self.sessions, session) :]

    def exclude(self, sessions: Container[date]) -> Returns:
        """The returns without those of `sessions`."""
        kept = [at for at, session in enumerate(self.sessions) if session not in sessions]
        return (
            self
            if len(kept) == len(self)
            else Returns(tuple(self.sessions[at] for at in kept), self.values[kept], self.days[kept])
        )

    def select_between(self, start: int, end: int) -> Returns:
        """The returns from index `start` to before `end`."""
        return Returns(self.sessions[start:end], self.values[start:end], self.days[start:end])

    def _take_first(self, count: int) -> Returns:
        return Returns(self.sessions[:count], self.values[:count], self.days[:count])

    def __len__(self) -> int:
        return len(self.sessions)


def log_return(previous_close: float, close: float) -> float | None:
    """ln(close / previous close) as a fraction; None if one of the prices is zero or negative."""
    return math.log(close / previous_close) if previous_close > 0 and close > 0 else None


def count_days(sessions: Sequence[date]) -> Integers:
    """The calendar days between neighbouring sessions."""
    ordinals = np.fromiter(map(date.toordinal, sessions), dtype=np.intp, count=len(sessions))
    return ordinals[1:] - ordinals[:-1]


def log_returns(sessions: Sequence[date], closes: Floats) -> Returns:
    """The log returns that exist between `closes` (USD/bbl), one a session, oldest first."""
    earlier, later, days = closes[:-1], closes[1:], count_days(sessions)
    exists = (earlier > 0.0) & (later > 0.0)
    if exists.all():
        return Returns(tuple(sessions[1:]), np.log(later / earlier), days)
    values = np.log(later[exists] / earlier[exists])
    return Returns(tuple(compress(sessions[1:], exists.tolist())), values, days[exists])


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The newest bars of one series, oldest first, one a session."""

    bars: tuple[Bar, ...] = ()
    sessions: tuple[date, ...] = ()
    closes: Floats = field(default_factory=lambda: np.empty(0), compare=False, repr=False)

    @classmethod
    def build(cls, bars: Sequence[Bar]) -> PriceHistory:
        """The history of these bars, oldest first, without a limit on their number."""
        return cls(tuple(bars), tuple(bar.session for bar in bars), np.array([bar.close for bar in bars]))

    def append(self, bar: Bar) -> PriceHistory:
        """The history with one newer bar; beyond `KEPT_BARS` the oldest is dropped."""
        return PriceHistory(
            (*self.bars, bar)[-KEPT_BARS:],
            (*self.sessions, bar.session)[-KEPT_BARS:],
            np.append(self.closes, bar.close)[-KEPT_BARS:],
        )

    def revise(self, bar: Bar) -> PriceHistory:
        """The history with the bar of the same session replaced."""
        at = bisect_left(self.sessions, bar.session)
        return replace(
            self,
            bars=(*self.bars[:at], bar, *self.bars[at + 1 :]),
            closes=np.concatenate([self.closes[:at], [bar.close], self.closes[at + 1 :]]),
        )

    def find(self, session: date) -> Bar | None:
        """The bar of `session`, if it is still held."""
        at = bisect_left(self.sessions, session)
        return self.bars[at] if at < len(self.bars) and self.sessions[at] == session else None

    def find_first_after(self, instant: datetime) -> int:
        """The index of the first bar that settles strictly after `instant` (UTC), or the length."""
        return bisect_right(self.bars, instant, key=lambda bar: bar.closes_at)

    def compute_returns(self) -> Returns:
        """The log returns, without those into and out of a price of zero or below.

        A return out of such a price is not computed from the last good price: it would span two sessions.
        """
        return log_returns(self.sessions, self.closes)
