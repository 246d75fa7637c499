"""A calibration on the user's own bars: how often the intraday test was wrong, and if that is acceptable.

Over each window the share of false alarms must be 0.008 to 0.013 at 0.01, and at most 0.0015 at 0.001. The
verdict uses the shares without their standard errors, which are small enough with `FEWEST_TESTED` sessions. A
year of sessions is too short for three other checks: too few alarms at 0.001, single hours, and false alarms
a session. The bars contain real news of the past, and every alarm on it counts as false.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput

ON_SIMULATED_BARS = "calibrated on simulated bars only"
"""Shown with every answer and figure that has no calibration on the user's own bars."""

SIMULATED_ONLY = "calibrated_on_simulated_bars_only"
"""The flag of every answer without an own calibration."""

WRONG_TOO_OFTEN = "wrong_too_often_on_own_bars"
"""The flag of every answer if the own calibration found too many false alarms."""

FEWEST_TESTED = 250
"""An own calibration of fewer tested sessions gives no verdict.

With this number of sessions the size at 0.01 has a standard error of 0.0013 over 60 minutes and of 0.0006
over 15, by the errors of the bundled record on 41,600 sessions. So 0.008 and 0.013 are two standard errors
from the middle, and a test that is wrong twice as often as it says is far outside. At 0.001 the standard
error is 0.0003: a good test is sometimes called wrong too often, so the figures are shown with the verdict.
"""

_SELDOM, OFTEN = 0.008, 0.013
OFTEN_AT_LEVEL = 0.0015


SIZE = "size"
"""The measure of a `Cell`: the share of false answers."""


class Cell(NamedTuple):
    """What is counted: a measure, for a window (minutes; empty: all), in a group, at a level."""

    measure: str
    window: str
    group: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A row of a calibration.

    `value` is a share of `n`, or for `mde` a move as a log fraction, with its standard `error`; None if it is
    not defined. `at` is the nominal level, or for `power` the move.
    """

    measure: str
    window: str
    group: str
    at: float
    n: int
    value: float | None
    error: float | None


class Verdict(StrEnum):
    """The result of a calibration on the user's own bars, in words."""

    KEPT = "calibrated on own bars"
    CAUTIOUS = "found too cautious (it misses more moves than stated) on own bars"
    TOO_OFTEN = "found wrong too often on own bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSizes:
    """The shares of p at or below 0.01 and 0.001 over a window of `minutes`, and their standard errors.

    Raises:
        InvalidInput: if one of them is not a share.
    """

    minutes: int
    size_01: float
    error_01: float
    size_001: float
    error_001: float

    def __post_init__(self) -> None:
        """Check that each of the four is from 0 to 1."""
        for share in (self.size_01, self.error_01, self.size_001, self.error_001):
            if not 0.0 <= share <= 1.0:
                raise InvalidInput(f"a size or its error is {share}; expected a share from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCalibration:
    """How often the test was wrong on bars of `series`.

    It was tried on `sessions` sessions, from `first` to `last`; `sizes` has one entry per window.
    """

    series: str
    sessions: int
    first: date
    last: date
    made_on: date
    sizes: tuple[WindowSizes, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict; one window outside its limits decides."""
        if any(each.size_01 > OFTEN or each.size_001 > OFTEN_AT_LEVEL for each in self.sizes):
            return Verdict.TOO_OFTEN
        if any(each.size_01 < _SELDOM for each in self.sizes):
            return Verdict.CAUTIOUS
        return Verdict.KEPT

    def __str__(self) -> str:
        return f"{self.verdict} of {self.first} to {self.last} ({self.sessions:,} sessions)"


def list_calibration_flags(own: OwnCalibration | None) -> tuple[str, ...]:
    """The flags of an answer that say on which bars its test was calibrated."""
    if own is None:
        return (SIMULATED_ONLY,)
    return (WRONG_TOO_OFTEN,) if own.verdict is Verdict.TOO_OFTEN else ()
