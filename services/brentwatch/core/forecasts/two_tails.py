"""A forecast with a separate scale for each tail, and how the scales learn.

Theory. Brent falls further than it rises: with one scale for both tails, a rise was tested at 0.0028 instead
of 0.005. So each tail has a scale k, and a bend that stretches it beyond 0.025:
q = 0.025 (q_t / 0.025)^exp(-bend), where q_t is the t tail of the move over k sigma, and p = 2 min(q_up,
q_down).

Both learn from the one-sided p of their tail: ln k += 0.06 (1[q <= 0.025] - 0.025) and
bend += 0.06 (1[q <= 0.005] - 0.005), both clipped at +- 0.7 (adaptive conformal inference: Gibbs, Candes
2021). With 0.06 a tail learns as fast as one scale for both tails with 0.03.
"""

import math
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

USUAL_TAIL = 0.025
RARE_TAIL = 0.005
GAIN = 0.06
WIDEST = 0.7


@dataclass(frozen=True, slots=True)
class TailScale:
    """The logarithm of the scale of one tail, and its bend; both begin at 0."""

    log_k: float = 0.0
    bend: float = 0.0

    @property
    def k(self) -> float:
        """The scale."""
        return math.exp(self.log_k)

    def learn(self, q: float) -> "TailScale":
        """The scale after a session whose one-sided p in this tail was `q`."""
        return TailScale(
            _clip(self.log_k + GAIN * ((q <= USUAL_TAIL) - USUAL_TAIL)),
            _clip(self.bend + GAIN * ((q <= RARE_TAIL) - RARE_TAIL)),
        )


UNSCALED = TailScale()
"""The scale of every tail at the start."""


def _clip(value: float) -> float:
    return min(WIDEST, max(-WIDEST, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoTails:
    """(sum of returns - `expected`) / (`scale` k) is Student t in each tail, bent beyond 0.025.

    All in log fractions. `standard_error` is the standard deviation of the forecast error, with k the root
    mean square of the two.
    """

    expected: float
    standard_error: float
    scale: float
    degrees_of_freedom: float
    up: TailScale
    down: TailScale

    def one_sided(self, deviation: float, *, up: bool) -> float:
        """The probability of a sum that far above `expected`, or for `up` false that far below it."""
        tail = self.up if up else self.down
        away = deviation if up else -deviation
        q = float(stdtr(self.degrees_of_freedom, -away / (self.scale * tail.k)))
        return q if q >= USUAL_TAIL else USUAL_TAIL * (q / USUAL_TAIL) ** math.exp(-tail.bend)

    def tail(self, deviation: float) -> float:
        """Two-sided p: twice the smaller one-sided p."""
        return min(1.0, 2.0 * self.one_sided(deviation, up=deviation >= 0.0))

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The distance above or below `expected` whose two-sided p is `tail`."""
        side, q = self.up if up else self.down, tail / 2.0
        if q < USUAL_TAIL:
            q = USUAL_TAIL * (q / USUAL_TAIL) ** math.exp(side.bend)
        return -self.scale * side.k * float(stdtrit(self.degrees_of_freedom, q))
