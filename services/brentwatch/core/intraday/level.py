"""The level of the moment: how large returns are just now beside the profile of the hour.

L = (2 EWMA36 |u| + EWMA276 |u|) / 3 with u = r / P, half-lives of 36 and of 276 bars, bar after bar and from
one session into the next. A scale that takes sessions to adapt is wrong within the day; one of hours alone
forgets what the day was like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FAST, SLOW = 36, 276
_HALVINGS = 40
"""In one block of the recursion: a trillion, which leaves all digits that count."""


class VolatilityLevel(NamedTuple):
    """The two parts, as they stand after a bar."""

    fast: float
    slow: float


def measure_levels(
    absolute: Floats, counted: Bools, before: VolatilityLevel
) -> tuple[Floats, VolatilityLevel]:
    """L before each slot of `absolute` (n,) = |u|, and the parts after the last; slots not counted pass."""
    values = absolute[counted]
    fast, slow = (
        _smooth_exponentially(values, FAST, before.fast),
        _smooth_exponentially(values, SLOW, before.slow),
    )
    known = (2.0 * fast + slow) / 3.0
    seen: NDArray[np.intp] = np.cumsum(counted) - counted  # bars before each slot
    return known[seen], VolatilityLevel(float(fast[-1]), float(slow[-1]))


def _smooth_exponentially(values: Floats, half_life: int, start: float) -> Floats:
    """`start`, then the average after each value: d^k (start + (1 - d) sum of x_i / d^i), i from 1 to k.

    Block by block, so that no power grows large; `scipy.signal` would take 50 MB for this one recursion.
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
