"""ADDIS: which of a stream of tests survive control of the false discovery rate (Tian, Ramdas 2019).

alpha_t = min(lambda, (tau - lambda) (w g(d) + (alpha - w) g(d - d_1) + alpha sum_(j >= 2) g(d - d_j))) with d
the number of p in (lambda, tau] so far, d_j that number at the j-th rejection, and g(d) = c / (d + 1)^1.6.
Reported, never a gate: on daily Brent it rejects nothing, and a monitor that waited for it would never speak.
"""

from dataclasses import dataclass, replace
from datetime import date

ALPHA = 0.05
_WEALTH = ALPHA / 2.0
_LAMBDA, _TAU = 0.25, 0.5
_EXPONENT, _SUMS_TO_ONE = 1.6, 0.4374901658


@dataclass(frozen=True, slots=True)
class Addis:
    """The stream since its first session: `middling` is d, `rejected` holds each d_j."""

    since: date
    middling: int = 0
    rejected: tuple[int, ...] = ()

    @property
    def level(self) -> float:
        """At or below which the next p survives."""
        paid = _WEALTH * _weigh(self.middling)
        if self.rejected:
            first, *others = (_weigh(self.middling - earlier) for earlier in self.rejected)
            paid += (ALPHA - _WEALTH) * first + ALPHA * sum(others)
        return min(_LAMBDA, (_TAU - _LAMBDA) * paid)

    def add_test(self, p: float) -> "Addis":
        """The stream with one test more."""
        rejected = (*self.rejected, self.middling) if p <= self.level else self.rejected
        return replace(self, middling=self.middling + (_LAMBDA < p <= _TAU), rejected=rejected)


def _weigh(passed: int) -> float:
    return float(_SUMS_TO_ONE / (passed + 1.0) ** _EXPONENT)
