"""The test of one window of one session.

z = |sum of r| / (L sqrt(sum of P^2) m); p is the share of the pool that is at least as large. L, P, m and the
pool were all known when the window began.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import USUAL_LEVEL, GivenAlert, NotYet, Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.forecasts.given_alert import estimate_given_alert
from brentwatch.core.intraday.clock import time_of
from brentwatch.core.intraday.grid import BROKEN, Grid
from brentwatch.core.intraday.minutes import LEVEL, BarsFound, Minutes
from brentwatch.core.intraday.moves import MOST_QUIET, Moves, mark_hushed, measure_levels
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.reference import Reference, Tail

_NULL = "the return of these {window} is a draw from the usual returns at this hour, at the recent volatility"
_EIGHTY_PERCENT = 0.4
"""Noise in one direction exceeds the |z| with this two-sided p one time in five.

So a move that lies this far beyond the level is found four times in five.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFound(BarsFound):
    """A test of a window within a session; `quiet` of its bars had no trades."""

    window: Minutes
    session: date
    quiet: int


Result = WindowFound | NotYet | Refused


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A session with its reference; values of a slot use only what was known when the slot began."""

    reference: Reference
    grid: Grid
    moves: Moves

    def estimate_usual_moves(self, window: Minutes) -> Floats:
        """L sqrt(sum of P^2) m by first slot: the mean absolute move; NaN if it is not known."""
        expected = self.moves.expect_moves(window)
        return np.asarray(expected * self.reference.pools[window].usual, dtype=np.float64)


def measure_day(reference: Reference, grid: Grid) -> Day:
    """A session, as far as it is known, with its reference."""
    profile = reference.select_profile(grid.session)
    before, _ = measure_levels(np.abs(grid.returns) / profile, grid.counted, reference.level)
    hush = mark_hushed(grid.quiet, grid.counted, reference.silent)
    return Day(reference, grid, Moves(grid.returns, grid.counted, grid.quiet, profile, before, hush))


def study(against: Reference | Refused, grid: Grid, start: Start, window: Minutes) -> Result:
    """The test of the window that begins at `start`, a slot of the session of `grid`.

    `against` is the reference made of the sessions before. The result is pending until the last bar of the
    window is known. It is refused if the window would cross a break, contains a bar without a return, or has
    too many bars without trades in it or before it.
    """
    end = start.slot + window.bars
    if isinstance(against, Refused):
        return against
    if end > grid.closes:
        return Refused(
            f"{window} from {start.opens_at.isoformat()} would cross the break at "
            f"{time_of(grid.session, grid.closes).isoformat()}, and a window must not; the daily test covers "
            "this news"
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
            f"the {window} from {start.opens_at.isoformat()} have no return: a price is zero or below, or "
            "the first bar of a contract has no open; compare prices of one contract"
        )
    quiet = _count_quiet(day.grid, start, window)
    if quiet > MOST_QUIET * window.bars:
        return Refused(
            f"{quiet} of the {window.bars} bars from {start.opens_at.isoformat()} have no trades; expected a "
            "third at most: the market may not have reacted yet; check the price source"
        )
    if day.moves.hushed[start.slot]:
        return Refused(
            f"more than a third of the three hours before {start.opens_at.isoformat()} has no trades, so the "
            "volatility is not known: check whether the price source was down"
        )
    if not usual > 0.0:
        return Refused(
            f"the price did not move before {start.opens_at.isoformat()}, or at that hour of the sessions "
            "before, so there is no usual move to compare with: check the price source"
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
    p = float(tail.p(np.array([abs(move) / usual]))[0])
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
        p=p,
        mde_05=_find_detectable(tail, usual, USUAL_LEVEL),
        mde_alert=_find_detectable(tail, usual, LEVEL),
        price_before=float(before if np.isfinite(before) else day.grid.first_price),
        price_after=float(day.grid.prices[last]),
        quiet=_count_quiet(day.grid, start, window),
        sessions=day.reference.sessions,
        flags=day.reference.flags,
        given_alert=_estimate_effect(move, tail, usual) if p <= LEVEL else None,
    )


def _estimate_effect(move: float, tail: Tail, usual: float) -> GivenAlert | None:
    def find_p(deviation: float) -> float:
        return float(tail.p(np.array([abs(deviation) / usual]))[0])

    reach = usual * tail.distance(LEVEL)
    return estimate_given_alert(move, find_p, below=reach, above=reach, standard_error=usual)


def _find_detectable(tail: Tail, usual: float, level: float) -> float:
    """The detectable move: the distance at the level, plus the noise that is exceeded one time in five."""
    return usual * (tail.distance(level) + tail.distance(_EIGHTY_PERCENT))
