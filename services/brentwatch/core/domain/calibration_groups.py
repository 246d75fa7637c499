"""What a calibration finds in one group of sessions, and how well the forecasts fit overall."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSize:
    """The share of alarms among the `n` tests of a group, such as all Mondays, with its standard error.

    `size` is the share of p at or below `nominal`. For `direction` it is the share of all p at or below twice
    `nominal` whose move went that way, and for `coverage` the share of ranges that hold the true effect.
    """

    dimension: str
    group: str
    nominal: float
    n: int
    size: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FitTest:
    """A joint test of the one-sided p of `n` sessions: the `null` in words, the statistic and its p.

    `degrees_of_freedom` is None if the distribution of the statistic has none.
    """

    name: str
    null: str
    n: int
    statistic: float
    degrees_of_freedom: int | None
    p: float
    dimension: ClassVar[str] = "pit"
