"""One event: the rank of an abnormal return among its own estimation residuals, whatever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

NULL = "the abnormal return is one more residual"


def p_values(panel: Panel) -> NDArray[np.float64]:
    """(N, L): p = (1 + #{|residual| >= |AR|}) / (1 + n)."""
    ordered = np.sort(np.abs(panel.residuals), axis=1)
    below = np.array(
        [np.searchsorted(own, np.abs(row), side="left") for own, row in zip(ordered, panel.ar, strict=True)]
    )
    count = ordered.shape[1]
    p: NDArray[np.float64] = (1.0 + count - below) / (1.0 + count)
    return p
