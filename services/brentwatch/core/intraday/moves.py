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


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Sessions, (..., 276): returns, which of them count, which are zero for want of trades, the profile P,
    the level L before each slot, and whether it was measured on too many bars without trades.

    What is said of a slot is said of the window that begins there, (..., 277 - bars).
    """

    returns: Floats
    counted: Bools
    quiet: Bools
    profile: Floats
    before: Floats
    hushed: Bools

    def totals(self, window: Minutes) -> Floats:
        """The summed returns."""
        return summed(self.returns, window)

    def expected(self, window: Minutes) -> Floats:
        """L sqrt(sum of P^2)."""
        spread = np.sqrt(summed(np.square(self.profile), window))
        return np.asarray(self.before[..., : spread.shape[-1]] * spread, dtype=np.float64)

    def relative(self, window: Minutes) -> Floats:
        """y = |sum of r| / (L sqrt(sum of P^2))."""
        totals, expected = np.abs(self.totals(window)), self.expected(window)
        return np.divide(totals, expected, out=np.zeros(totals.shape), where=expected > 0.0)

    def testable(self, window: Minutes) -> Bools:
        """Where each bar has a return, and neither of these nor of those before too many lack trades."""
        whole = summed(self.counted.astype(np.int8), window) == window.bars
        awake = summed(self.quiet.astype(np.int8), window) <= silence.MOST * window.bars
        return np.asarray(whole & awake & ~self.hushed[..., : whole.shape[-1]], dtype=np.bool_)


def summed(values: NDArray[_Number], window: Minutes) -> NDArray[_Number]:
    """The sums over the bars of a window by its first slot: of its own bars, so that no other tells."""
    starts = values.shape[-1] - window.bars + 1
    return reduce(np.add, (values[..., at : at + starts] for at in range(window.bars)))
