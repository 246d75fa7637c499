"""What a test of significance gives: its null in words, statistic, p and degrees of freedom, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

from brentwatch.core.refused import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """`statistic` and two-sided `p` (L,), one for each row of the event window.

    `degrees_of_freedom` is None where the statistic is standard normal, or has no distribution of its own.
    """

    __test__ = False

    name: str
    null: str
    statistic: Floats
    p: Floats
    degrees_of_freedom: float | None


def student(name: str, null: str, statistic: Floats, df: float) -> TestResult | Refused:
    """A result whose statistic is Student t; refused where it is not a number anywhere."""
    p = np.asarray(2.0 * stdtr(df, -np.abs(statistic)), dtype=np.float64)
    return _result(name, null, statistic, p, df)


def normal(name: str, null: str, statistic: Floats) -> TestResult | Refused:
    """A result whose statistic is standard normal; refused where it is not a number anywhere."""
    return _result(name, null, statistic, 2.0 * ndtr(-np.abs(statistic)), None)


def too_few(name: str, events: int, wanted: int = 2) -> Refused:
    """Why there is no cross-section."""
    return Refused(f"{name} was asked of {events} event, {wanted} or more wanted: it compares events")


def _result(name: str, null: str, statistic: Floats, p: Floats, df: float | None) -> TestResult | Refused:
    if not np.all(np.isfinite(statistic)):
        return Refused(f"{name} has no variance to divide by: the events do not differ, or do not move")
    return TestResult(name=name, null=null, statistic=statistic, p=p, degrees_of_freedom=df)


def divided(over: Floats, under: Floats) -> Floats:
    """`over` / `under`, with infinity where nothing varies; `_result` turns that into a refusal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Floats = over / under
    return quotient
