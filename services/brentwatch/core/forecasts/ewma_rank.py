"""`ewma-rank`, without a fit: the rank of |r| / sigma among the last 500 sessions, sigma an EWMA of squares.

The filter is that of RiskMetrics with decay 0.94 and mean zero (J. P. Morgan 1996). p = (1 + #{pool >= y}) /
(1 + m), at least 1 / (1 + m). Sums of L sessions use the normal distribution with variance L sigma^2.
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.abnormal_returns import p_value
from brentwatch.core.forecasts.forecast import Ahead, Fit, Forecast, Mean, Memory, Path

DECAY = 0.94
_SESSIONS = 120


@dataclass(frozen=True, slots=True)
class Empirical:
    """The distribution of |r| / standard_error is that of `pool` (sorted), without a tail beyond it."""

    expected: float
    standard_error: float
    pool: Floats
    degrees_of_freedom: None = None

    def tail(self, deviation: float) -> float:
        """The rank of the distance, itself counted among the pool."""
        y = abs(deviation) / self.standard_error
        at_least = len(self.pool) - int(np.searchsorted(self.pool, y, side="left"))
        return (at_least + 1) / (len(self.pool) + 1)

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The smallest distance of the pool with a p of at most `tail`; the largest if there is none."""
        rank = max(math.floor(tail * (len(self.pool) + 1)) - 1, 1)
        return self.standard_error * float(self.pool[max(len(self.pool) - rank, 0)])


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution."""

    expected: float
    standard_error: float
    degrees_of_freedom: None = None

    def tail(self, deviation: float) -> float:
        """Two-sided p."""
        return float(2.0 * ndtr(-abs(deviation) / self.standard_error))

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The distance whose two-sided p is `tail`."""
        return self.standard_error * float(ndtri(1.0 - tail / 2.0))


@dataclass(frozen=True, slots=True)
class EwmaRank:
    """Refused below `sessions` returns."""

    sessions: int = 500
    name: str = "ewma-rank"
    family: str = "ewma-rank"
    monthly: bool = False
    adaptive: bool = False
    edition: int = 1

    def fit(self, past: Returns) -> Mean | Refused:
        """The variance forecast for the next session; its mean is zero."""
        if len(past) < self.sessions:
            return Refused(f"{len(past)} returns; expected {self.sessions} or more; give more price history")
        variance = float(_filter_squares(past.values)[-1])
        if not variance > 0.0:
            return Refused(f"the price did not move in {len(past)} sessions: check the price source")
        return Mean(0.0, variance, len(past))

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """The first step by rank, sums by the normal distribution; it has no memory."""
        if not isinstance(fit, Mean):
            raise TypeError(f"expected a Mean, not {type(fit).__name__}")
        known = np.sqrt(_filter_squares(past.values)[:-1])
        distances = np.abs(past.values[1:])
        pool = np.sort((distances[known > 0.0] / known[known > 0.0])[-self.sessions :])
        sigma = math.sqrt(fit.variance)
        steps: list[Forecast] = [Empirical(0.0, sigma, pool)]
        steps += [Normal(0.0, sigma * math.sqrt(count)) for count in range(2, len(ahead.days) + 1)]
        return Path(tuple(steps)).join_sessions(ahead.spans)

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""


def find_rank_p(returns: Returns, session: date) -> float | None:
    """The p of the return of `session` by this model; None if it is refused, or `returns` has none."""
    past, model = returns.select_before(session), EwmaRank()
    if len(past) == len(returns) or returns.sessions[len(past)] != session:
        return None
    fit = model.fit(past)
    path = fit if isinstance(fit, Refused) else model.forecast(past, fit, Ahead((1,)))
    return p_value(float(returns.values[len(past)]), path.steps[0]) if isinstance(path, Path) else None


def _filter_squares(values: Floats) -> Floats:
    """v_t = 0.94 v_(t-1) + 0.06 r_t^2 from v_0 = r_0^2: the variance known at each session."""
    squares = np.square(values)
    start = [DECAY * squares[0]]
    filtered, _ = lfilter([1.0 - DECAY], [1.0, -DECAY], squares[1:], zi=start)
    return np.concatenate([squares[:1], filtered])


def measure_turbulence(past: Floats) -> float:
    """How unquiet the market is after the returns `past`: EWMA volatility over that of 120 sessions.

    The second is the standard deviation (ddof 1). Zero if there are fewer returns, or the price did not move.
    """
    usual = float(past[-_SESSIONS:].std(ddof=1)) if len(past) >= _SESSIONS else 0.0
    if not usual > 0.0:
        return 0.0
    return math.sqrt(float(_filter_squares(past)[-1])) / usual
