"""Calibration by shifts: the mean of chosen sessions against that of the same set moved in the series.

p = (1 + exceedances) / (1 + shifts) over all shifts of at least `SHORTEST_SHIFT` that keep the set inside the
series. A shift exceeds if the absolute mean of its sessions is at least that of the chosen ones. A set that
begins anywhere in the series with equal probability has p <= a with a probability of at most about a,
whatever the distances of its sessions and however they depend on each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain import USUAL_LEVEL, Refused
from brentwatch.core.domain.arrays import Floats, Integers
from brentwatch.core.forecasts.abnormal_returns import POWER

SHORTEST_SHIFT = 6
"""Sessions: a shorter shift would compare the windows with themselves."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledMean:
    """The statistic of a set of sessions and what its shifts say; moves are log fractions.

    `statistic` is the mean of car / standard error. `estimate` is the mean abnormal return in which a session
    has the weight 1 / standard error, so that it is zero where the statistic is; `low` to `high` are the mean
    moves that the test does not reject at 0.05. `mean` is the plain mean. `detectable_05` and
    `detectable_alert` are the mean moves, up or down, that the test finds in 80 of 100 shifts, at 0.05 and at
    the alert level.
    """

    statistic: float
    estimate: float
    low: float
    high: float
    mean: float
    p: float
    shifts: int
    exceedances: int
    detectable_05: float
    detectable_alert: float

    @property
    def smallest_p(self) -> float:
        """The smallest p that this number of shifts can give."""
        return 1.0 / (1.0 + self.shifts)


def pool_sessions(
    cars: Floats, standard_errors: Floats, chosen: Integers, level: float
) -> PooledMean | Refused:
    """The test of the sessions `chosen`, as ascending places in the series, none twice.

    Args:
        cars: (T,) for each session of the series the move less its forecast, as a log fraction.
        standard_errors: (T,) those of the forecasts, above zero.
        chosen: (n,) at least one.
        level: the alert level. Refused if there are too few shifts for a p as small as it, or as 0.05.
    """
    z = cars / standard_errors
    means = compute_shifted_means(z, chosen)
    lowest = min(level, USUAL_LEVEL)
    if 1.0 / (1.0 + len(means)) > lowest + _ROUNDING:
        return _refuse_shifts(len(z), chosen, len(means), lowest)
    observed, precision = float(z[chosen].mean()), float((1.0 / standard_errors[chosen]).mean())
    exceedances = int((np.abs(means) >= abs(observed) - _ROUNDING).sum())
    reach = _find_critical(means, USUAL_LEVEL)
    return PooledMean(
        statistic=observed,
        estimate=observed / precision,
        low=(observed - reach) / precision,
        high=(observed + reach) / precision,
        mean=float(cars[chosen].mean()),
        p=(1 + exceedances) / (1 + len(means)),
        shifts=len(means),
        exceedances=exceedances,
        detectable_05=_find_detectable(means, USUAL_LEVEL) / precision,
        detectable_alert=_find_detectable(means, level) / precision,
    )


def compute_shifted_means(z: Floats, chosen: Integers) -> Floats:
    """The mean of `z` over `chosen` moved by k, for each |k| >= `SHORTEST_SHIFT` that stays inside, by k."""
    shifts = np.arange(-chosen[0], len(z) - chosen[-1])
    shifts = shifts[np.abs(shifts) >= SHORTEST_SHIFT]
    totals = np.zeros(len(shifts))
    for at in chosen:
        totals += z[at + shifts]
    return np.asarray(totals / len(chosen), dtype=np.float64)


def _refuse_shifts(tested: int, chosen: Integers, shifts: int, level: float) -> Refused:
    needed = math.ceil(1.0 / level - _ROUNDING) - 1
    return Refused(
        f"the list spans {chosen[-1] - chosen[0] + 1:,} of the {tested:,} sessions that can be tested, so it "
        f"can be moved in {shifts:,} ways and p cannot be below {1.0 / (1.0 + shifts):.3g}; expected "
        f"{needed:,} ways or more, for a p of {level:g}; give more price history, or split the list by time"
    )


def _find_critical(means: Floats, level: float) -> float:
    """The largest absolute mean that the test does not reject: p <= level above it."""
    rank = math.floor(level * (1 + len(means)) + _ROUNDING)
    return float(np.sort(np.abs(means))[-rank])


def _find_detectable(means: Floats, level: float) -> float:
    """The mean z that, added to the shifts, exceeds the critical one in `POWER` of them, up and down."""
    ordered, critical = np.sort(means), _find_critical(means, level)
    missed = math.floor((1.0 - POWER) * len(means) + _ROUNDING)
    up, down = critical - float(ordered[missed]), critical + float(ordered[-1 - missed])
    return max(up, down)
