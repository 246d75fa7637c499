"""`ewma-rank`: no fit at all. The rank of |r| / sigma among the last 500 sessions, sigma an EWMA of squares.

The filter is RiskMetrics' with decay .94 and mean zero (J. P. Morgan 1996); p = (1 + #{pool >= y}) / (1 + m),
which ends at 1 / (1 + m). Sums of L sessions: the normal closed form with L sigma^2.
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
from brentwatch.core.forecasts.forecast import Fit, Forecast, Mean, Memory, Path

DECAY = 0.94


@dataclass(frozen=True, slots=True)
class Empirical:
    """The distribution of |r| / standard_error is that of `pool` (sorted), and nothing lies beyond it."""

    expected: float
    standard_error: float
    pool: Floats
    degrees_of_freedom: None = None

    def tail(self, distance: float) -> float:
        """The rank of the distance, itself counted among the pool."""
        y = distance / self.standard_error
        at_least = len(self.pool) - int(np.searchsorted(self.pool, y, side="left"))
        return (at_least + 1) / (len(self.pool) + 1)

    def distance(self, tail: float) -> float:
        """The smallest distance of the pool whose p is at most `tail`; the largest where none is."""
        rank = max(math.floor(tail * (len(self.pool) + 1)) - 1, 1)
        return self.standard_error * float(self.pool[max(len(self.pool) - rank, 0)])


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution."""

    expected: float
    standard_error: float
    degrees_of_freedom: None = None

    def tail(self, distance: float) -> float:
        """Two-sided p."""
        return float(2.0 * ndtr(-distance / self.standard_error))

    def distance(self, tail: float) -> float:
        """The distance whose two-sided p is `tail`."""
        return self.standard_error * float(ndtri(1.0 - tail / 2.0))


@dataclass(frozen=True, slots=True)
class EwmaRank:
    """Refused below `sessions` returns."""

    sessions: int = 500
    name: str = "ewma-rank"
    family: str = "ewma-rank"
    monthly: bool = False

    def fit(self, past: Returns) -> Mean | Refused:
        """The variance forecast for the next session; its mean is zero."""
        if len(past) < self.sessions:
            return Refused(f"{len(past)} returns, {self.sessions} wanted: give more price history")
        variance = float(_filter_squares(past.values)[-1])
        if not variance > 0.0:
            return Refused(f"the price did not move in {len(past)} sessions: check the price source")
        return Mean(0.0, variance, len(past))

    def forecast(
        self, past: Returns, fit: Fit, sessions: int, memory: Memory | None = None
    ) -> Path | Refused:
        """The first step by rank, sums by the normal distribution; it has no memory."""
        if not isinstance(fit, Mean):
            raise TypeError(f"a Mean was wanted, not {type(fit).__name__}")
        known = np.sqrt(_filter_squares(past.values)[:-1])
        distances = np.abs(past.values[1:])
        pool = np.sort((distances[known > 0.0] / known[known > 0.0])[-self.sessions :])
        sigma = math.sqrt(fit.variance)
        steps: list[Forecast] = [Empirical(0.0, sigma, pool)]
        steps += [Normal(0.0, sigma * math.sqrt(count)) for count in range(2, sessions + 1)]
        return Path(tuple(steps))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""


def find_rank_p(returns: Returns, session: date) -> float | None:
    """P of the return of `session` by this model; None where it is refused, or `returns` has none."""
    past, model = returns.select_before(session), EwmaRank()
    if len(past) == len(returns) or returns.sessions[len(past)] != session:
        return None
    fit = model.fit(past)
    path = fit if isinstance(fit, Refused) else model.forecast(past, fit, 1)
    return p_value(float(returns.values[len(past)]), path.steps[0]) if isinstance(path, Path) else None


def _filter_squares(values: Floats) -> Floats:
    """v_t = .94 v_(t-1) + .06 r_t^2 from v_0 = r_0^2: the variance known at each session."""
    squares = np.square(values)
    start = [DECAY * squares[0]]
    filtered, _ = lfilter([1.0 - DECAY], [1.0, -DECAY], squares[1:], zi=start)
    return np.concatenate([squares[:1], filtered])
