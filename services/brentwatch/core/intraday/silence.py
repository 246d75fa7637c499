"""Bars without trades: zero returns, as long as they are few. Beyond a third no answer is given.

That holds of the bars of a window, of the 36 bars before it, since a level measured on silence is no level,
and of a session as a whole: a feed that was down looks like a market that slept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.intraday.level import FAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]

MOST = 1.0 / 3.0


def mark_hushed(quiet: Bools, counted: Bools, before: Bools) -> Bools:
    """Before each slot: whether more than a third of the newest 36 bars was quiet.

    `before` says so of the newest bars of the sessions before; slots not counted pass.
    """
    silent = np.cumsum(np.concatenate([[False], before, quiet[counted]]))
    seen = np.cumsum(counted) - counted + len(before)
    return np.asarray(silent[seen] - silent[np.maximum(seen - FAST, 0)] > MOST * FAST, dtype=np.bool_)
