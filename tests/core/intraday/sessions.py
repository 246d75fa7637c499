"""Sessions for the tests of intraday bars: made-up histories, and single sessions bar by bar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.calibration.simulator import Simulated, SimulatedMarket, simulate
from brentwatch.core.intraday.clock import SLOTS, find_session_start, time_of
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.reference import Reference, build_reference
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.sessions.calendar import Hours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.core.intraday.grid import Grid


TUESDAY = date(2024, 5, 7)


@cache
def history(sessions: int = 60, seed: int = 5) -> Simulated:
    return simulate(sessions, seed)


@cache
def grids(sessions: int = 60, seed: int = 5) -> tuple[Grid, ...]:
    return history(sessions, seed).build_grids()


@cache
def busy(sessions: int) -> tuple[Grid, ...]:
    """Grids of a market in which every bar has its trades."""
    return simulate(sessions, 5, SimulatedMarket(idle=(0.0, 0.0))).build_grids()


def referred(past: tuple[Grid, ...]) -> Reference:
    made = build_reference(past)
    assert isinstance(made, Reference)
    return made


def bar(
    slot: int,
    close: float,
    *,
    session: date = TUESDAY,
    first: float | None = None,
    volume: float | None = None,
    contract: str = "",
) -> IntradayBar:
    opens_at = time_of(session, slot)
    return IntradayBar(opens_at=opens_at, close=close, open=first, volume=volume, contract=contract)


def session_bars(
    bars: Iterable[IntradayBar], *, session: date = TUESDAY, closes: int = SLOTS, known: int | None = None
) -> SessionBars:
    """A session that trades from 18:00 to slot `closes`, and is known up to slot `known`."""
    hours = Hours(find_session_start(session), time_of(session, closes))
    through = time_of(session, closes if known is None else known)
    return SessionBars(session=session, hours=hours, through=through, bars=tuple(bars))


def start(grid: Grid, slot: int) -> Start:
    return Start(grid.session, slot, after_break=slot == grid.opens)


def walk(session: date, closes: int = SLOTS, seed: int = 3) -> list[IntradayBar]:
    """A bar in each slot, the first with its open."""
    moves = np.random.default_rng(seed).normal(0.0, 0.001, closes)
    prices = np.round(80.0 * np.exp(np.cumsum(moves)), 4).tolist()
    firsts = [80.0, *[None] * (closes - 1)]
    return [
        bar(slot, price, session=session, first=first)
        for slot, (price, first) in enumerate(zip(prices, firsts, strict=True))
    ]


def after(session: date, days: int = 1) -> date:
    return session + timedelta(days=days)


def closing_at(grid: Grid, slot: int) -> Grid:
    """The session with an early close."""
    kinds, returns = grid.kinds.copy(), grid.returns.copy()
    kinds[slot:], returns[slot:] = 0, 0.0
    return replace(grid, closes=slot, known=slot, kinds=kinds, returns=returns)
