"""Corrections for testing often: Holm and Benjamini-Hochberg over a batch."""

import numpy as np

from brentwatch.core.domain.arrays import Floats


def holm(p: Floats) -> Floats:
    """(N,): at or below a level, at most that share of batches holds one false finding (Holm 1979).

    It holds however the events depend on one another.
    """
    return _adjust(p, "holm")


def benjamini_hochberg(p: Floats) -> Floats:
    """(N,): of the events at or below a level at most that share is false, on average.

    Benjamini and Hochberg (1995); it holds where events are independent, or move together.
    """
    return _adjust(p, "fdr_bh")


def _adjust(p: Floats, method: str) -> Floats:
    if not len(p):
        return p
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method=method)[1], dtype=np.float64)
