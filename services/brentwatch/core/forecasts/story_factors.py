"""The e-process of a story: how much likelier its returns are if each is shifted than if none is.

Theory. Under the null, the forecast of a session makes z, its return standardised through p, Student t with
variance 1. The likelihood ratio f(z - d) / f(z) of a shift by d standard deviations then has the mean 1, for
each d and whatever happened before. So has their product over sessions, and the mean of these products over
`SHIFTS` is a nonnegative martingale that begins at 1: by Ville's inequality it reaches 100 in at most 1 of
100 stories, whenever it is read (Ville 1939; Ramdas, Gruenwald, Vovk, Shafer 2023).

Each shift has one product over all sessions, because the moves of a story have one direction. A mean over the
shifts within each session would also be valid, but has to guess the direction again in each session.
"""

import math

from scipy.special import stdtrit

from brentwatch.core.forecasts.forecast import Forecast

SHIFTS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
"""In standard deviations of the forecast."""

NO_RATIOS = (0.0,) * len(SHIFTS)
"""The logarithms before the first session."""

_SMALLEST_TAIL = 1e-200
_LARGEST_LOG = 700.0
"""Beyond this, no number holds the product."""


def standardise_return(p: float, degrees_of_freedom: float, *, up: bool) -> float:
    """The return with two-sided `p` as a draw of Student t with variance 1; positive if it was `up`."""
    t = -float(stdtrit(degrees_of_freedom, max(p / 2.0, _SMALLEST_TAIL)))
    z = t * math.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
    return z if up else -z


def compute_log_ratios(z: float, degrees_of_freedom: float) -> tuple[float, ...]:
    """ln f(z - d) - ln f(z) for each of `SHIFTS`; f is Student t with variance 1."""
    power, width = (degrees_of_freedom + 1.0) / 2.0, degrees_of_freedom - 2.0
    plain = math.log1p(z * z / width)
    return tuple(power * (plain - math.log1p((z - shift) ** 2 / width)) for shift in SHIFTS)


def weigh_return(forecast: Forecast, deviation: float) -> tuple[float, ...] | None:
    """The log ratios of a return that lies `deviation` from what was expected; None without a t forecast."""
    if forecast.degrees_of_freedom is None:
        return None
    p = forecast.tail(deviation)
    z = standardise_return(p, forecast.degrees_of_freedom, up=deviation >= 0.0)
    return compute_log_ratios(z, forecast.degrees_of_freedom)


def compute_evidence(log_ratios: tuple[float, ...]) -> float:
    """The e-value: the mean of the products over sessions, from their logarithms."""
    return math.fsum(math.exp(min(each, _LARGEST_LOG)) for each in log_ratios) / len(SHIFTS)
