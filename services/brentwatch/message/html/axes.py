"""Axes of a chart: where a value stands, in units of the SVG, and which values have a tick."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_NO_SPAN = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisTick:
    """A value of an axis and how it is written."""

    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotAxis:
    """Values from `low` to `high` stand at the places from `start` to `end`.

    Places are units of the SVG. A vertical axis starts at the larger place: SVG counts from the top.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: Sequence[AxisTick] = ()

    def place(self, value: float) -> float:
        """Where the value stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def make_value_axis(
    values: Iterable[float], start: float, end: float, write: Callable[[float], str], *, ticks: int = 5
) -> PlotAxis:
    """An axis that holds zero and all values, from one round number to another, in about that many steps."""
    known = [0.0, *(value for value in values if math.isfinite(value))]
    step = choose_step(max(known) - min(known), ticks)
    low, high = math.floor(min(known) / step + _NO_SPAN), math.ceil(max(known) / step - _NO_SPAN)
    marks = [AxisTick(value=at * step, text=write(at * step)) for at in range(low, max(high, low + 1) + 1)]
    return PlotAxis(low=marks[0].value, high=marks[-1].value, start=start, end=end, ticks=marks)


def choose_step(span: float, ticks: int) -> float:
    """The smallest round step, 1, 2, 2.5 or 5 times a power of ten, of which `ticks` hold the span."""
    if span <= _NO_SPAN:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(span / ticks))
    return next(factor * unit for factor in (*_STEPS, 20.0) if factor * unit * ticks >= span * (1.0 - 1e-9))
