"""`adaptive-garch-t`: the headline. `garch-t` whose scale corrects itself.

z = (r - mu) / (k sigma), p = 2 T(|z| sqrt(nu / (nu - 2))): sigma is a GARCH forecast, k widens after each p
at or below .05 and narrows otherwise (see `Memory`), p is the t tail of the move over k sigma. The feedback
holds the long-run size at 5 % on any series, also on one whose GARCH fits badly.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import date

from brentwatch.core.domain import Refused, Scale
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Fit, Memory, Path
from brentwatch.core.forecasts.garch_t import FAMILY, GarchT
from brentwatch.core.forecasts.volatility import Garch


@dataclass(frozen=True, slots=True)
class AdaptiveGarchT:
    """`within` makes the fits and the variances."""

    within: GarchT = field(default_factory=GarchT)
    name: str = "adaptive-garch-t"
    family: str = FAMILY
    monthly: bool = True

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters, those of `garch-t`."""
        return self.within.fit(past)

    def forecast(
        self, past: Returns, fit: Fit, sessions: int, memory: Memory | None = None
    ) -> Path | Refused:
        """The path of `garch-t`, its standard deviations times k; k is 1 where there is no memory."""
        if memory is None:
            return self.within.forecast_scaled(past, fit, sessions, 1.0)
        k = math.exp(memory.log_k)
        return replace(self.within.forecast_scaled(past, fit, sessions, k), scale=Scale(k, memory.since))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory:
        """k moves; the first session starts it at 1."""
        return update_memory(memory, path, value, session)


def update_memory(memory: Memory | None, path: Path, value: float, session: date) -> Memory:
    """The memory after one session: p as it was forecast, and the distance before any scale."""
    first, before = path.steps[0], memory or Memory(session)
    away = abs(value - first.expected)
    return before.add_session(first.tail(away), away / first.standard_error * math.exp(before.log_k))
