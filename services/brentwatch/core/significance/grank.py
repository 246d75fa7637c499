"""GRANK-T: the rank of the cumulated move among the standardised residuals (Kolari, Pynnonen 2011).

SCAR, standardised once more by its cross-section (so that a variance which the event changed does no harm),
joins the n standardised residuals of each event as one extra "day". With T = n + 1 days, ranks K, U = K / (T
+ 1) - 1/2 and Z = mean U of the extra day / S, S^2 = mean over the T days of (mean U)^2: t = Z sqrt((T - 2) /
(T - 1 - Z^2)), Student t with T - 2 degrees of freedom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from brentwatch.core.significance.result import TestResult, divided, student, too_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused

NAME = "grank_t_caar"


def caar(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row."""
    if len(panel.ar) < 2:
        return too_few(NAME, len(panel.ar))
    again = divided(panel.scar, panel.scar.std(axis=0, ddof=1))
    days = panel.residuals / panel.sigma[:, None]
    statistic = np.array([_t(days, extra) for extra in again.T])
    return student(NAME, "the cumulated moves rank as any residual", statistic, days.shape[1] - 1.0)


def _t(days: NDArray[np.float64], extra: NDArray[np.float64]) -> float:
    every = np.concatenate([days, extra[:, None]], axis=1)
    count = every.shape[1]
    mean = (rankdata(every, axis=1) / (count + 1) - 0.5).mean(axis=0)
    z = mean[-1] / np.sqrt(np.mean(np.square(mean)))
    return float(z * np.sqrt((count - 2.0) / (count - 1.0 - z * z)))
