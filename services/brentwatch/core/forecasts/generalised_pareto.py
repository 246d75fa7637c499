"""Probability-weighted moments of a generalised Pareto distribution (Hosking, Wallis 1987)."""

import numpy as np

from brentwatch.core.domain.arrays import Floats

_PLOTTING = 0.35


def estimate_weighted_moments(excesses: Floats) -> tuple[float, float] | None:
    """The mean of ascending excesses, and their mean weighted by 1 - (j - 0.35) / n.

    With a and b for these, the shape is 2 - a / (a - 2 b) and the scale 2 a b / (a - 2 b) = a (1 - shape);
    the result is None if the excesses have no spread, and so no shape and scale.
    """
    count = len(excesses)
    weights = 1.0 - (np.arange(1, count + 1) - _PLOTTING) / count
    mean, weighted = float(np.mean(excesses)), float(np.mean(excesses * weights))
    return (mean, weighted) if mean > 2.0 * weighted > 0.0 else None
