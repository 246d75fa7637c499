"""The generalized sign test: how many events are positive, against how often residuals are (Cowan 1992).

p is the share of positive estimation residuals, pooled over the events; z = (w - N p) / sqrt(N p (1 - p)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.refused import Refused
from brentwatch.core.significance.result import TestResult, normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel


def day(panel: Panel) -> TestResult | Refused:
    """Of the abnormal return of each row; N(0, 1) under the null."""
    return _test("gsign_z", "positive as often as a residual", panel, panel.ar)


def cumulated(panel: Panel) -> TestResult | Refused:
    """Of the abnormal return cumulated through each row."""
    return _test("gsign_z_cum", "cumulated, positive as often as a residual", panel, panel.car)


def _test(name: str, null: str, panel: Panel, values: NDArray[np.float64]) -> TestResult | Refused:
    usual = float(np.mean(panel.residuals > 0.0))
    if not 0.0 < usual < 1.0:
        return Refused(f"{name} found residuals of one sign only: give prices that move both ways")
    events = len(values)
    positive = (values > 0.0).sum(axis=0).astype(np.float64)
    return normal(name, null, (positive - events * usual) / math.sqrt(events * usual * (1.0 - usual)))
