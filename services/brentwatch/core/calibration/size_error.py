"""The Monte-Carlo error of a size: how far the share of alarms may be from the true one by chance.

A size is the mean of n indicators, 1 if p is at or below the level. If they were independent, its variance
would be p (1 - p) / n. They are not: windows of more than one session overlap, and alarms come in clusters
because volatility does. So the long-run variance is estimated (Newey, West 1987, Bartlett weights, with
4 (n / 100)^(2/9) lags, and two more for each further session of the window). A group such as a fifth is a
share among its own sessions, which are scattered over time: sessions outside it count as zero in their place.

The larger of the two is reported. An adaptive model corrects itself, so its alarms repel each other: the
estimate may then be below the binomial error, which would be too optimistic for the next years.
"""

import math

import numpy as np

from brentwatch.core.domain.arrays import Bools, Floats


def estimate_size_error(alarms: Bools, group: Bools, nominal: float, sessions: int) -> float:
    """The standard error of the share of `alarms` within a `group` of tests.

    Args:
        alarms: whether p is at or below `nominal`, in the order of the tested sessions.
        group: which of these tests the share is over, at least one.
        nominal: the level; an observed share below it counts as one at the level.
        sessions: how many sessions each window has.
    """
    count = int(np.count_nonzero(group))
    share = float(np.mean(alarms[group]))
    deviations = np.where(group, alarms - share, 0.0)
    lags = min(_choose_lags(len(alarms)) + 2 * (sessions - 1), len(alarms) - 1)
    long_run = _sum_autocovariances(deviations, lags) / count**2
    expected = max(share, nominal)
    return math.sqrt(max(long_run, expected * (1.0 - expected) / count))


def _choose_lags(count: int) -> int:
    return int(4.0 * (count / 100.0) ** (2.0 / 9.0))


def _sum_autocovariances(deviations: Floats, lags: int) -> float:
    """The sum over all pairs within `lags`, with Bartlett weights: never below zero."""
    total = float(deviations @ deviations)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1)) * float(deviations[lag:] @ deviations[:-lag])
    return total
