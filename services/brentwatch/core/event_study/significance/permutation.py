"""Each event alone: what if other rows of its windows had been the event? (Fisher 1935; Good 2005).

Rows of the estimation and of the event window are exchanged at random. Which are exchanged depends on n and L
alone: never on a clock, nor on which other events there are.
"""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import EventResult, refuse_unfit

EXCHANGES = 999
"""P cannot fall below 0.001; its Monte Carlo error at 0.05 is 0.007."""

_NAME = "permutation_p_car"
_ROUNDING = 1e-9


def car(panel: Panel) -> EventResult | Refused:
    """P = (1 + #{exchanges with a difference as large}) / (1 + 999), (N, L).

    The statistic, a log fraction, is the mean of the event rows so far less the mean of the estimation rows.
    It holds for any distribution if rows are independent and alike; turbulence that comes in clusters is not.
    """
    return refuse_unfit(panel, _NAME) or _exchange_rows(panel)


def _exchange_rows(panel: Panel) -> EventResult:
    lengths = range(1, panel.ar.shape[1] + 1)
    answers = [_compare_means(panel.residuals, panel.alike[:, :length]) for length in lengths]
    statistic, p = np.moveaxis(np.array(answers), 0, -1)
    return EventResult(
        name=_NAME,
        null="the rows of the event window are exchangeable with those of the estimation window",
        on="car",
        statistic=statistic,
        p=p,
    )


def _compare_means(estimation: Floats, event: Floats) -> tuple[Floats, Floats]:
    """(N,) the difference of means, and (N,) p."""
    n, length = estimation.shape[1], event.shape[1]
    rows = np.hstack([estimation, event])
    rows = rows - rows.mean(axis=1, keepdims=True)
    observed = rows[:, n:].sum(axis=1)
    # All rows sum to zero, so the sum over the event rows alone tells the difference of the means.
    others = np.abs(rows @ _draw_rows(n + length, length).T)
    as_far = others >= np.abs(observed)[:, None] - _ROUNDING * np.abs(rows).max(axis=1, keepdims=True)
    p = (1.0 + as_far.sum(axis=1)) / (1.0 + EXCHANGES)
    return observed * (1.0 / length + 1.0 / n), p


def _draw_rows(total: int, length: int) -> Floats:
    """(EXCHANGES, total): ones for `length` rows drawn without replacement, zeros for the others."""
    scores = np.random.default_rng([total, length]).random((EXCHANGES, total))
    bounds = np.partition(scores, length - 1, axis=1)[:, length - 1 : length]
    return (scores <= bounds).astype(np.float64)
