"""The standardised cross-sectional test: sqrt(N) mean / sd of the SAR (Boehmer, Musumeci, Poulsen 1991).

Standardised like Patell's, and robust to a variance that the event itself changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.significance.cross_sectional import t_of_mean
from brentwatch.core.significance.result import TestResult, student, too_few

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused


def aar(panel: Panel) -> TestResult | Refused:
    """Of each row; N - 1 degrees of freedom."""
    return _test("bmp_t_aar", "the mean standardised abnormal return of the row is zero", panel.sar)


def caar(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row, by SCAR."""
    return _test("bmp_t_caar", "the mean standardised cumulative abnormal return is zero", panel.scar)


def _test(name: str, null: str, scaled: NDArray[np.float64]) -> TestResult | Refused:
    if len(scaled) < 2:
        return too_few(name, len(scaled))
    return student(name, null, t_of_mean(scaled), len(scaled) - 1.0)
