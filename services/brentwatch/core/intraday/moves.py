"""The moves of sessions over a window, relative to the current volatility level L.

L = (2 EWMA36 |u| + EWMA276 |u|) / 3 with u = r / P and half-lives of 36 and of 276 bars. It runs from bar to
bar and from one session into the next. A scale that takes sessions to adapt is wrong within the day; a scale
of a few hours forgets the rest of the day.

Bars without trades count as zero returns while they are few. If more than a third of the bars has no trades,
there is no answer. This limit holds for the bars of a window, for the 36 bars before it, on which the level
is measured, and for a whole session: a feed that was down looks like a quiet market.
"""

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.minutes import Minutes

FAST, SLOW = 36, 276
_HALVINGS = 40
"""The largest power in one block of the recursion: a trillion keeps all digits that count."""


class VolatilityLevel(NamedTuple):
    """The two parts of L after a bar."""

    fast: float
    slow: float


def measure_levels(
    absolute: Floats, counted: Bools, before: VolatilityLevel
) -> tuple[Floats, VolatilityLevel]:
    """L before each slot of `absolute` (n,) = |u|, and the parts after the last; skips uncounted slots."""
    values = absolute[counted]
    fast, slow = (
        _smooth_exponentially(values, FAST, before.fast),
        _smooth_exponentially(values, SLOW, before.slow),
    )
    known = (2.0 * fast + slow) / 3.0
    seen: Integers = np.cumsum(counted) - counted  # bars before each slot
    return known[seen], VolatilityLevel(float(fast[-1]), float(slow[-1]))


def _smooth_exponentially(values: Floats, half_life: int, start: float) -> Floats:
    """`start`, then the average after each value: d^k (start + (1 - d) sum of x_i / d^i), i from 1 to k.

    It works in blocks so that no power grows large. `scipy.signal` would take 50 MB for this one recursion.
    """
    decay = 0.5 ** (1.0 / half_life)
    most = _HALVINGS * half_life
    powers = decay ** np.arange(1.0, min(most, len(values)) + 1.0)
    averages = [np.array([start])]
    for begins in range(0, len(values), most):
        block = values[begins : begins + most]
        grown = powers[: len(block)]
        averages.append(grown * (averages[-1][-1] + (1.0 - decay) * np.cumsum(block / grown)))
    return np.concatenate(averages)


MOST_QUIET = 1.0 / 3.0


def mark_hushed(quiet: Bools, counted: Bools, before: Bools) -> Bools:
    """For each slot: whether more than a third of the 36 bars before it was quiet.

    `before` marks the quiet bars at the end of the sessions before; uncounted slots are skipped.
    """
    silent = np.cumsum(np.concatenate([[False], before, quiet[counted]]))
    seen = np.cumsum(counted) - counted + len(before)
    return np.asarray(silent[seen] - silent[np.maximum(seen - FAST, 0)] > MOST_QUIET * FAST, dtype=np.bool_)


_Number = TypeVar("_Number", np.float64, np.int8)
_Said = TypeVar("_Said", np.float64, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Sessions, (..., 276), by slot, from which the moves of windows are computed.

    The fields are the returns, which of them count, which are zero because there were no trades, the profile
    P, the level L before each slot, and whether L was measured on too many bars without trades. A method
    gives one value for the window that begins at each slot, (..., 277 - bars), or at `every` n-th slot.
    """

    returns: Floats
    counted: Bools
    quiet: Bools
    profile: Floats
    before: Floats
    hushed: Bools

    def sum_returns(self, window: Minutes, every: int = 1) -> Floats:
        """The summed returns."""
        return sum_windows(self.returns, window, every)

    def expect_moves(self, window: Minutes, every: int = 1) -> Floats:
        """L sqrt(sum of P^2)."""
        spread = np.sqrt(sum_windows(np.square(self.profile), window, every))
        return np.asarray(_select_starts(self.before, window, every) * spread, dtype=np.float64)

    def scale_moves(self, window: Minutes, every: int = 1) -> Floats:
        """y = |sum of r| / (L sqrt(sum of P^2))."""
        totals, expected = np.abs(self.sum_returns(window, every)), self.expect_moves(window, every)
        return np.divide(totals, expected, out=np.zeros(totals.shape), where=expected > 0.0)

    def mark_testable(self, window: Minutes, every: int = 1) -> Bools:
        """True if every bar has a return, and not too many bars in the window or before it lack trades."""
        whole = sum_windows(self.counted.astype(np.int8), window, every) == window.bars
        awake = sum_windows(self.quiet.astype(np.int8), window, every) <= MOST_QUIET * window.bars
        return np.asarray(whole & awake & ~_select_starts(self.hushed, window, every), dtype=np.bool_)


def sum_windows(values: NDArray[_Number], window: Minutes, every: int = 1) -> NDArray[_Number]:
    """The sums over the bars of a window by its first slot, from its own bars only."""
    ends = values.shape[-1] - window.bars + 1
    return reduce(np.add, (values[..., at : at + ends : every] for at in range(window.bars)))


def _select_starts(values: NDArray[_Said], window: Minutes, every: int) -> NDArray[_Said]:
    """The values of the first slots of windows."""
    return values[..., : values.shape[-1] - window.bars + 1 : every]
