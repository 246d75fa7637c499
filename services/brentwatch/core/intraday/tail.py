"""The distribution of z under the null: ranks among the pool, and beyond them a fitted tail.

p = (#{pool >= z} + .5) / (n + 1) up to the 95th percentile; above it a generalised Pareto tail, fitted by
probability-weighted moments, its shape held within [.2, .45]: the ranks of bars that share a few stormy days
know nothing of one in a thousand. Where the ranks end the tail begins: no jump.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain.study import Refused
from brentwatch.core.forecasts.generalised_pareto import estimate_weighted_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_TAIL = 0.05
_LIGHTEST, _HEAVIEST = 0.2, 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """`pool` ascends; beyond `threshold`, which leaves `at_threshold`, `shape` and `spread` take over."""

    pool: Floats
    threshold: float
    at_threshold: float
    shape: float
    spread: float

    def p(self, z: Floats) -> Floats:
        """The share of the null that is at least as large; z >= 0."""
        at_least = len(self.pool) - np.searchsorted(self.pool, z, side="left")
        ranked = (at_least + 0.5) / (len(self.pool) + 1)
        beyond = 1.0 + self.shape * np.maximum(z - self.threshold, 0.0) / self.spread
        return np.where(z <= self.threshold, ranked, self.at_threshold * beyond ** (-1.0 / self.shape))

    def distance(self, p: float) -> float:
        """The smallest z whose p is at most `p` within the ranks; beyond them the inverse."""
        if p >= self.at_threshold:
            rank = max(int(p * (len(self.pool) + 1) - 0.5), 1)
            return float(self.pool[max(len(self.pool) - rank, 0)])
        excess = math.pow(p / self.at_threshold, -self.shape) - 1.0
        return self.threshold + self.spread * excess / self.shape


def fit_tail(pool: Floats) -> Tail | Refused:
    """The distribution of a pool, in any order; refused where its largest twentieth does not spread."""
    ordered = np.sort(pool)
    beyond = round(_TAIL * len(ordered))
    threshold = float(ordered[len(ordered) - beyond - 1])
    excesses = ordered[len(ordered) - beyond :] - threshold
    moments = estimate_weighted_moments(excesses)
    if moments is None:
        return Refused(
            f"the largest of {len(ordered):,} usual moves are all alike: no tail can be fitted; check the "
            "price source"
        )
    mean, weighted = moments
    shape = min(max(2.0 - mean / (mean - 2.0 * weighted), _LIGHTEST), _HEAVIEST)
    at_threshold = (beyond + 0.5) / (len(ordered) + 1)
    return Tail(ordered, threshold, at_threshold, shape, mean * (1.0 - shape))
