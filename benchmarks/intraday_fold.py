"""The cost of 5-minute bars in the monitor: a year of bars, a single poll, the memory.

The state holds a year of bars before the clock starts. Then each session of a second year arrives as it does
live: poll by poll, with four events that open two tests, join one, and get a study without a test. The
slowest poll of a session is the one that closes its first window: it computes the reference of the session,
which a live monitor does while it is idle. The time to make bars is not counted, and neither is the daily
settlement, which `fold` measures.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.child import own_peak
from benchmarks.measurement import AtMost, Beside, Measurement, Reference
from benchmarks.references import python_loop, sorting

from brentwatch.core.domain import (
    BRENT_FRONT,
    Bar,
    EventAdmitted,
    EventClass,
    Exposure,
    MoveFound,
    Precision,
    PriceUpdate,
    PublishStudy,
    Status,
    UnrestEvent,
)
from brentwatch.core.forecasts import diagnostics
from brentwatch.core.intraday.clock import BAR, SLOTS, time_of
from brentwatch.core.intraday.reference import KEPT
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.sessions.globex import Globex
from brentwatch.history.rules import build_rules
from brentwatch.monitor import service  # noqa: F401 - the memory of the monitor's imports counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.core.domain import Signal
    from brentwatch.core.monitor.machine import State

    Prices = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

YEAR, BY_THREES = 252, 60
_EVENTS = ((110, 200.0), (112, 200.0), (180, 9_700.0), (220, 200.0))
"""The slots in which events are known, and their oil at risk: a test, a join, a test, a study alone."""

_DELAY = timedelta(minutes=15)


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """The figures, from a process that holds only the monitor's imports, its state, and one session."""
    year, by_threes = (2, 1) if short else (YEAR, BY_THREES)
    with TemporaryDirectory() as folder:
        prices = Path(folder) / "prices.npy"
        np.save(prices, prices_of(KEPT + year + by_threes))
        words = [sys.executable, "-m", "benchmarks.intraday_fold", str(prices), str(year), str(by_threes)]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    whole, one, slowest, three, slowest_three, before, megabytes = map(float, told.split())
    loop, sort = python_loop(), sorting()
    each = Reference(f"{loop.name}, for each session", year * loop.value)
    yield Measurement("monitor, a year of 5-minute bars", whole, "s", AtMost(30, each))
    usual, most = Reference(loop.name, 1000 * loop.value), Reference(sort.name, 1000 * sort.value)
    yield Measurement("monitor, a poll of one bar", 1000 * one, "ms", AtMost(0.1, usual))
    yield Measurement("monitor, a session's slowest poll", 1000 * slowest, "ms", AtMost(60, most))
    yield Measurement("monitor, a poll of three bars", 1000 * three, "ms", AtMost(0.1, usual))
    yield Measurement("monitor, its slowest of three bars", 1000 * slowest_three, "ms", AtMost(60, most))
    imports = Reference("its imports", before)
    yield Measurement("monitor, a year kept: peak memory", megabytes, "MB", Beside(imports))
    limit = Reference("its limit of 100 MB", 100)
    yield Measurement("monitor, on top of its imports", megabytes - before, "MB", AtMost(1, limit))


def prices_of(sessions: int) -> Prices:
    """Simulated closes (S, 277) after the first price; NaN if a slot had no trade."""
    from brentwatch.core.calibration.simulator import (
        simulate,
    )  # imported here, because it needs memory of its own

    made = simulate(sessions, 1)
    return np.column_stack([made.opens, np.where(made.traded, made.closes, np.nan)])


@dataclass(slots=True)
class Polled:
    """The seconds of sessions: all signals of each, and each of its polls."""

    whole: list[float] = field(default_factory=list)
    polls: list[list[float]] = field(default_factory=list)
    answers: int = 0

    @property
    def usual(self) -> float:
        """The median poll."""
        return median(each for polls in self.polls for each in polls)

    @property
    def slowest(self) -> float:
        """The median over sessions of the slowest poll."""
        return median(max(polls) for polls in self.polls)

    def take(self, state: State, signals: Sequence[Signal]) -> State:
        """The state after a session; its steps are timed."""
        polls, began = [], time.process_time()
        for signal in signals:
            before = time.process_time()
            state, effects = step(state, signal)
            if isinstance(signal, PriceUpdate):
                polls.append(time.process_time() - before)
            self.answers += sum(
                isinstance(each, PublishStudy) and isinstance(each.study.result, MoveFound)
                for each in effects
            )
        self.whole.append(time.process_time() - began)
        self.polls.append(polls)
        return state


