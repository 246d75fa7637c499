"""`garch-n`: GARCH(1,1) with normal innovations, a peer that the scored record is compared with.

As `garch-t`, it is fitted on the last 1,500 returns at the first session of each month, and its variance is
filtered through the session before. It opens no alert and is not published: its tails are too thin.
"""

import math
from dataclasses import dataclass, field
from datetime import date

from brentwatch.core.domain import Refused
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.ewma_rank import Normal
from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, Path
from brentwatch.core.forecasts.garch_t import GarchT, require_garch
from brentwatch.core.forecasts.volatility import Garch, fit_normal_garch


@dataclass(frozen=True, slots=True)
class GarchN:
    """`within` says how many returns it needs, and turns a fit into the moments of a forecast."""

    within: GarchT = field(default_factory=GarchT)
    name: str = "garch-n"
    family: str = "garch-n"
    monthly: bool = True
    adaptive: bool = False
    edition: int = 1

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters from the returns before its first session."""
        return self.within.fit_window(past, fit_normal_garch)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """From the variance filtered through the newest return of `past`; it has no memory."""
        garch = require_garch(fit)
        moments = self.within.list_moments(past, garch, [1.0] * len(ahead.days))
        steps = tuple(Normal(expected, math.sqrt(variance)) for expected, variance in moments)
        return Path(steps, self.within.list_flags(garch)).join_sessions(ahead.spans)

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""
