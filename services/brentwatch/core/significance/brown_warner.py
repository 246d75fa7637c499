"""Brown and Warner's test: the mean abnormal return over the deviation of the mean residual (1985).

The standard deviation is that of the portfolio in the estimation rows, so that events which move together are
not counted as if they did not. CAAR divides by sqrt(L) more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.significance.result import TestResult, divided, student

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused


def aar(panel: Panel) -> TestResult | Refused:
    """Of each row; n - 1 degrees of freedom."""
    return _test("bw85_t_aar", "the mean abnormal return of the row is zero", panel, panel.ar.mean(axis=0))


def caar(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row."""
    rows = np.sqrt(np.arange(1, panel.ar.shape[1] + 1))
    cumulated = panel.ar.mean(axis=0).cumsum() / rows
    return _test("bw85_t_caar", "the mean cumulative abnormal return is zero", panel, cumulated)


def _test(name: str, null: str, panel: Panel, mean: NDArray[np.float64]) -> TestResult | Refused:
    usual = panel.residuals.mean(axis=0)
    return student(name, null, divided(mean, usual.std(ddof=1)), len(usual) - 1.0)
