"""`garch-t`: the forecast of a GARCH(1,1) with Student t innovations, fitted before the month began.

Parameters change at the first session of each month, by session date, from the last 1,500 returns; the filter
runs through the session before the forecast, without a gap. One session: the fitted mean, no term for its
error. Sums of L sessions: the mean of the last 120 returns, variance sum of the forecast variances + L^2 s^2
/ 120, the same t. Size on EIA Brent 2001-2026: see the bundled calibration record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.normal_returns.forecast import Fit, Forecast, Path
from brentwatch.core.refused import Refused
from brentwatch.core.volatility import Garch, fit_garch

if TYPE_CHECKING:
    from brentwatch.core.returns import Returns

SHORT_ESTIMATION = "short_estimation"


@dataclass(frozen=True, slots=True)
class GarchT:
    """Fitted on the last `estimation` returns, refused below `minimum`, flagged in between."""

    estimation: int = 1_500
    minimum: int = 500
    mean_over: int = 120
    name: str = "garch-t"
    monthly: bool = True

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters from the returns before its first session."""
        window = past.last(self.estimation)
        if len(window) < self.minimum:
            return Refused(
                f"{len(window)} returns before the month began, {self.minimum} wanted: "
                "give more price history"
            )
        if not float(np.var(window.values, ddof=1)) > 0.0:
            return Refused(f"the price did not move in {len(window)} sessions: check the price source")
        return fit_garch(window)

    def path(self, past: Returns, fit: Fit, sessions: int) -> Path | Refused:
        """From the variance filtered through the newest return of `past`."""
        if not isinstance(fit, Garch):
            raise TypeError(f"a Garch was wanted, not {type(fit).__name__}")
        recent = past.last(self.mean_over).values
        variances = tuple(accumulate(fit.ahead(fit.filtered(past.after(fit.fitted_through)), sessions)))
        first = _forecast(fit, fit.mu, variances[0])
        sums = (
            _cumulated(fit, recent, count, variance) for count, variance in enumerate(variances[1:], start=2)
        )
        return Path((first, *sums), (SHORT_ESTIMATION,) if fit.n < self.estimation else ())


def _cumulated(fit: Garch, recent: np.typing.NDArray[np.float64], sessions: int, variance: float) -> Forecast:
    error_of_mean = sessions**2 * float(np.var(recent, ddof=1)) / len(recent)
    return _forecast(fit, sessions * float(np.mean(recent)), variance + error_of_mean)


def _forecast(fit: Garch, expected: float, variance: float) -> Forecast:
    error = math.sqrt(variance)
    return Forecast(
        expected=expected,
        standard_error=error,
        scale=error * math.sqrt((fit.nu - 2.0) / fit.nu),
        degrees_of_freedom=fit.nu,
    )
