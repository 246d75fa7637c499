"""One event: the CAR of the event window among the CARs of windows drawn from all its rows.

Rows are exchangeable where nothing happened. The draws are a function of the data (a fixed seed), so that the
same event gets the same p in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

NULL = "the rows of the event window could have been any others"
DRAWS = 999
_SEED = 20220105


def p_values(panel: Panel, draws: int = DRAWS) -> NDArray[np.float64]:
    """(N,): p = (1 + #{|drawn CAR| >= |CAR|}) / (1 + draws), of the whole event window."""
    every = np.concatenate([panel.residuals, panel.ar], axis=1)
    rows = panel.ar.shape[1]
    keys = np.random.default_rng(_SEED).random((draws, every.shape[1]))
    chosen = np.argpartition(keys, rows - 1, axis=1)[:, :rows]
    drawn = np.abs(every[:, chosen].sum(axis=2))
    reached = (drawn >= np.abs(panel.car[:, -1:]) * (1.0 - 1e-12)).sum(axis=1)
    p: NDArray[np.float64] = (1.0 + reached) / (1.0 + draws)
    return p
