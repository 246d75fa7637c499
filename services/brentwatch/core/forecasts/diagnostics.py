"""Diagnostics of the residuals of an estimation window: volatility clusters, memory, fat tails.

The t-test assumes that residuals are independent draws of one normal distribution. Each p here tests one part
of that assumption. If it is small, that part does not hold, and the p of the t-test is unreliable.
"""

from collections.abc import Sequence
from importlib import import_module

import numpy as np

from brentwatch.core.domain import Diagnostics
from brentwatch.core.domain.arrays import Floats

ARCH_LAGS = 5
LJUNG_BOX_LAGS = 10
_ROUNDING = 1e-9
"""Values that differ by less than this share of the largest differ by rounding."""


def diagnose(residuals: Sequence[float] | Floats) -> Diagnostics:
    """The diagnostics of `residuals`, oldest first, by statsmodels; their unit does not matter.

    ARCH-LM needs 12 residuals whose squares do not determine each other, Ljung-Box needs 11, and all three
    need finite residuals that differ.
    """
    values = np.asarray(residuals, dtype=np.float64)
    if not (np.isfinite(values).all() and _is_varying(values)):
        return Diagnostics(n=len(values), arch_lm_p=None, ljung_box_p=None, jarque_bera_p=None)
    scaled = (
        values / np.abs(values).max()
    )  # squares of small returns are lost in rounding next to the regression's 1
    return Diagnostics(
        n=len(values),
        arch_lm_p=_arch_lm(scaled),
        ljung_box_p=_ljung_box(scaled),
        jarque_bera_p=_jarque_bera(scaled),
    )


def load() -> None:
    """Import the libraries for diagnostics early, because that takes most of a second."""
    for name in ("statsmodels.stats.diagnostic", "statsmodels.stats.stattools", "statsmodels.tsa.stattools"):
        import_module(name)


def _arch_lm(residuals: Floats) -> float | None:
    from statsmodels.stats.diagnostic import acorr_lm

    squares = residuals**2
    if not _is_explainable(squares):
        return None
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # from the F statistic, which is not used, if the fit is exact
        # het_arch() warns of a change in statsmodels 0.15; with store, p stands second before and after it.
        return _convert_p(acorr_lm(squares, nlags=ARCH_LAGS, store=True)[1])


def _is_explainable(squares: Floats) -> bool:
    """Whether squares can be explained by those before: they vary, and no two lags say the same."""
    rows = len(squares) - ARCH_LAGS
    if rows <= ARCH_LAGS + 1 or not _is_varying(squares[ARCH_LAGS:]):
        return False
    before = np.column_stack([np.ones(rows), *(squares[lag : lag + rows] for lag in range(ARCH_LAGS))])
    return int(np.linalg.matrix_rank(before)) == ARCH_LAGS + 1


def _ljung_box(residuals: Floats) -> float | None:
    from statsmodels.tsa.stattools import acf, q_stat

    if len(residuals) <= LJUNG_BOX_LAGS:
        return None
    correlations = acf(residuals, nlags=LJUNG_BOX_LAGS, fft=False)[1:]
    return _convert_p(q_stat(correlations, len(residuals))[1][-1])


def _jarque_bera(residuals: Floats) -> float | None:
    from statsmodels.stats.stattools import jarque_bera

    return _convert_p(jarque_bera(residuals)[1])


def _is_varying(values: Floats) -> bool:
    return len(values) > 1 and bool(np.ptp(values) > _ROUNDING * np.abs(values).max())


def _convert_p(p: float) -> float | None:
    return float(p) if np.isfinite(p) else None
