"""`garch-t`: the forecast of a GARCH(1,1) with Student t innovations, fitted before the month began.

The parameters are fitted on the last 1,500 returns and change at the first session of each month, by session
date. The filter runs through the session before the forecast, without a gap. The forecast of one session has
the fitted mean, without a term for its error. The forecast of a sum of L sessions has the mean of the last
120 returns, the sum of the forecast variances + L^2 s^2 / 120 as its variance, and the same t. The bundled
calibration record has the size on EIA Brent 2001-2026.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, Path, StudentT
from brentwatch.core.forecasts.volatility import Garch, fit_garch

SHORT_ESTIMATION = "short_estimation"
FAMILY = "garch-t"


@dataclass(frozen=True, slots=True)
class GarchT:
    """Fitted on the last `estimation` returns, refused below `minimum`, flagged in between."""

    estimation: int = 1_500
    minimum: int = 500
    mean_over: int = 120
    name: str = FAMILY
    family: str = FAMILY
    monthly: bool = True
    adaptive: bool = False
    edition: int = 1

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters from the returns before its first session."""
        return self.fit_window(past, fit_garch)

    def fit_window(self, past: Returns, fit: Callable[[Returns], Garch | Refused]) -> Garch | Refused:
        """What `fit` makes of the last `estimation` returns; refused if they are too few, or do not move."""
        window = past.take_last(self.estimation)
        if len(window) < self.minimum:
            return Refused(
                f"{len(window)} returns before the month began; expected {self.minimum} or more; "
                "give more price history"
            )
        if not float(np.var(window.values, ddof=1)) > 0.0:
            return Refused(f"the price did not move in {len(window)} sessions: check the price source")
        return fit(window)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """From the variance filtered through the newest return of `past`; it has no memory."""
        return self.forecast_scaled(past, fit, ahead, 1.0)

    def forecast_scaled(self, past: Returns, fit: Fit, ahead: Ahead, k: float) -> Path:
        """The path with every forecast standard deviation multiplied by `k`."""
        garch = require_garch(fit)
        moments = self.list_moments(past, garch, [k * k] * len(ahead.days))
        steps = tuple(build_student_t(garch, *each) for each in moments)
        flags = self.list_flags(garch)
        return Path(steps, flags, estimation=garch.diagnostics).join_sessions(ahead.spans)

    def list_moments(
        self, past: Returns, fit: Garch, factors: Sequence[float]
    ) -> Iterator[tuple[float, float]]:
        """The mean and the variance of the sums of the next returns, each variance times its factor."""
        variance = fit.filter_returns(past.select_values_after(fit.fitted_through))
        ahead = fit.forecast_variances(variance, len(factors))
        variances = accumulate(factor * each for factor, each in zip(factors, ahead, strict=True))
        yield fit.mu, next(variances)
        if len(factors) == 1:
            return
        recent = past.take_last(self.mean_over).values
        mean, error = float(np.mean(recent)), float(np.var(recent, ddof=1)) / len(recent)
        for count, variance in enumerate(variances, start=2):
            yield count * mean, variance + count**2 * error

    def list_flags(self, fit: Garch) -> tuple[str, ...]:
        """The flags of every forecast by this fit."""
        return (SHORT_ESTIMATION,) if fit.n < self.estimation else ()

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""


def require_garch(fit: Fit) -> Garch:
    """The fit of a model of this family."""
    if not isinstance(fit, Garch):
        raise TypeError(f"expected a Garch, not {type(fit).__name__}")
    return fit


def build_student_t(fit: Garch, expected: float, variance: float) -> StudentT:
    """The forecast of a sum with this mean and variance."""
    error = math.sqrt(variance)
    return StudentT(
        expected=expected,
        standard_error=error,
        scale=error * math.sqrt((fit.nu - 2.0) / fit.nu),
        degrees_of_freedom=fit.nu,
    )
