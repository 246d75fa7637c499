"""The effect of a move, given that it is shown because it opened an alert.

Theory. Alerts show only large moves, so the usual estimate is too large, and the usual 95 % range holds the
true effect in 46 to 74 of 100 alerts. With an effect e the move is a draw from the forecast shifted by e, and
only moves at or beyond the alert level, up or down, are shown. F(move | e) is the distribution among these.
The estimate solves F = 0.5 (median-unbiased), and the ends of the range solve F = 0.975 and 0.025 (Fithian,
Sun, Taylor 2014).
"""

from collections.abc import Callable

from brentwatch.core.domain import GivenAlert

_FARTHEST = 20.0
"""Effects are searched within this many standard errors of the move."""

_LEVELS = (0.5, 0.975, 0.025)


def estimate_given_alert(
    car: float, tail: Callable[[float], float], *, below: float, above: float, standard_error: float
) -> GivenAlert | None:
    """The effect (log fraction) of an abnormal move `car` that opened an alert.

    None if no effect within 20 standard errors fits.

    Args:
        car: the abnormal move.
        tail: two-sided p of a deviation from what is expected, above it or below.
        below: how far below the expectation alerts begin, >= 0.
        above: how far above it they begin.
        standard_error: that of the forecast.
    """
    from scipy.optimize import brentq  # a tenth of a second, which a monitor that restarts has not

    def find_miss(effect: float, target: float) -> float:
        return find_share_below(car, effect, tail, below=below, above=above) - target

    reach = _FARTHEST * standard_error
    try:
        estimate, low, high = (
            float(brentq(find_miss, car - reach, car + reach, args=(target,), xtol=1e-9))
            for target in _LEVELS
        )
    except ValueError:  # both ends lie on one side
        return None
    return GivenAlert(estimate, low, high)


def find_share_below(
    car: float, effect: float, tail: Callable[[float], float], *, below: float, above: float
) -> float:
    """F(car | effect): among the moves that open an alert, the share at or below `car`.

    The 95 % range given an alert contains `effect` if this is from 0.025 to 0.975.
    """
    fallen, risen = _find_cdf(tail, -below - effect), _find_cdf(tail, above - effect)
    at = _find_cdf(tail, car - effect)
    shown = at if car < 0.0 else fallen + at - risen
    return shown / (fallen + 1.0 - risen)


def _find_cdf(tail: Callable[[float], float], deviation: float) -> float:
    half = tail(deviation) / 2.0
    return half if deviation < 0.0 else 1.0 - half
