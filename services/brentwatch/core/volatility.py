"""Conditional volatility: GARCH(1,1) with Student t innovations, fitted by `arch`, filtered by hand.

h_{t+1} = omega + alpha e_t^2 + beta h_t, e_t = r_t - mu (Bollerslev 1987). All in log-return fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.diagnostics import diagnose
from brentwatch.core.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from brentwatch.core.diagnostics import Diagnostics
    from brentwatch.core.returns import Returns

_PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Garch:
    """Fitted parameters, and the variance they forecast for the first session after `fitted_through`.

    `diagnostics` are those of the standardised residuals of the fit.
    """

    mu: float
    omega: float
    alpha: float
    beta: float
    nu: float
    variance: float
    fitted_through: date
    diagnostics: Diagnostics

    @property
    def n(self) -> int:
        """The returns it was fitted on."""
        return self.diagnostics.n

    @property
    def persistence(self) -> float:
        """Share of a variance shock that is left a session later: alpha + beta."""
        return self.alpha + self.beta

    def filtered(self, values: NDArray[np.float64]) -> float:
        """The variance forecast for the session after `values`, the returns since `fitted_through`."""
        variance = self.variance
        for value in values:
            variance = self.omega + self.alpha * (float(value) - self.mu) ** 2 + self.beta * variance
        return variance

    def ahead(self, variance: float, sessions: int) -> Iterator[float]:
        """The variances of the next sessions, as seen now; the first is `variance` itself."""
        for _ in range(sessions):
            yield variance
            variance = self.omega + self.persistence * variance


def fit_garch(past: Returns) -> Garch | Refused:
    """Maximum likelihood on all of `past`; refused where it did not converge or the variance explodes."""
    return fitted(past.values.tobytes(), past.sessions[-1])


@lru_cache(maxsize=8)
def fitted(values: bytes, through: date) -> Garch | Refused:
    """Remembered by the returns: the fit of the next month is asked for before it is needed."""
    from arch.univariate import GARCH, ConstantMean, StudentsT

    percent = np.frombuffer(values) * _PERCENT
    model = ConstantMean(percent, volatility=GARCH(1, 0, 1), distribution=StudentsT(), rescale=False)
    result = model.fit(disp="off", show_warning=False)
    mu, omega, alpha, beta, nu = (float(value) for value in result.params)
    if result.convergence_flag != 0 or not nu > 2.0 or alpha + beta > 1.0 + 1e-6:
        return Refused(
            f"the GARCH-t fit on {len(percent)} returns through {through} did not converge "
            f"(code {result.convergence_flag}, persistence {alpha + beta:.3f}, nu {nu:.2f}): "
            "check the prices for errors of unit or splice"
        )
    last = float(result.conditional_volatility[-1])
    following = omega + alpha * (float(percent[-1]) - mu) ** 2 + beta * last**2
    return Garch(
        mu=mu / _PERCENT,
        omega=omega / _PERCENT**2,
        alpha=alpha,
        beta=beta,
        nu=nu,
        variance=following / _PERCENT**2,
        fitted_through=through,
        diagnostics=diagnose(np.asarray(result.std_resid)),
    )
