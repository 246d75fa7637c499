"""`constant-mean`: the textbook event study. Student t with prediction error and the exact CAR variance.

Var CAR over L sessions = s^2 (L + L^2 / n), n - 1 degrees of freedom (MacKinlay 1997; Campbell, Lo, MacKinlay
1997, ch. 4). Its volatility is the average of its window: in turbulent weeks it calls 13.7 % of ordinary
sessions abnormal at 5 %. It is shown with the headline model as the textbook's answer, and opens no alerts.
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Ahead, Fit, Mean, Memory, Path, Residuals, StudentT


@dataclass(frozen=True, slots=True)
class ConstantMeanForecast:
    """Estimated on `estimation` returns that end `gap` sessions before the event window."""

    estimation: int = 120
    gap: int = 5
    name: str = "constant-mean"
    family: str = "constant-mean"
    monthly: bool = False
    adaptive: bool = False
    edition: int = 1

    def fit(self, past: Returns) -> Mean | Refused:
        """Mean and variance (ddof 1) of the estimation window; refused if it is too short, or flat."""
        window = self._select_window(past)
        if len(window) < self.estimation:
            return Refused(
                f"{len(window)} returns before a gap of {self.gap} sessions; expected {self.estimation}; "
                "give more price history"
            )
        variance = float(np.var(window, ddof=1))
        if not variance > 0.0:
            return Refused(
                f"the price did not move in the {self.estimation} sessions of the estimation window: "
                "no variance, no test; check the price source"
            )
        return Mean(float(np.mean(window)), variance, len(window))

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """The same mean for each coming session; its error grows with the square of their number.

        It has no memory.
        """
        if not isinstance(fit, Mean):
            raise TypeError(f"expected a Mean, not {type(fit).__name__}")
        steps = tuple(_cumulate(fit, count) for count in range(1, len(ahead.days) + 1))
        residuals = Residuals(tuple((self._select_window(past) - fit.mean).tolist()))
        return Path(steps, estimation=residuals).join_sessions(ahead.spans)

    def _select_window(self, past: Returns) -> Floats:
        return past.drop_last(self.gap).take_last(self.estimation).values

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing: only an adaptive model remembers."""


def _cumulate(fit: Mean, sessions: int) -> StudentT:
    error = math.sqrt(fit.variance * (sessions + sessions**2 / fit.n))
    return StudentT(
        expected=sessions * fit.mean, standard_error=error, scale=error, degrees_of_freedom=fit.n - 1
    )
