"""Wilcoxon's signed-rank test of the events' abnormal returns, two-sided, as SciPy has it (Wilcoxon 1945)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import wilcoxon

from brentwatch.core.refused import Refused
from brentwatch.core.significance.result import TestResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

NULL = "the abnormal returns are symmetric about zero"


def aar(panel: Panel) -> TestResult | Refused:
    """Of each row; the statistic is the smaller rank sum."""
    return _test("wilcoxon_p_aar", panel.ar)


def caar(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row."""
    return _test("wilcoxon_p_caar", panel.car)


def _test(name: str, values: NDArray[np.float64]) -> TestResult | Refused:
    if np.any(np.all(values == 0.0, axis=0)):
        return Refused(f"{name} found a row in which no event moved: nothing can be ranked")
    found = wilcoxon(values, axis=0)
    statistic, p = np.asarray(found.statistic, np.float64), np.asarray(found.pvalue, np.float64)
    return TestResult(name=name, null=NULL, statistic=statistic, p=p, degrees_of_freedom=None)
