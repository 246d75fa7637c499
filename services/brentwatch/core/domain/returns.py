"""The price history that estimation still needs, and the log returns in it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import compress

import numpy as np

from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.bars import Bar

KEPT_BARS = 1_700
"""1,500 returns to fit on, the two after each expiry that are left out (24 a year), the longest month, and
room to spare; older bars are let go."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Log returns of sessions, oldest first: `sessions[i]` is the session that earned `values[i]`.

    Every value is defined: a return into or out of a price of zero or below is left out, so two sessions that
    are neighbours here need not have followed each other.
    """

    sessions: tuple[date, ...]
    values: Floats

    def select_before(self, session: date) -> Returns:
        """The returns of the sessions strictly before `session`."""
        return self._take_first(bisect_left(self.sessions, session))

    def drop_last(self, count: int) -> Returns:
        """The returns without the newest `count`, as the gap before an event window asks."""
        return self._take_first(max(0, len(self.sessions) - count))

    def take_last(self, count: int) -> Returns:
        """The newest `count` returns, or all where there are fewer."""
        start = max(0, len(self.sessions) - count)
        return Returns(self.sessions[start:], self.values[start:])

    def select_values_after(self, session: date) -> Floats:
        """The values of the sessions strictly after `session`."""
        return self.values[bisect_right(self.sessions, session) :]

    def exclude(self, sessions: Container[date]) -> Returns:
        """The returns but those of `sessions`."""
        kept = [at for at, session in enumerate(self.sessions) if session not in sessions]
        return (
            self
            if len(kept) == len(self)
            else Returns(tuple(self.sessions[at] for at in kept), self.values[kept])
        )

    def select_between(self, start: int, end: int) -> Returns:
        """The returns from index `start` to before `end`."""
        return Returns(self.sessions[start:end], self.values[start:end])

    def _take_first(self, count: int) -> Returns:
        return Returns(self.sessions[:count], self.values[:count])

    def __len__(self) -> int:
        return len(self.sessions)


def log_return(previous_close: float, close: float) -> float | None:
    """ln(close / previous close) as a fraction; None where one of the prices is zero or negative."""
    return math.log(close / previous_close) if previous_close > 0 and close > 0 else None


def log_returns(sessions: Sequence[date], closes: Floats) -> Returns:
    """The log returns that exist between `closes` (USD/bbl), one a session, oldest first."""
    earlier, later = closes[:-1], closes[1:]
    exists = (earlier > 0.0) & (later > 0.0)
    if exists.all():
        return Returns(tuple(sessions[1:]), np.log(later / earlier))
    values = np.log(later[exists] / earlier[exists])
    return Returns(tuple(compress(sessions[1:], exists.tolist())), values)


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The newest bars of one series, oldest first, one a session."""

    bars: tuple[Bar, ...] = ()
    sessions: tuple[date, ...] = ()
    closes: Floats = field(default_factory=lambda: np.empty(0), compare=False, repr=False)

    @classmethod
    def build(cls, bars: Sequence[Bar]) -> PriceHistory:
        """The history of these bars, oldest first, however many."""
        return cls(tuple(bars), tuple(bar.session for bar in bars), np.array([bar.close for bar in bars]))

    def append(self, bar: Bar) -> PriceHistory:
        """The history with one newer bar; beyond `KEPT_BARS` the oldest is let go."""
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
        """The log returns that exist: without those into and out of a price of zero or below.

        The return out of such a price is not made up from the last good one: it would span two sessions.
        """
        return log_returns(self.sessions, self.closes)
