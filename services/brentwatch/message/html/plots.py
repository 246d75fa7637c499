"""A chart as data: axes and shapes, each with the values it shows; templates/plots.html.j2 writes it as SVG.

A shape holds the values that it shows; the template places them by the axes. So a coordinate
can be checked against its value: the SVG carries both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from brentwatch.message.chart_marks import MoveMark
from brentwatch.message.html.axes import PlotAxis

TextAnchor = Literal["start", "middle", "end"]

_MARK_CLASSES = {MoveMark.INSIDE: "inside", MoveMark.OUTSIDE: "outside", MoveMark.ABNORMAL: "abnormal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotPoint:
    """A place of a chart by its values, not by its units."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotSpan:
    """The values from `low` to `high` above `x`."""

    x: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotBand:
    """A shaded band through spans, from left to right."""

    spans: Sequence[PlotSpan]
    style: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotCurve:
    """A line through points."""

    points: Sequence[PlotPoint]
    style: str = "curve"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotMark:
    """A move: a dot inside its normal range, an open triangle outside it, a filled one if abnormal.

    `label` is written above the mark, or below it if the label is `under`, `lift` units further away. `hint`
    is shown under the pointer.
    """

    at: PlotPoint
    mark: MoveMark
    label: str = ""
    under: bool = False
    lift: float = 0.0
    anchor: TextAnchor = "middle"
    hint: str = ""
    size: float = 4.0

    @property
    def style(self) -> str:
        """The class in CSS."""
        return _MARK_CLASSES[self.mark]

    @property
    def is_dot(self) -> bool:
        """A dot, not a triangle."""
        return self.mark is MoveMark.INSIDE

    @property
    def tip(self) -> float:
        """The way the triangle points: 1 up, -1 down."""
        return 1.0 if self.at.y > 0.0 else -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotBar:
    """A bar of `width`, in units of the SVG, through a span."""

    span: PlotSpan
    width: float
    style: str = "normal"
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotRule:
    """A horizontal line at a value, with its name at the right end."""

    y: float
    label: str = ""
    style: str = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A chart of `width` by `height` units. `title` and `description` say in words what it shows.

    `name` is unique on its page. Shapes are drawn in the order bands, bars, rules, curves, marks.
    """

    name: str
    title: str
    description: str
    width: float
    height: float
    x: PlotAxis
    y: PlotAxis
    bands: Sequence[PlotBand] = ()
    bars: Sequence[PlotBar] = ()
    rules: Sequence[PlotRule] = ()
    curves: Sequence[PlotCurve] = ()
    marks: Sequence[PlotMark] = ()
    x_title: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotStrip:
    """One move beside its normal range on a horizontal axis, small enough for a cell of a table.

    `label` says it in words.
    """

    axis: PlotAxis
    move: float
    low: float
    high: float
    mark: MoveMark
    label: str

    @property
    def style(self) -> str:
        """The class in CSS."""
        return _MARK_CLASSES[self.mark]

    @property
    def tip(self) -> float:
        """The way the triangle points: 1 right, -1 left."""
        return 1.0 if self.move > (self.low + self.high) / 2.0 else -1.0
