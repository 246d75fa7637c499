"""The cross-sectional t test: sqrt(N) mean / sd of the events' abnormal returns (Brown, Warner 1980).

It needs no estimate of any event's variance, and takes in a variance that the event itself changed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from brentwatch.core.significance.result import TestResult, divided, student, too_few

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused


def aar(panel: Panel) -> TestResult | Refused:
    """Of the average abnormal return of each row; N - 1 degrees of freedom."""
    return _test("csect_t_aar", "the mean abnormal return of the row is zero", panel.ar)


def caar(panel: Panel) -> TestResult | Refused:
    """Of the average abnormal return cumulated through each row."""
    return _test("csect_t_caar", "the mean cumulative abnormal return through the row is zero", panel.car)


def t_of_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """sqrt(N) mean / sd (ddof 1) of each column of (N, L)."""
    return divided(math.sqrt(len(values)) * values.mean(axis=0), values.std(axis=0, ddof=1))


def _test(name: str, null: str, values: NDArray[np.float64]) -> TestResult | Refused:
    if len(values) < 2:
        return too_few(name, len(values))
    return student(name, null, t_of_mean(values), len(values) - 1.0)
