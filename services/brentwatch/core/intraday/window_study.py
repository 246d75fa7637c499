"""The test of one window of one session: what the price shows, and what it cannot.

z = |sum of r| / (L sqrt(sum of P^2) m); p is the share of the pool that is as large. All of L, P, m and the
pool were known when the window began.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

import numpy as np

from brentwatch.core.domain import USUAL_LEVEL, NotYet, Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.intraday.clock import time_of
from brentwatch.core.intraday.grid import BROKEN, Grid
from brentwatch.core.intraday.minutes import LEVEL, Minutes
from brentwatch.core.intraday.moves import MOST_QUIET, Moves, mark_hushed, measure_levels
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.reference import Reference, Tail

_NULL = "the return of these {window} is a draw from what the hour does at the level of the bars before"
_EIGHTY_PERCENT = 0.4
"""A move is found four times in five where noise of its other sign undoes one in five: |z| in two in five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFound:
    """A test and its estimate, all returns as log fractions.

    `move` is the summed return from `begins_at` to `ends_at` (UTC), of which nothing was expected; `low` to
    `high` its 95 % range; `usual` the mean absolute move of such a window at that hour and level; `z` the
    move beside it; `p` two-sided. `mde_05` and `mde_alert` are the moves found with 80 % power at 5 % and at
    the alert level. `price_before` and `price_after` are in USD/bbl, not a number where none is told. Of its
    bars `quiet` were without trades; `sessions` were looked back on.
    """

    window: Minutes
    session: date
    begins_at: datetime
    ends_at: datetime
    null: str
    move: float
    low: float
    high: float
    usual: float
    z: float
    p: float
    mde_05: float
    mde_alert: float
    price_before: float
    price_after: float
    quiet: int
    sessions: int
    flags: tuple[str, ...]
    status: ClassVar[str] = "found"

    @property
    def alerts(self) -> bool:
        """True where p is at or below the alert level of an intraday window."""
        return self.p <= LEVEL


Result = WindowFound | NotYet | Refused


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A session beside what it is measured against; of each slot only what was known when it began."""

    reference: Reference
    grid: Grid
    moves: Moves

    def estimate_usual_moves(self, window: Minutes) -> Floats:
        """L sqrt(sum of P^2) m by first slot: the mean absolute move; not a number where none is known."""
        expected = self.moves.expect_moves(window)
        return np.asarray(expected * self.reference.pools[window].usual, dtype=np.float64)


def measure_day(reference: Reference, grid: Grid) -> Day:
    """A session, as far as it is known, beside its reference."""
    profile = reference.select_profile(grid.session)
    before, _ = measure_levels(np.abs(grid.returns) / profile, grid.counted, reference.level)
    hush = mark_hushed(grid.quiet, grid.counted, reference.silent)
    return Day(reference, grid, Moves(grid.returns, grid.counted, grid.quiet, profile, before, hush))


def study(against: Reference | Refused, grid: Grid, start: Start, window: Minutes) -> Result:
    """The test of the window that begins at `start`, a slot of the session of `grid`.

    `against` is made of the sessions before. Pending until its last bar is known; refused where the window
    would cross a break, holds a bar without a return, or stands on too many bars without trades.
    """
    end = start.slot + window.bars
    if isinstance(against, Refused):
        return against
    if end > grid.closes:
        return Refused(
            f"{window} from {start.opens_at.isoformat()} would cross the break at "
            f"{time_of(grid.session, grid.closes).isoformat()}: no window does; the daily test has that news"
        )
    if grid.known < end:
        return NotYet(settles_at=time_of(grid.session, end))
    day = measure_day(against, grid)
    usual = float(day.estimate_usual_moves(window)[start.slot])
    return _refuse_doubtful(day, start, window, usual) or _build_found(day, start, window, usual)


def _refuse_doubtful(day: Day, start: Start, window: Minutes, usual: float) -> Refused | None:
    end = start.slot + window.bars
    if (day.grid.kinds[start.slot : end] == BROKEN).any():
        return Refused(
            f"no return exists in the {window} from {start.opens_at.isoformat()}: a price is zero or below, "
            "or the first of a contract whose open is not told; compare prices of one contract"
        )
    quiet = _count_quiet(day.grid, start, window)
    if quiet > MOST_QUIET * window.bars:
        return Refused(
            f"{quiet} of the {window.bars} bars from {start.opens_at.isoformat()} are without trades, a "
            "third at most was wanted: the price may not have had its say; look at the source"
        )
    if day.moves.hushed[start.slot]:
        return Refused(
            f"more than a third of the three hours before {start.opens_at.isoformat()} is without trades: "
            "the level is not known; look whether the source was down"
        )
    if not usual > 0.0:
        return Refused(
            f"nothing moved before {start.opens_at.isoformat()}, or at that hour of the sessions before: no "
            "usual move, no test; check the price source"
        )
    return None


def _count_quiet(grid: Grid, start: Start, window: Minutes) -> int:
    return int(np.count_nonzero(grid.quiet[start.slot : start.slot + window.bars]))


def _build_found(day: Day, start: Start, window: Minutes, usual: float) -> WindowFound:
    move = float(day.moves.sum_returns(window)[start.slot])
    tail = day.reference.pools[window].tail
    reach = usual * tail.distance(USUAL_LEVEL)
    last = start.slot + window.bars - 1
    before = day.grid.prices[start.slot - 1] if start.slot > day.grid.opens else np.nan
    return WindowFound(
        window=window,
        session=day.grid.session,
        begins_at=start.opens_at,
        ends_at=time_of(day.grid.session, last + 1),
        null=_NULL.format(window=window),
        move=move,
        low=move - reach,
        high=move + reach,
        usual=usual,
        z=abs(move) / usual,
        p=float(tail.p(np.array([abs(move) / usual]))[0]),
        mde_05=_find_detectable(tail, usual, USUAL_LEVEL),
        mde_alert=_find_detectable(tail, usual, LEVEL),
        price_before=float(before if np.isfinite(before) else day.grid.first_price),
        price_after=float(day.grid.prices[last]),
        quiet=_count_quiet(day.grid, start, window),
        sessions=day.reference.sessions,
        flags=day.reference.flags,
    )


def _find_detectable(tail: Tail, usual: float, level: float) -> float:
    """With symmetric noise: the distance at the level, and how far noise goes back one time in five."""
    return usual * (tail.distance(level) + tail.distance(_EIGHTY_PERCENT))
