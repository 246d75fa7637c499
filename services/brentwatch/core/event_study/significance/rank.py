"""Each event alone: how many residuals are as far out as its abnormal return?"""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import EventResult, refuse_unfit

_NAME = "rank_p_ar"


def ar(panel: Panel) -> EventResult | Refused:
    """P = (1 + #{|residual| >= |AR|}) / (1 + n), (N, L); the statistic is that count, of n residuals.

    It holds for any distribution and cannot fall below 1 / (1 + n).
    """
    return refuse_unfit(panel, _NAME) or _count_residuals(panel)


def _count_residuals(panel: Panel) -> EventResult:
    residuals, moves = np.abs(panel.residuals), np.abs(panel.alike)
    counts = np.stack([(residuals >= move[:, None]).sum(axis=1) for move in moves.T], axis=1)
    return EventResult(
        name=_NAME,
        null="the size of the abnormal return is a draw like those of its event's residuals",
        on="ar",
        statistic=counts.astype(np.float64),
        p=(1.0 + counts) / (1.0 + residuals.shape[1]),
    )
