"""Corrado's rank test: how high the event's rows rank among all of its rows (Corrado 1989).

Ranks K over estimation and event rows together (T in all), U = K / (T + 1) - 1/2, s = sqrt(mean over all T
rows of the squared mean U); z = mean U / s, cumulated sum of mean U / (sqrt(L) s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from brentwatch.core.significance.result import TestResult, divided, normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused

NULL = "the rows of the event window rank as any others"


def day(panel: Panel) -> TestResult | Refused:
    """Of each row; N(0, 1) under the null."""
    mean, deviation = _ranks(panel)
    return normal("corrado_z", NULL, divided(mean, deviation))


def cumulated(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row."""
    mean, deviation = _ranks(panel)
    rows = np.sqrt(np.arange(1, len(mean) + 1))
    return normal("corrado_z_cum", NULL, divided(mean.cumsum(), rows * deviation))


def _ranks(panel: Panel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean U of each event row, and s."""
    every = np.concatenate([panel.residuals, panel.ar], axis=1)
    mean = (rankdata(every, axis=1) / (every.shape[1] + 1) - 0.5).mean(axis=0)
    return mean[-panel.ar.shape[1] :], np.sqrt(np.mean(np.square(mean)))
