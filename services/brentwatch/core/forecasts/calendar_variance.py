"""The calendar in the variance: a session moves more after a weekend or a holiday than after one day.

The variance of a session is that of the GARCH forecast times a factor by the calendar days since the session
before: one or two, three (a weekend), four and more. The factor of a class is the mean squared standardised
residual of the month's fit in that class over the mean of all, squares capped at 9, shrunk to its long-run
value with a weight of 250 sessions (a year), and scaled so that the factors of the estimation window have
mean 1. The long-run values are those of EIA Brent 1989-2002, the span on which they were found.
"""

import numpy as np

from brentwatch.core.domain.arrays import Floats, Integers

LONG_RUN = (0.92, 1.25, 1.90)
"""Variance factors of one or two, three, and four or more calendar days."""

_CAP = 9.0
_WEIGHT = 250.0
_WEEKEND = 3


def classify_days(days: int) -> int:
    """The class of a gap by its calendar days: 0 for one or two, 1 for three, 2 for more."""
    return 0 if days < _WEEKEND else 1 if days == _WEEKEND else 2


def estimate_factors(residuals: Floats, days: Integers) -> tuple[float, float, float]:
    """The variance factors by class, from standardised residuals and the calendar days before each."""
    classes = np.minimum(np.maximum(days - _WEEKEND + 1, 0), 2)
    squares = np.minimum(np.square(residuals), _CAP)
    counts = np.bincount(classes, minlength=3)
    sums = np.bincount(classes, weights=squares, minlength=3) / float(np.mean(squares))
    factors = (sums + _WEIGHT * np.array(LONG_RUN)) / (counts + _WEIGHT)
    one, weekend, longer = (factors * len(days) / float(counts @ factors)).tolist()
    return one, weekend, longer