def bars(prices: Prices, session: date) -> list[tuple[Bar, ...]]:
    """The bars of a simulated session by slot, as a provider has them; None if there was no trade."""
    opens, *closes = prices.tolist()
    found: list[tuple[Bar, ...]] = []
    for slot, close in enumerate(closes):
        opens_at = time_of(session, slot)
        if math.isnan(close):
            found.append(())
            continue
        bar = Bar(
            session=session,
            opens_at=opens_at,
            closes_at=opens_at + BAR,
            close=close,
            open=opens if slot == 0 else None,
            volume=10.0,
            interval="5m",
        )
        found.append((bar,))
    return found


def told(bars: Sequence[tuple[Bar, ...]], through: datetime, *, warmup: bool = False) -> PriceUpdate:
    """One poll, known with the delay of the source."""
    return PriceUpdate(
        series="brent-front-5m",
        bars=tuple(bar for each in bars for bar in each),
        complete_through=through,
        known_at=through + _DELAY,
        warmup=warmup,
    )


def live(session: date, made: Sequence[tuple[Bar, ...]], a_poll: int) -> list[Signal]:
    """A session as it arrives: polls of some bars each, and the events between them."""
    signals: list[Signal] = []
    for slot in range(0, SLOTS, a_poll):
        known = [each for each in _EVENTS if slot <= each[0] < slot + a_poll]
        signals += [event(session, at, barrels) for at, barrels in known]
        signals.append(told(made[slot : slot + a_poll], time_of(session, slot + a_poll)))
    return signals


def event(session: date, slot: int, barrels: float) -> EventAdmitted:
    """An attack that is known in the course of a slot."""
    known_at = time_of(session, slot) + timedelta(minutes=2)
    attack = UnrestEvent(
        event_id=f"bench:{session}:{slot}",
        revision=0,
        status=Status.NEW,
        occurred_at=known_at,
        precision=Precision.MINUTE,
        known_at=known_at,
        country="SAU",
        event_class=EventClass.ATTACK_INFRASTRUCTURE,
    )
    return EventAdmitted(event=attack, exposure=Exposure(country="SAU", production_kbd=barrels))


def settled(session: date, close: float) -> PriceUpdate:
    """The daily price, known at once."""
    at = BRENT_FRONT.series.closes_at(session)
    bar = Bar(session=session, closes_at=at, close=close)
    return PriceUpdate(series="brent-front", bars=(bar,), complete_through=at, known_at=at)


def sessions(count: int) -> list[date]:
    """The first sessions from 2022 on."""
    calendar, found = Globex(), [date(2022, 1, 4)]
    calendar.hours(found[0])
    while len(found) < count:
        found.append(calendar.find_on_or_after(found[-1] + timedelta(days=1)))
    return found


def main(path: str, year: int, by_threes: int) -> int:
    """Print the seconds of a year, of polls of one bar and of three (median and slowest), and memory in MB.

    The memory comes twice: before the first price, with libraries and calendar, and the peak at the end.
    """
    diagnostics.load()  # the monitor does this while it joins its group
    prices, days, state = (
        np.load(path),
        sessions(KEPT + year + by_threes),
        create_state(build_rules(BRENT_FRONT)),
    )
    one, three, before = Polled(), Polled(), own_peak()
    for at, session in enumerate(days):
        given = bars(prices[at], session)
        if at < KEPT:
            state, _ = step(state, told(given, time_of(session, SLOTS), warmup=True))
            continue
        polled, a_poll = (one, 1) if at < KEPT + year else (three, 3)
        state = polled.take(state, live(session, given, a_poll))
        state, _ = step(state, settled(session, float(prices[at, 0])))
    seconds = (sum(one.whole), one.usual, one.slowest, three.usual, three.slowest)
    print(*(f"{each:.6f}" for each in seconds), f"{before:.0f} {own_peak():.0f}")
    return 0 if one.answers >= 4 * year else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
