"""Events that recur: the same session given twice is not twice the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

_SAME = 1e-9
"""In residual standard deviations: what two computations of one row may differ by."""


def find_recurring(panel: Panel) -> tuple[tuple[int, ...], ...]:
    """The groups of two and more events (places 0 to N - 1) with the same estimation and event rows."""
    order, follows = _sort_neighbours(panel)
    groups = np.split(order, np.flatnonzero(~follows) + 1)
    return tuple(sorted(tuple(sorted(group.tolist())) for group in groups if len(group) > 1))


def count_distinct_events(panel: Panel) -> int:
    """How many of the N events differ in any row from every other."""
    _, follows = _sort_neighbours(panel)
    return len(panel.ar) - int(follows.sum())


def _sort_neighbours(panel: Panel) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """An order of the events that puts equal ones side by side; (N - 1,) whether one equals the next."""
    rows = np.hstack([panel.residuals, panel.ar])
    # Any weights do that hardly ever give two different events the same sum.
    order = np.argsort(rows @ np.sqrt(np.arange(2.0, rows.shape[1] + 2.0)), kind="stable")
    apart = np.abs(np.diff(rows[order], axis=0)).max(axis=1, initial=0.0)
    return order, apart <= _SAME * panel.sigma[order][:-1]
