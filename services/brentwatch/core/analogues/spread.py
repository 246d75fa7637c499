"""The weighted median of a few moves, how certain it is, and how much the moves differ.

Theory. A bootstrap draws the moves again, each with a probability equal to its share of the weights, as often
as the effective number of moves says, and takes the median of the draw. With one median per draw, the
distribution of that median is known exactly (Efron 1979): its j-th smallest value is exceeded only if fewer
than half of the draws are at or below it, which is a binomial probability. So nothing is drawn at random, and
the same moves give the same interval everywhere.

With few moves the interval of the bootstrap is a little too short. It is therefore never shorter than that of
the sign test, which holds the true median in at least 95 of 100 cases if the moves are independent and have
equal weights.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from scipy.special import betainc

from brentwatch.core.domain import AnalogueSpread

FEWEST = 8
"""Below this effective number of moves there are too few to say anything."""

_TAIL = 0.025
_ROUNDING = 1e-9
"""The rounding error that is allowed when shares of weights are added up."""


def count_effective(weights: Sequence[float]) -> float:
    """The effective number of observations with these weights (Kish 1965): n if they are equal, else less."""
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares > 0.0 else 0.0


def summarise_moves(moves: Sequence[float], weights: Sequence[float]) -> AnalogueSpread | None:
    """The spread of the moves; None if their effective number is below `FEWEST`."""
    effective = count_effective(weights)
    if effective < FEWEST - _ROUNDING:
        return None
    ranked = sorted(zip(moves, weights, strict=True))
    total = sum(weights)
    values = [value for value, _ in ranked]
    shares = [share / total for share in accumulate(weight for _, weight in ranked)]
    low, high = _find_interval(shares, effective)
    return AnalogueSpread(
        median=_find_quantile(values, shares, 0.5),
        interval_low=values[low],
        interval_high=values[high],
        low=_find_quantile(values, shares, 0.25),
        high=_find_quantile(values, shares, 0.75),
    )


def _find_quantile(values: Sequence[float], shares: Sequence[float], level: float) -> float:
    """The smallest value with at least this share at or below it; the middle of two if it is exact."""
    at = next(index for index, share in enumerate(shares) if share >= level - _ROUNDING)
    exact = abs(shares[at] - level) <= _ROUNDING and at + 1 < len(values)
    return (values[at] + values[at + 1]) / 2.0 if exact else values[at]


def _find_interval(shares: Sequence[float], draws: float) -> tuple[int, int]:
    """The indices of the ends of the interval; `shares` are those at or below each value, ascending."""
    below = [0.0, *shares[:-1]]
    above = [0.0, *(1.0 - share for share in reversed(shares[:-1]))]
    return _find_end(below, draws), len(shares) - 1 - _find_end(above, draws)


def _find_end(beyond: Sequence[float], draws: float) -> int:
    """The last index beyond which the median rarely lies; `beyond` are the shares beyond each, ascending."""
    return bisect_right(beyond, _TAIL, 1, key=lambda share: _estimate_risk(share, draws)) - 1


def _estimate_risk(share: float, draws: float) -> float:
    """The probability that the median lies in a part with this share: by the bootstrap or the sign test.

    Both are binomial; the incomplete beta function gives them for a number of draws that is no whole number.
    """
    half, there = (draws + 1.0) / 2.0, share * draws
    bootstrap = betainc(half, half, share)
    sign_test = betainc(draws - there, there + 1.0, 0.5)
    return float(max(bootstrap, sign_test))
