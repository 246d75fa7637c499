"""Patell's test: the sum of standardised abnormal returns over its exact standard deviation (Patell 1976).

z = sum SAR / sqrt(sum Q), Q = df / (df - 2) with df = n - k: the variance of a Student t.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.refused import Refused
from brentwatch.core.significance.result import TestResult, normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel


def aar(panel: Panel) -> TestResult | Refused:
    """Of each row; N(0, 1) under the null."""
    return _test("patell_z_aar", "no event has an abnormal return in the row", panel, panel.sar)


def caar(panel: Panel) -> TestResult | Refused:
    """Cumulated through each row, with the exact variance of each event's CAR."""
    return _test("patell_z_caar", "no event has a cumulative abnormal return", panel, panel.scar)


def _test(name: str, null: str, panel: Panel, scaled: NDArray[np.float64]) -> TestResult | Refused:
    if np.any(panel.df <= 2.0):
        return Refused(
            f"{name} wants more than 2 degrees of freedom, {panel.df.min():g} found: estimate longer"
        )
    return normal(name, null, scaled.sum(axis=0) / np.sqrt(np.sum(panel.df / (panel.df - 2.0))))
