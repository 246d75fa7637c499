"""`garch-t`: the forecast of a GARCH(1,1) with Student t innovations, fitted before the month began.

Parameters change at the first session of each month, by session date, from the last 1,500 returns; the filter
runs through the session before the forecast, without a gap. One session: the fitted mean, no term for its
error. Sums of L sessions: the mean of the last 120 returns, variance sum of the forecast variances + L^2 s^2
/ 120, the same t. Size on EIA Brent 2001-2026: see the bundled calibration record.
"""

import math
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Fit, Memory, Path, StudentT
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

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters from the returns before its first session."""
        window = past.take_last(self.estimation)
        if len(window) < self.minimum:
            return Refused(
                f"{len(window)} returns before the month began, {self.minimum} wanted: "
                "give more price history"
            )
        if not float(np.var(window.values, ddof=1)) > 0.0:
            return Refused(f"the price did not move in {len(window)} sessions: check the price source")
        return fit_garch(window)

    def forecast(
        self, past: Returns, fit: Fit, sessions: int, memory: Memory | None = None
    ) -> Path | Refused:
        """From the variance filtered through the newest return of `past`; it has no memory."""
        return self.forecast_scaled(past, fit, sessions, 1.0)

    def forecast_scaled(self, past: Returns, fit: Fit, sessions: int, k: float) -> Path:
        """The path with every forecast standard deviation times `k`."""
        if not isinstance(fit, Garch):
            raise TypeError(f"a Garch was wanted, not {type(fit).__name__}")
        variance = fit.filter_returns(past.select_values_after(fit.fitted_through))
        variances = tuple(accumulate(k * k * ahead for ahead in fit.forecast_variances(variance, sessions)))
        first = _forecast(fit, fit.mu, variances[0])
        flags = (SHORT_ESTIMATION,) if fit.n < self.estimation else ()
        if sessions == 1:
            return Path((first,), flags, estimation=fit.diagnostics)
        recent = past.take_last(self.mean_over).values
        mean, error = float(np.mean(recent)), float(np.var(recent, ddof=1)) / len(recent)
        sums = (
            _forecast(fit, count * mean, variance + count**2 * error)
            for count, variance in enumerate(variances[1:], start=2)
        )
        return Path((first, *sums), flags, estimation=fit.diagnostics)

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""


def _forecast(fit: Garch, expected: float, variance: float) -> StudentT:
    error = math.sqrt(variance)
    return StudentT(
        expected=expected,
        standard_error=error,
        scale=error * math.sqrt((fit.nu - 2.0) / fit.nu),
        degrees_of_freedom=fit.nu,
    )
