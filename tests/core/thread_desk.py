"""A fold with settlements and 5-minute bars: a quiet spring, a weekend, and a Monday bar by bar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from tests.core.desk import quiet_closes
from tests.core.intraday_desk import FRONT, PAST, FineDesk, fine, told

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import Bar, PriceUpdate, SessionStudy
from brentwatch.core.intraday.clock import SETTLEMENT
from brentwatch.core.monitor.machine import Rules, State, create_state, step
from brentwatch.core.sessions.globex import Globex

if TYPE_CHECKING:
    from brentwatch.core.domain import Effect

FRIDAY, MONDAY, TUESDAY = date(2024, 5, 17), date(2024, 5, 20), date(2024, 5, 21)
SATURDAY = datetime(2024, 5, 18, 9, tzinfo=UTC)
REOPENS = datetime(2024, 5, 19, 22, tzinfo=UTC)
SETTLES = datetime(2024, 5, 20, 18, 30, tzinfo=UTC)
PUBLISHED = timedelta(hours=3)
"""So long after its settlement a price is seen."""

_DAYS = 600
_NEW_YORK = timedelta(hours=4)
"""Behind UTC, in summer."""


def monday(hour: int, minute: int = 0) -> datetime:
    """A time of Monday in New York, in UTC."""
    return datetime.combine(MONDAY, time(hour, minute), tzinfo=UTC) + _NEW_YORK


@cache
def list_sessions(count: int, last: date) -> tuple[date, ...]:
    """The last `count` sessions with a settlement through `last`, oldest first."""
    calendar, found, day = Globex(), list[date](), last
    while len(found) < count:
        if calendar.find_on_or_after(day) == day and not calendar.is_unpriced(day):
            found.append(day)
        day -= timedelta(days=1)
    return tuple(reversed(found))


@cache
def list_closes() -> tuple[tuple[float, ...], ...]:
    """The closes of each session of bars through Monday; each begins where the one before ended."""
    closes, last, rows = simulate(PAST + 1, 5).closes, 80.0, []
    for row in closes:
        rows.append(tuple(float(close) for close in row / row[0] * last))
        last = rows[-1][-1]
    return tuple(rows)


def bars_of(day: date, number: int, gap: float = 0.0, moves: dict[int, float] | None = None) -> list[Bar]:
    """The bars of a session on the closes of that number, moved by `gap` and from slots on by `moves`."""
    made = []
    for slot, close in enumerate(list_closes()[number]):
        move = gap + sum(by for at, by in (moves or {}).items() if slot >= at)
        made.append(fine(day, slot, close * float(np.exp(move))))
    return made


def bars_of_monday(gap: float = 0.0, moves: dict[int, float] | None = None) -> list[Bar]:
    """Monday, which opens with a gap of so much (a log fraction) from Friday's last trade."""
    return bars_of(MONDAY, PAST, gap, moves)


@cache
def warmed_thread() -> State:
    """The state on Friday evening, when its settlement is known: all of it is warm-up."""
    state = create_state(Rules(instrument=FRONT))
    settled = list_closes()[PAST - 1][SETTLEMENT]
    closes = [close / 80.0 * settled for close in quiet_closes(_DAYS)]
    days = [daily(day, close) for day, close in zip(list_sessions(_DAYS, FRIDAY), closes, strict=True)]
    through = days[-1].closes_at
    past = PriceUpdate(
        series=FRONT.series.name,
        bars=tuple(days),
        complete_through=through,
        known_at=through + PUBLISHED,
        warmup=True,
    )
    state, _ = step(state, past)
    for number, day in enumerate(list_sessions(PAST, FRIDAY)):
        state, _ = step(state, told(bars_of(day, number), warmup=True))
    return state


def daily(day: date, close: float, first: float | None = None) -> Bar:
    """A settlement."""
    return Bar(session=day, closes_at=FRONT.series.closes_at(day), close=close, open=first)


def settlement(day: date, close: float, first: float | None = None) -> PriceUpdate:
    """The settlement of a day, seen three hours later."""
    only = daily(day, close, first)
    known_at = only.closes_at + PUBLISHED
    return PriceUpdate(
        series=FRONT.series.name, bars=(only,), complete_through=only.closes_at, known_at=known_at
    )


class ThreadDesk(FineDesk):
    """Tells the bars of Monday one by one, and settlements."""

    def __init__(self, bars: list[Bar] | None = None, state: State | None = None) -> None:
        super().__init__(
            warmed_thread() if state is None else state, bars_of_monday() if bars is None else bars
        )

    @property
    def last_close(self) -> float:
        """The settlement of Friday."""
        return self.state.prices.bars[-1].close

    def settle_at(self, day: date, log_return: float = 0.0) -> list[Effect]:
        """Settle a day with a return from the settlement before."""
        return self.tell(settlement(day, self.last_close * float(np.exp(log_return))))

    def day_studies(self, day: date = MONDAY) -> list[SessionStudy]:
        """The revisions of the session test."""
        return self.revisions(day)


def silent(state: State) -> State:
    """The same for an instrument that opens no alerts."""
    return replace(state, rules=replace(state.rules, instrument=replace(FRONT, alerts=False)))
