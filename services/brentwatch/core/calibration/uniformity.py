"""Tests of fit of the forecasts, on the probability integral transform (PIT).

u is the one-sided p of a session: the probability of a return at or below the one it had. If every forecast
is right, the u are independent and uniform on [0, 1] (Diebold, Gunther, Tay 1998). Real news is not
removed, and no forecast of volatility is exact, so a small p over thousands of sessions is no surprise. The
sizes show whether it matters for alarms.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, kolmogorov, ndtri, xlogy

from brentwatch.core.calibration.daily import Placebo
from brentwatch.core.domain import FitTest
from brentwatch.core.domain.arrays import Bools, Floats

CELLS = 20
_LEVEL = 0.05
_SMALLEST = 1e-12
_FEWEST = 100


def run_fit_tests(tested: Sequence[Placebo]) -> list[FitTest]:
    """All tests, on placebos in the order of their sessions; empty for fewer than a hundred."""
    if len(tested) < _FEWEST:
        return []
    u = transform_returns(tested)
    alarms = np.array([placebo.p <= _LEVEL for placebo in tested], dtype=np.bool_)
    return [
        apply_kolmogorov_smirnov(u),
        apply_chi_squared(u),
        apply_berkowitz(u),
        apply_christoffersen(alarms),
    ]


def transform_returns(tested: Sequence[Placebo]) -> Floats:
    """The PIT: the one-sided p of each session, small if the price fell."""
    halves = np.array([placebo.p for placebo in tested]) / 2.0
    fell = np.array([placebo.ar < 0.0 for placebo in tested], dtype=np.bool_)
    return np.where(fell, halves, 1.0 - halves)


def apply_kolmogorov_smirnov(u: Floats) -> FitTest:
    """The largest distance between the distribution of `u` and the uniform one; p of the limit law."""
    count, ordered = len(u), np.sort(u)
    steps = np.arange(count + 1) / count
    distance = float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
    return FitTest(
        name="Kolmogorov-Smirnov",
        null="one-sided p are uniform on [0, 1]",
        n=count,
        statistic=distance,
        degrees_of_freedom=None,
        p=float(kolmogorov(math.sqrt(count) * distance)),
    )


def apply_chi_squared(u: Floats) -> FitTest:
    """Pearson's statistic of `u` in twenty cells of equal width."""
    counts = np.histogram(u, bins=CELLS, range=(0.0, 1.0))[0]
    expected = len(u) / CELLS
    statistic = float(np.sum((counts - expected) ** 2) / expected)
    return FitTest(
        name=f"chi-squared, {CELLS} cells",
        null=f"each twentieth of [0, 1] holds as many one-sided p as any other: 1 in {CELLS}",
        n=len(u),
        statistic=statistic,
        degrees_of_freedom=CELLS - 1,
        p=float(chdtrc(CELLS - 1, statistic)),
    )


def apply_berkowitz(u: Floats) -> FitTest:
    """Likelihood ratio (Berkowitz 2001): an AR(1) of the normal scores, given the first, against N(0, 1)."""
    scores = ndtri(np.clip(u, _SMALLEST, 1.0 - _SMALLEST))
    now, before = scores[1:], scores[:-1]
    count = len(now)
    design = np.column_stack([np.ones(count), before])
    coefficients = np.linalg.lstsq(design, now, rcond=None)[0]
    variance = float(np.mean(np.square(now - design @ coefficients)))
    statistic = float(now @ now) - count * math.log(variance) - count
    return FitTest(
        name="Berkowitz",
        null="the normal scores of one-sided p have mean 0, variance 1 and no autocorrelation",
        n=len(u),
        statistic=statistic,
        degrees_of_freedom=3,
        p=float(chdtrc(3, statistic)),
    )


def apply_christoffersen(alarms: Bools) -> FitTest:
    """The likelihood ratio of independence of Christoffersen (1998), of alarms at 0.05."""
    pairs = np.bincount(2 * alarms[:-1].astype(np.intp) + alarms[1:], minlength=4).astype(np.float64)
    after_none, after_alarm = pairs[:2], pairs[2:]
    apart = _find_log_likelihood(after_none) + _find_log_likelihood(after_alarm)
    statistic = max(0.0, 2.0 * (apart - _find_log_likelihood(after_none + after_alarm)))
    return FitTest(
        name="Christoffersen",
        null=f"an alarm at {_LEVEL} is as likely after an alarm as after none",
        n=len(alarms),
        statistic=statistic,
        degrees_of_freedom=1,
        p=float(chdtrc(1, statistic)),
    )


def _find_log_likelihood(counts: Floats) -> float:
    """The log-likelihood of Bernoulli draws with these counts, at their own share."""
    total = float(np.sum(counts))
    return float(np.sum(xlogy(counts, counts / total))) if total else 0.0
