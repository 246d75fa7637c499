"""Counts with exact 95 % intervals: a share, a yearly rate, a mean, and the difference of two shares."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import ClassVar

from scipy.special import betaincinv, gammaincinv, stdtrit

_LOWER, _UPPER = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class ExactShare:
    """`count` of `total`; `low` to `high` is the exact interval (Clopper and Pearson 1934).

    It holds if the trials are independent. Without a trial it is 0 to 1.
    """

    count: int
    total: int

    @property
    def share(self) -> float | None:
        """None without a trial."""
        return self.count / self.total if self.total else None

    @property
    def low(self) -> float:
        """The lower end."""
        if self.count == 0:
            return 0.0
        return float(betaincinv(self.count, self.total - self.count + 1, _LOWER))

    @property
    def high(self) -> float:
        """The upper end."""
        if self.count == self.total:
            return 1.0
        return float(betaincinv(self.count + 1, self.total - self.count, _UPPER))


@dataclass(frozen=True, slots=True)
class YearlyRate:
    """`count` in `years`; `low` to `high` a year is the exact interval of a Poisson count (Garwood 1936)."""

    count: int
    years: float

    @property
    def rate(self) -> float:
        """A year."""
        return self.count / self.years

    @property
    def low(self) -> float:
        """The lower end, a year."""
        return float(gammaincinv(self.count, _LOWER)) / self.years if self.count else 0.0

    @property
    def high(self) -> float:
        """The upper end, a year."""
        return float(gammaincinv(self.count + 1, _UPPER)) / self.years


@dataclass(frozen=True, slots=True)
class MoveLeft:
    """What was left of the move: `n` log returns over `horizon` sessions in the direction of the alert.

    `mean` is None without a return. `low` to `high` is its 95 % interval by Student's t, None below two
    returns.
    """

    horizon: int
    n: int
    mean: float | None
    low: float | None
    high: float | None

    @classmethod
    def measure(cls, horizon: int, returns: Iterable[float | None]) -> "MoveLeft":
        """Of the returns that are known."""
        known = [each for each in returns if each is not None]
        mean = fmean(known) if known else None
        if mean is None or len(known) < 2:
            return cls(horizon, len(known), mean, None, None)
        reach = float(stdtrit(len(known) - 1, _UPPER)) * stdev(known) / math.sqrt(len(known))
        return cls(horizon, len(known), mean, mean - reach, mean + reach)


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """Fisher's exact test of two shares (Fisher 1935), two-sided; `p` is None if one has no trial."""

    one: ExactShare
    other: ExactShare
    p: float | None
    null: ClassVar[str] = (
        "a session with such an event is abnormal at the reference level as often as a session without "
        "an event"
    )

    @classmethod
    def measure(cls, one: ExactShare, other: ExactShare) -> "ShareDifference":
        """The test that both have the same share."""
        if not one.total or not other.total:
            return cls(one, other, None)
        import numpy as np
        from scipy.stats import fisher_exact

        table = np.array([[each.count, each.total - each.count] for each in (one, other)])
        return cls(one, other, float(fisher_exact(table).pvalue))
