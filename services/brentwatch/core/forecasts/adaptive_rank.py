"""`adaptive-rank`: the companion. No t table: p is the move's rank among the last 750, the far tail fitted.

p = (#{pool >= y} + .5) / (m + 1) with y = |r - mu| / (k sigma) and the pool of the last m <= 750 distances
|r - mu| / sigma; beyond the top tenth a generalised Pareto tail takes over where the ranks end, fitted by
probability-weighted moments (Hosking, Wallis 1987); its own k, moved as in `adaptive-garch-t`. For the first
250 sessions, and for sums of sessions, the t tail of `garch-t`.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.adaptive_garch_t import AdaptiveGarchT, update_memory
from brentwatch.core.forecasts.forecast import Fit, Forecast, Memory, Path
from brentwatch.core.forecasts.garch_t import FAMILY
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

    def tail(self, distance: float) -> float:
        """The rank of the distance among the pool, or the fitted tail beyond its top tenth."""
        y = distance / self.standard_error
        if y <= self.threshold:
            at_least = len(self.pool) - int(np.searchsorted(self.pool, y, side="left"))
            return (at_least + 0.5) / (len(self.pool) + 1)
        excess = 1.0 + self.shape * (y - self.threshold) / self.spread
        return self._at_threshold * math.pow(excess, -1.0 / self.shape) if excess > 0.0 else 0.0

    def distance(self, tail: float) -> float:
        """The smallest distance whose p is at most `tail` within the ranks; beyond them the inverse."""
        if tail >= self._at_threshold:
            rank = max(math.floor(tail * (len(self.pool) + 1) - 0.5), 1)
            return self.standard_error * float(self.pool[max(len(self.pool) - rank, 0)])
        excess = math.pow(tail / self._at_threshold, -self.shape)
        return self.standard_error * (self.threshold + self.spread * (excess - 1.0) / self.shape)

    @property
    def _at_threshold(self) -> float:
        """Where the ranks end the tail begins: p has no jump."""
        return (self.beyond + 0.5) / (len(self.pool) + 1)


@dataclass(frozen=True, slots=True)
class AdaptiveRank:
    """`within` makes the fits, the variances and the sums."""

    within: AdaptiveGarchT = field(default_factory=AdaptiveGarchT)
    name: str = "adaptive-rank"
    family: str = FAMILY
    monthly: bool = True

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters, those of `garch-t`."""
        return self.within.fit(past)

    def forecast(
        self, past: Returns, fit: Fit, sessions: int, memory: Memory | None = None
    ) -> Path | Refused:
        """The path of `adaptive-garch-t` with this model's own k, its first step by rank."""
        path = self.within.forecast(past, fit, sessions, memory)
        if isinstance(path, Refused) or memory is None or len(memory.pool) < FEWEST:
            return path
        return replace(path, steps=(rank_in_pool(path.steps[0], memory.pool), *path.steps[1:]))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory:
        """k moves, and the session's distance joins the pool."""
        return update_memory(memory, path, value, session)


def rank_in_pool(forecast: Forecast, pool: tuple[float, ...]) -> Forecast:
    """The same mean and standard deviation with the distribution of the pool.

    The t forecast stays where the top tenth of the pool does not spread, so that no tail can be fitted.
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
