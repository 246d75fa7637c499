"""Conditional volatility: GARCH(1,1) with Student t innovations, fitted by `arch`, filtered by hand.

h_{t+1} = omega + alpha e_t^2 + beta h_t, e_t = r_t - mu (Bollerslev 1987). All in log-return fractions.

The optimiser works on returns divided by their standard deviation (ddof 1), so that neither its steps nor its
tolerances depend on how much the price moves. Without this, a series with 0.02 % a session got a sigma up to
10^12 times too large.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain import Diagnostics, Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.calendar_variance import LONG_RUN, classify_days, estimate_factors
from brentwatch.core.forecasts.diagnostics import diagnose

if TYPE_CHECKING:
    from arch.univariate.distribution import Distribution

_DIGITS = 10
"""The rounding of a return in standard deviations, so that its last bits do not change a fit."""

_TOLERANCE = {"ftol": 1e-10, "maxiter": 500}
"""Tight enough for the same p on another machine; arch's own 1e-6 leaves differences of 1e-4."""

_FARTHEST = 100.0
"""The largest ratio of the mean fitted variance to the variance of the returns; the smallest is 1 / it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garch:
    """Fitted parameters, and the variance they forecast for the first session after `fitted_through`.

    `diagnostics` are those of the standardised residuals of the fit, `calendar` the variance factors by the
    calendar days before a session: see `calendar_variance.py`.
    """

    mu: float
    omega: float
    alpha: float
    beta: float
    nu: float
    variance: float
    fitted_through: date
    diagnostics: Diagnostics
    calendar: tuple[float, float, float] = LONG_RUN

    @property
    def n(self) -> int:
        """The returns it was fitted on."""
        return self.diagnostics.n

    @property
    def persistence(self) -> float:
        """The share of a variance shock that is left one session later: alpha + beta."""
        return self.alpha + self.beta

    def find_calendar_factor(self, days: int) -> float:
        """The variance factor of a session by the calendar `days` since the one before."""
        return self.calendar[classify_days(days)]

    def filter_returns(self, values: Floats) -> float:
        """The variance forecast for the session after `values`, the returns since `fitted_through`."""
        variance = self.variance
        for value in values:
            variance = self.omega + self.alpha * (float(value) - self.mu) ** 2 + self.beta * variance
        return variance

    def forecast_variances(self, variance: float, sessions: int) -> Iterator[float]:
        """The variances of the next sessions, as seen now; the first is `variance` itself."""
        for _ in range(sessions):
            yield variance
            variance = self.omega + self.persistence * variance


def fit_garch(past: Returns) -> Garch | Refused:
    """Maximum likelihood on all of `past`; refused if it did not converge, or does not fit these returns."""
    from arch.univariate import StudentsT

    return _fit(past, "GARCH-t", StudentsT())


def fit_normal_garch(past: Returns) -> Garch | Refused:
    """The same with normal innovations: `nu` is infinite."""
    from arch.univariate import Normal

    return _fit(past, "GARCH-n", Normal())


def _fit(past: Returns, name: str, innovations: "Distribution") -> Garch | Refused:
    from arch.univariate import GARCH, ConstantMean

    returns, through = past.values, past.sessions[-1]
    spread = float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
    if not spread > 0.0:
        return Refused(f"the price did not move in {len(returns)} sessions: check the price source")
    scaled = np.round(returns / spread, _DIGITS)
    model = ConstantMean(scaled, volatility=GARCH(1, 0, 1), distribution=innovations, rescale=False)
    result = model.fit(disp="off", show_warning=False, options=_TOLERANCE)
    mu, omega, alpha, beta, *shape = (float(value) for value in result.params)
    nu = shape[0] if shape else math.inf
    usual = float(np.mean(np.square(result.conditional_volatility)))
    converged = result.convergence_flag == 0 and nu > 2.0 and alpha + beta <= 1.0 + 1e-6
    if not (converged and 1.0 / _FARTHEST < usual < _FARTHEST):
        return Refused(
            f"the {name} fit on {len(returns)} returns through {through} did not converge "
            f"(code {result.convergence_flag}, persistence {alpha + beta:.3f}, nu {nu:.2f}, mean variance "
            f"{usual:.3g} times that of the returns): check the prices for errors of unit or splice"
        )
    residuals = np.asarray(result.std_resid)
    last = float(result.conditional_volatility[-1])
    following = omega + alpha * (float(scaled[-1]) - mu) ** 2 + beta * last**2
    return Garch(
        mu=mu * spread,
        omega=omega * spread**2,
        alpha=alpha,
        beta=beta,
        nu=nu,
        variance=following * spread**2,
        fitted_through=through,
        diagnostics=diagnose(residuals),
        calendar=estimate_factors(residuals, past.days),
    )
