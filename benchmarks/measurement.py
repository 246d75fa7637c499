"""One measured figure, and its reference: a measurement of the same run, or a limit.

Machines differ and are shared, so no limit is a number of seconds. A figure is divided by that of its
reference, in the same unit, and the ratio is compared with a bound. A figure that is missing, NaN, or not
above zero was not measured: its row is BROKEN whatever its bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference of a figure: its name, and its own figure in the same unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """The figure must be at most `times` that of the reference."""

    times: float
    reference: Reference


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The figure must be at least `times` that of the reference."""

    times: float
    reference: Reference


@dataclass(frozen=True, slots=True)
class Beside:
    """The figure is shown with that of the reference; every ratio passes."""

    reference: Reference


Bound = AtMost | AtLeast | Beside


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` in `unit`: a median of several runs, or a peak; None where it could not be measured."""

    name: str
    value: float | None
    unit: str
    bound: Bound

    @property
    def ratio(self) -> float:
        """The figure divided by that of its reference; NaN if either was not measured."""
        value, reference = self.value, self.bound.reference.value
        if value is None or not (_is_measured(value) and _is_measured(reference)):
            return math.nan
        return value / reference

    def is_kept(self, *, judged: bool = True) -> bool:
        """False if the bound is broken or the figure was not measured; without `judged` no bound counts."""
        if not _is_measured(self.ratio):
            return False
        match self.bound:
            case AtMost(times) if judged:
                return self.ratio <= times
            case AtLeast(times) if judged:
                return self.ratio >= times
            case _:
                return True

    def row(self, *, judged: bool = True) -> tuple[str, str, str, str]:
        """Name, figure, comparison, verdict."""
        figure = "not measured" if self.value is None else f"{self.value:,.4g} {self.unit}"
        kept = self.is_kept(judged=judged)
        passed = "ok" if judged else "runs"
        return self.name, figure, self._held(), passed if kept else "BROKEN"

    def _held(self) -> str:
        held = f"{self.ratio:,.3g} x {self.bound.reference.name}"
        match self.bound:
            case AtMost(times):
                return f"{held}, at most {times:,g}"
            case AtLeast(times):
                return f"{held}, at least {times:,g}"
            case Beside():
                return held


def _is_measured(value: float) -> bool:
    return math.isfinite(value) and value > 0
