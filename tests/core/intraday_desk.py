"""A monitor with 5-minute bars: a simulated past, and a session that arrives bar by bar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from tests.core.desk import Desk, studies

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import (
    BRENT_FRONT,
    Bar,
    OwnCalibration,
    PriceUpdate,
    ReopenStudy,
    Stage,
    WindowSizes,
    WindowStudy,
)
from brentwatch.core.intraday.clock import BAR, SLOTS, time_of
from brentwatch.core.monitor.machine import Rules, State, create_state, step
from brentwatch.core.sessions.globex import Globex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.core.domain import Alert

FRONT = replace(BRENT_FRONT, title="Brent front month")
PAST = 60
DELAY = timedelta(minutes=15)


def own(size_01: float = 0.0108, size_001: float = 0.0012) -> OwnCalibration:
    """A calibration on own bars, with these sizes over 15 minutes; those over 60 keep the promise."""
    quarter = WindowSizes(minutes=15, size_01=size_01, error_01=0.0008, size_001=size_001, error_001=0.0003)
    hour = WindowSizes(minutes=60, size_01=0.0114, error_01=0.0013, size_001=0.0011, error_001=0.0004)
    return OwnCalibration(
        series="brent-front-5m",
        sessions=301,
        first=date(2023, 2, 1),
        last=date(2024, 4, 26),
        made_on=date(2024, 4, 27),
        sizes=(quarter, hour),
    )


@cache
def sessions() -> tuple[date, ...]:
    """The sessions of the made-up past, and one more: they trade from 18:00 to 17:00 without a holiday."""
    calendar, found = Globex(), [date(2024, 2, 20)]
    while len(found) <= PAST:
        found.append(calendar.find_on_or_after(found[-1] + timedelta(days=1)))
    return tuple(found)


@cache
def prices() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return simulate(PAST + 1, 5).closes


TODAY = sessions()[-1]


def fine(session: date, slot: int, close: float, first: float | None = None) -> Bar:
    opens_at = time_of(session, slot)
    return Bar(
        session=session,
        opens_at=opens_at,
        closes_at=opens_at + BAR,
        close=close,
        open=first,
        volume=10.0,
        interval="5m",
    )


def told(bars: Iterable[Bar], *, warmup: bool = False, through: datetime | None = None) -> PriceUpdate:
    """Bars known fifteen minutes late, with the series complete through the last."""
    bars = tuple(bars)
    end = through or max(bar.closes_at for bar in bars)
    return PriceUpdate(
        series="brent-front-5m", bars=bars, complete_through=end, known_at=end + DELAY, warmup=warmup
    )


def whole(number: int) -> list[Bar]:
    """A whole session of the past."""
    session, closes = sessions()[number], prices()[number].tolist()
    return [fine(session, slot, close, close) for slot, close in enumerate(closes)]


@cache
def warmed(count: int = PAST) -> State:
    """The state after the newest `count` sessions of the past."""
    state = create_state(Rules(instrument=FRONT))
    for number in range(PAST - count, PAST):
        state, _ = step(state, told(whole(number), warmup=True))
    return state


def calibrated(calibration: OwnCalibration) -> State:
    """The same with the user's own calibration in the settings."""
    return replace(warmed(), rules=Rules(instrument=replace(FRONT, intraday_calibration=calibration)))


def today(move: float = 0.0, at: int = SLOTS) -> list[Bar]:
    """The bars of today, on a price that moves by `move` (a log fraction) in the bar of slot `at`."""
    closes = prices()[PAST].tolist()
    shifted = [close * float(np.exp(move)) if slot >= at else close for slot, close in enumerate(closes)]
    return [fine(TODAY, slot, close, closes[0] if slot == 0 else None) for slot, close in enumerate(shifted)]


def new_york(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time of today (summer in New York) in UTC."""
    return datetime.combine(TODAY, time(hour + 4, minute, second), tzinfo=UTC)


def slot(hour: int, minute: int = 0) -> int:
    return ((hour - 18) % 24 * 60 + minute) // 5


class FineDesk(Desk):
    """Tells bars of today one by one, each in its update."""

    def __init__(self, state: State | None = None, bars: list[Bar] | None = None) -> None:
        super().__init__(warmed() if state is None else state)
        self.bars = today() if bars is None else bars
        self._at = 0

    def trade(self, until: datetime) -> None:
        """Every bar that closes at or before an instant."""
        while self._at < len(self.bars) and self.bars[self._at].closes_at <= until:
            self.tell(told([self.bars[self._at]]))
            self._at += 1

    @property
    def told_bars(self) -> int:
        """How many of its bars have arrived."""
        return self._at

    def windows(self) -> list[WindowStudy]:
        """The revisions of every study of a window within a session."""
        return [each for each in studies(self.effects) if isinstance(each, WindowStudy)]

    def window(self, minutes: int, begins_at: datetime) -> list[WindowStudy]:
        """The revisions of a window's study."""
        asked = (minutes, begins_at)
        return [each for each in self.windows() if (each.within.minutes, each.within.begins_at) == asked]

    def reopens(self, minutes: int = 5) -> list[ReopenStudy]:
        """The revisions of the studies of gaps, with 60 minutes those of gaps and their first hour."""
        told = (each for each in studies(self.effects) if isinstance(each, ReopenStudy))
        return [each for each in told if each.reopen.minutes == minutes]

    def within(self) -> list[Alert]:
        """The revisions of alerts that a test within the session has entered."""
        return [each for each in self.alerts() if each.find_test(Stage.WITHIN)]


def revised(bar: Bar, close: float) -> Bar:
    return replace(bar, close=close)
