"""The moves of one or many sessions over a window, by its first slot, relative to what the level expects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from brentwatch.core.intraday import silence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.intraday.windows import Minutes

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_Number = TypeVar("_Number", np.float64, np.int8)
_Said = TypeVar("_Said", np.float64, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Sessions, (..., 276): returns, which of them count, which are zero for want of trades, the profile P,
    the level L before each slot, and whether it was measured on too many bars without trades.

    What is said of a slot is said of the window that begins there, (..., 277 - bars), or of `every` n-th.
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
        """Where each bar has a return, and neither of these nor of those before too many lack trades."""
        whole = sum_windows(self.counted.astype(np.int8), window, every) == window.bars
        awake = sum_windows(self.quiet.astype(np.int8), window, every) <= silence.MOST * window.bars
        return np.asarray(whole & awake & ~_select_starts(self.hushed, window, every), dtype=np.bool_)


def sum_windows(values: NDArray[_Number], window: Minutes, every: int = 1) -> NDArray[_Number]:
    """The sums over the bars of a window by its first slot: of its own bars, so that no other tells."""
    ends = values.shape[-1] - window.bars + 1
    return reduce(np.add, (values[..., at : at + ends : every] for at in range(window.bars)))


def _select_starts(values: NDArray[_Said], window: Minutes, every: int) -> NDArray[_Said]:
    """What is said of each first slot."""
    return values[..., : values.shape[-1] - window.bars + 1 : every]
