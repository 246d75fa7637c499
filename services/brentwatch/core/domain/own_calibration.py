"""A calibration on one's own bars: how often the intraday test was wrong, and whether it keeps its promise.

The promise is a share of false answers from .008 to .013 at .01, and of at most .0015 at .001, over each
window. It is judged by the shares themselves, without their error: `FEWEST_TESTED` sessions make that error
small enough. Three things are not judged, since a year of sessions cannot: too few at .001, the hours one by
one, and false alarms a session. Real news of the past is in the bars: what was found then counts as false.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput

ON_SIMULATED_BARS = "calibrated on simulated bars only"
"""To be said wherever an answer or a figure is shown that no own calibration stands behind."""

SIMULATED_ONLY = "calibrated_on_simulated_bars_only"
"""The flag of every answer without an own calibration."""

WRONG_TOO_OFTEN = "wrong_too_often_on_own_bars"
"""The flag of every answer where the own calibration found the promise broken."""

FEWEST_TESTED = 250
"""Tested sessions below which an own calibration judges nothing.

The size at .01 of so many sessions has a standard error of .0013 over 60 minutes and of .0006 over 15, by the
errors that the bundled record has on 41,600: then .008 and .013 lie two errors from the middle, and twice as
often as it says is far beyond. At .001 the error is .0003: now and then a test that keeps its promise is
called wrong too often, and the figures stand beside the words.
"""

_SELDOM, OFTEN = 0.008, 0.013
OFTEN_AT_LEVEL = 0.0015


SIZE = "size"
"""The measure of a `Cell`: the share of false answers."""


class Cell(NamedTuple):
    """What is counted: a measure, of which window (minutes; empty: all), in which group, at which level."""

    measure: str
    window: str
    group: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A row of a calibration.

    `value` is a share of `n`, or for `mde` a move as a log fraction, with its standard `error`; None where
    there is nothing to say. `at` is the nominal level, of `power` the move.
    """

    measure: str
    window: str
    group: str
    at: float
    n: int
    value: float | None
    error: float | None


class Verdict(StrEnum):
    """What the own bars say of the test, in words."""

    KEPT = "calibrated on own bars"
    CAUTIOUS = "found wrong less often than it says, and so blinder, on own bars"
    TOO_OFTEN = "found wrong too often on own bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSizes:
    """The shares of p at or below .01 and .001 over a window of so many minutes, and their standard errors.

    Raises:
        InvalidInput: if one of them is no share.
    """

    minutes: int
    size_01: float
    error_01: float
    size_001: float
    error_001: float

    def __post_init__(self) -> None:
        """Each of the four is from 0 to 1."""
        for share in (self.size_01, self.error_01, self.size_001, self.error_001):
            if not 0.0 <= share <= 1.0:
                raise InvalidInput(f"a size or its error is {share}; a share from 0 to 1 was wanted")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCalibration:
    """How often the test was wrong on bars of `series`.

    It was tried in so many `sessions`, from `first` to `last`; `sizes` are those of each window.
    """

    series: str
    sessions: int
    first: date
    last: date
    made_on: date
    sizes: tuple[WindowSizes, ...]

    @property
    def verdict(self) -> Verdict:
        """One window that breaks the promise is enough."""
        if any(each.size_01 > OFTEN or each.size_001 > OFTEN_AT_LEVEL for each in self.sizes):
            return Verdict.TOO_OFTEN
        if any(each.size_01 < _SELDOM for each in self.sizes):
            return Verdict.CAUTIOUS
        return Verdict.KEPT

    def __str__(self) -> str:
        return f"{self.verdict} of {self.first} to {self.last} ({self.sessions:,} sessions)"


def list_calibration_flags(own: OwnCalibration | None) -> tuple[str, ...]:
    """What an answer is flagged with for the bars that the test was calibrated on."""
    if own is None:
        return (SIMULATED_ONLY,)
    return (WRONG_TOO_OFTEN,) if own.verdict is Verdict.TOO_OFTEN else ()
