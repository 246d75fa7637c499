"""`adaptive-rank`, the companion model: p is the rank of the move among the last 750, with a fitted far tail.

p = (#{pool >= y} + 0.5) / (m + 1) with y = |r - mu| / (k sigma) and the pool of the last m <= 750 distances
|r - mu| / sigma. Beyond the top tenth, p comes from a generalised Pareto tail that continues the ranks,
fitted by probability-weighted moments (Hosking, Wallis 1987). k is the model's own scale for both tails (see
`Memory.widen`). The first 250 sessions, and sums of sessions, use the t tail of `garch-t`.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from brentwatch.core.domain import Refused, Scale
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Ahead, Fit, Forecast, Memory, Path
from brentwatch.core.forecasts.garch_t import FAMILY, GarchT
from brentwatch.core.forecasts.generalised_pareto import estimate_weighted_moments
from brentwatch.core.forecasts.volatility import Garch

FEWEST = 250
_TAIL = 0.1


@dataclass(frozen=True, slots=True)
class RankForecast:
    """The distribution of |r - expected| / standard_error is that of `pool` (sorted), with a Pareto tail."""

    expected: float
    standard_error: float
    pool: Floats
    threshold: float
    beyond: int
    shape: float
    spread: float
    degrees_of_freedom: None = None

    def tail(self, deviation: float) -> float:
        """The rank of the distance among the pool, or the fitted tail beyond its top tenth."""
        y = abs(deviation) / self.standard_error
        if y <= self.threshold:
            at_least = len(self.pool) - int(np.searchsorted(self.pool, y, side="left"))
            return (at_least + 0.5) / (len(self.pool) + 1)
        excess = 1.0 + self.shape * (y - self.threshold) / self.spread
        return self._at_threshold * math.pow(excess, -1.0 / self.shape) if excess > 0.0 else 0.0

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The smallest distance with a p of at most `tail` within the ranks; beyond them the inverse."""
        if tail >= self._at_threshold:
            rank = max(math.floor(tail * (len(self.pool) + 1) - 0.5), 1)
            return self.standard_error * float(self.pool[max(len(self.pool) - rank, 0)])
        excess = math.pow(tail / self._at_threshold, -self.shape)
        return self.standard_error * (self.threshold + self.spread * (excess - 1.0) / self.shape)

    @property
    def _at_threshold(self) -> float:
        """The distance at which the ranks end and the tail begins, so that p has no jump."""
        return (self.beyond + 0.5) / (len(self.pool) + 1)


@dataclass(frozen=True, slots=True)
class AdaptiveRank:
    """`within` makes the fits, the variances and the sums."""

    within: GarchT = field(default_factory=GarchT)
    name: str = "adaptive-rank"
    family: str = FAMILY
    monthly: bool = True
    adaptive: bool = True
    edition: int = 1

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters, those of `garch-t`."""
        return self.within.fit(past)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """The path of `garch-t` with this model's own k, its first step by rank."""
        if memory is None:
            return self.within.forecast(past, fit, ahead)
        k = math.exp(memory.log_k)
        path = replace(self.within.forecast_scaled(past, fit, ahead, k), scale=Scale(k, memory.since))
        if len(memory.pool) < FEWEST:
            return path
        return replace(path, steps=(rank_in_pool(path.steps[0], memory.pool), *path.steps[1:]))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory:
        """k moves, and the session's distance joins the pool."""
        first, before = path.steps[0], memory or Memory(session)
        away = abs(value - first.expected)
        distance = away / first.standard_error * math.exp(before.log_k)
        return before.widen(first.tail(away)).add_distance(distance)


def rank_in_pool(forecast: Forecast, pool: tuple[float, ...]) -> Forecast:
    """The same mean and standard deviation with the distribution of the pool.

    The t forecast stays if the top tenth of the pool has no spread, so that no tail can be fitted.
    """
    ordered = np.sort(np.fromiter(pool, dtype=np.float64, count=len(pool)))
    beyond = round(_TAIL * len(ordered))
    threshold = float(ordered[len(ordered) - beyond - 1])
    excesses = ordered[len(ordered) - beyond :] - threshold
    moments = estimate_weighted_moments(excesses)
    if moments is None:
        return forecast
    mean, weighted = moments
    shape, spread = 2.0 - mean / (mean - 2.0 * weighted), 2.0 * mean * weighted / (mean - 2.0 * weighted)
    return RankForecast(
        expected=forecast.expected,
        standard_error=forecast.standard_error,
        pool=ordered,
        threshold=threshold,
        beyond=beyond,
        shape=shape if abs(shape) > 1e-9 else 1e-9,
        spread=spread,
    )
