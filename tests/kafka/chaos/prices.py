"""Made-up prices: sessions of warm-up in one record, then one session after the other, some with a jump."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from brentwatch.core.domain import Bar, PriceUpdate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from brentwatch.core.domain import Instrument, Series

START = date(2021, 2, 1)
"""So that the load of an instrument with 5-minute bars has days of a roll, a holiday, and days of neither."""

WARMUP = 560
QUIET, JUMP = 0.012, 0.08
BETWEEN_JUMPS = 5


@dataclass(frozen=True, slots=True)
class Market:
    """Sessions and when they close: `WARMUP` of them before the load begins, the others during it."""

    sessions: Sequence[date]
    closes: Sequence[datetime]
    seed: int

    @property
    def tested(self) -> int:
        """How many sessions settle during the load."""
        return len(self.sessions) - WARMUP

    def moment(self, at: float) -> datetime:
        """The moment that it is in the market at a place in the time of the load, 0 to 1."""
        whole = min(int(at * self.tested), self.tested - 1)
        begins, ends = self.closes[WARMUP + whole - 1], self.closes[WARMUP + whole]
        share = min(at * self.tested - whole, 0.999)
        return (begins + share * (ends - begins)).replace(microsecond=0) + timedelta(seconds=1)

    def place(self, instant: datetime) -> float:
        """The place in the time of the load at which it is that late in the market: 0 before it begins."""
        number = bisect_right(self.closes, instant, hi=len(self.closes) - 1)
        begins, ends = self.closes[number - 1], self.closes[number]
        return max(0.0, (number - WARMUP + (instant - begins) / (ends - begins)) / self.tested)

    def updates(
        self, series: Series, revised: float = 0.0, settlements: Mapping[date, float] | None = None
    ) -> Iterator[tuple[float, PriceUpdate]]:
        """When to write what, at places in the time of the load; a share of the sessions told anew.

        `settlements` are the prices of the newest sessions; without them they are made up as the others are.
        """
        name, chance = series.name, Random(f"{self.seed} {series.name} {revised}")
        bars = self._bars(name, settlements or {})
        newest = self.closes[WARMUP - 1]
        yield 0.0, _update(name, bars[:WARMUP], newest, warmup=True)
        for number, bar in enumerate(bars[WARMUP:], start=1):
            known_at = bar.closes_at + series.delay
            at = self.place(known_at)
            yield at, _update(name, (bar,), known_at)
            if chance.random() < revised:
                old = bars[WARMUP + number - chance.randrange(1, 4)]
                yield at, _update(name, (_moved(old, chance),), known_at)

    def _bars(self, series: str, settlements: Mapping[date, float]) -> tuple[Bar, ...]:
        chance, price, bars = Random(f"{self.seed} {series}"), 80.0, list[Bar]()
        for number, session in enumerate(self.sessions):
            jumps = number >= WARMUP and number % BETWEEN_JUMPS == 0
            price *= math.exp(chance.gauss(0.0, QUIET) + (chance.choice((-JUMP, JUMP)) if jumps else 0.0))
            price = settlements.get(session, price)
            bars.append(Bar(session=session, closes_at=self.closes[number], close=round(price, 2)))
        return tuple(bars)


def market(instrument: Instrument, tested: int, chance: Random) -> Market:
    """Sessions in the calendar of an instrument, which all instruments of the load share."""
    series = instrument.series
    sessions = [series.load_calendar().find_on_or_after(START)]
    while len(sessions) < WARMUP + tested:
        sessions.append(series.find_next(sessions[-1]))
    closes = [series.closes_at(session) for session in sessions]
    return Market(sessions, closes, chance.randrange(10**9))


def _update(series: str, bars: Sequence[Bar], known_at: datetime, *, warmup: bool = False) -> PriceUpdate:
    through = max(bar.closes_at for bar in bars)
    return PriceUpdate(
        series=series, bars=tuple(bars), complete_through=through, known_at=known_at, warmup=warmup
    )


def _moved(bar: Bar, chance: Random) -> Bar:
    return Bar(
        session=bar.session, closes_at=bar.closes_at, close=round(bar.close * chance.uniform(0.97, 1.03), 2)
    )
