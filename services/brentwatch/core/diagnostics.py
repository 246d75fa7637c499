"""How the residuals behave that a normal return was estimated from: what its model leaves out.

A small p says that something is left: variances that cluster (Engle 1982), autocorrelation (Ljung and Box
1978), tails or a skew that the normal distribution has not (Jarque and Bera 1980). By statsmodels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ARCH_LAGS = 5
LJUNG_BOX_LAGS = 10
_FEWEST = 2 * LJUNG_BOX_LAGS + 2
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """Of `n` residuals: the p of each test, None where it does not exist."""

    n: int
    arch_lm_p: float | None
    ljung_box_p: float | None
    jarque_bera_p: float | None


def diagnose(residuals: Sequence[float] | NDArray[np.float64]) -> Diagnostics:
    """The tests of these residuals, oldest first: 5 lags for ARCH-LM, 10 for Ljung-Box.

    None has an answer where the residuals are fewer than 22 or do not vary; ARCH-LM has none where their
    squares do not.
    """
    # statsmodels takes half a second to import, and a replay that publishes no textbook study needs none.
    from statsmodels.stats.diagnostic import acorr_lm
    from statsmodels.stats.stattools import jarque_bera
    from statsmodels.tsa.stattools import acf, q_stat

    values = np.asarray(residuals, dtype=np.float64)
    if len(values) < _FEWEST or not _varies(values):
        return Diagnostics(n=len(values), arch_lm_p=None, ljung_box_p=None, jarque_bera_p=None)
    values = values / np.std(values, ddof=0)  # squares of small returns would lose digits
    squares = values**2
    # With `store` every version gives a tuple and none warns.
    arch = acorr_lm(squares, nlags=ARCH_LAGS, store=True)[1] if _varies(squares) else math.nan
    _, boxes = q_stat(acf(values, nlags=LJUNG_BOX_LAGS, fft=False)[1:], len(values))
    return Diagnostics(
        n=len(values),
        arch_lm_p=_defined(arch),
        ljung_box_p=_defined(boxes[-1]),
        jarque_bera_p=_defined(jarque_bera(values)[1]),
    )


def _varies(values: NDArray[np.float64]) -> bool:
    """False also where what varies is rounding."""
    return bool(np.ptp(values) > _ROUNDING * np.max(np.abs(values)))


def _defined(p: float) -> float | None:
    return min(1.0, max(0.0, float(p))) if math.isfinite(p) else None
