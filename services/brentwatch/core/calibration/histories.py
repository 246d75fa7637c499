"""Calibration on made-up bars: histories of their own, each looked at from its first testable session on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.calibration.intraday import count_alarms, find_fifth_edges
from brentwatch.core.calibration.intraday_placebos import run_placebo_sessions
from brentwatch.core.calibration.simulator import LIKE_BRENT, simulate
from brentwatch.core.intraday.reference import FEWEST

if TYPE_CHECKING:
    from brentwatch.core.calibration.intraday import Counts
    from brentwatch.core.calibration.simulator import SimulatedMarket

LONGEST = 260
"""Tested sessions a history: the first 80 of them on a short one, as with a new source."""

_APART = 1_000_003


def split_sessions(sessions: int) -> list[int]:
    """So many tested sessions, over histories of equal length, at least eight where there are as many."""
    histories = min(max(-(-sessions // LONGEST), 8), sessions)
    shortest, longer = divmod(sessions, histories)
    return [shortest + (number < longer) for number in range(histories)]


def count_history(sessions: int, seed: int, number: int, market: SimulatedMarket = LIKE_BRENT) -> Counts:
    """The counts of history `number` of a seed, with so many tested sessions."""
    own_seed = seed * _APART + number
    tested = list(run_placebo_sessions(simulate(FEWEST + sessions, own_seed, market).build_grids()))
    return count_alarms(tested, find_fifth_edges(tested), own_seed)
