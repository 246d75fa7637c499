"""Reads the charts of a page as a person with a ruler would: by the figures printed at the axes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

_HALF_A_PIXEL = 0.5
_TICK_DROP = 3.5
"""A figure beside the axis stands that far below the line that it names."""


@dataclass
class Ruler:
    """Turns a place into a value, by two printed ticks."""

    places: tuple[float, float]
    values: tuple[float, float]

    def read(self, place: float) -> float:
        share = (place - self.places[0]) / (self.places[1] - self.places[0])
        return self.values[0] + share * (self.values[1] - self.values[0])

    @property
    def tolerance(self) -> float:
        """Half a pixel, as a value."""
        return abs(self.read(_HALF_A_PIXEL) - self.read(0.0))


@dataclass
class DrawnChart:
    """What a chart shows: each list has the values as read with the ruler, and as the shape says them."""

    name: str
    x: Ruler
    y: Ruler
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    spans: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)


def read_charts(page: str) -> dict[str, DrawnChart]:
    """The charts by name; every place is checked against the value that its shape carries."""
    found = re.findall(r'<svg class="plot.*?</svg>', page, re.DOTALL)
    charts = [_read_chart(ElementTree.fromstring(each)) for each in found]  # noqa: S314 - ours
    return {chart.name: chart for chart in charts}


def _read_chart(svg: ElementTree.Element) -> DrawnChart:
    title = svg.find("title")
    assert title is not None
    assert svg.get("role") == "img"
    chart = DrawnChart(
        title.get("id", "").removesuffix("-title"), _read_ruler(svg, "x"), _read_ruler(svg, "y")
    )
    for part in svg.iter():
        kind = (part.get("class") or "").partition(" ")[0]
        if kind == "mark":
            _check_point(chart, kind, part, _numbers(part.get("transform", "")))
        elif kind == "line":
            _check_line(chart, kind, part)
        elif kind == "band":
            _check_band(chart, kind, part)
        elif kind == "bar":
            _check_bar(chart, kind, part)
    return chart


def _read_ruler(svg: ElementTree.Element, axis: str) -> Ruler:
    """By the first and the last tick, as they are printed where they are numbers of the axis."""
    ticks = [
        each for each in svg.iter("text") if each.get("class") == f"tick {axis}" and each.get("data-value")
    ]
    drop = _TICK_DROP if axis == "y" else 0.0
    marks = [(float(each.get(axis, "")) - drop, float(each.get("data-value", ""))) for each in ticks]
    for each, (_, value) in zip(ticks, marks, strict=True):
        printed = (each.text or "").replace(",", "").replace("\N{MINUS SIGN}", "-")
        if axis == "y":
            assert float(re.sub(r"[^-\d.]", "", printed)) == value
    if len(marks) == 1:  # one year alone: the chart has no second tick to read by
        marks.append((marks[0][0] + 1.0, marks[0][1] + 1.0))
    return Ruler((marks[0][0], marks[-1][0]), (marks[0][1], marks[-1][1]))


def _numbers(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def _carried(part: ElementTree.Element, name: str) -> list[float]:
    return [float(each) for each in part.get(name, "").split()]


def _check_point(chart: DrawnChart, kind: str, part: ElementTree.Element, place: list[float]) -> None:
    ((x,), (y,)) = _carried(part, "data-x"), _carried(part, "data-y")
    assert abs(chart.y.read(place[1]) - y) <= chart.y.tolerance, (chart.name, place, x, y)
    chart.points.setdefault(kind, []).append((x, y))


def _check_line(chart: DrawnChart, kind: str, part: ElementTree.Element) -> None:
    places = _numbers(part.get("d", ""))
    values = list(zip(_carried(part, "data-x"), _carried(part, "data-y"), strict=True))
    assert len(places) == 2 * len(values)
    for at, (x, y) in enumerate(values):
        assert abs(chart.x.read(places[2 * at]) - x) <= chart.x.tolerance
        assert abs(chart.y.read(places[2 * at + 1]) - y) <= chart.y.tolerance
    chart.points[kind] = values


def _check_band(chart: DrawnChart, kind: str, part: ElementTree.Element) -> None:
    places = _numbers(part.get("d", ""))
    columns = (_carried(part, name) for name in ("data-x", "data-low", "data-high"))
    spans = list(zip(*columns, strict=True))
    assert len(places) == 4 * len(spans)
    for at, (x, low, high) in enumerate(spans):
        back = 2 * (2 * len(spans) - 1 - at)
        assert abs(chart.x.read(places[2 * at]) - x) <= chart.x.tolerance
        assert abs(chart.x.read(places[back]) - x) <= chart.x.tolerance
        assert abs(chart.y.read(places[2 * at + 1]) - high) <= chart.y.tolerance
        assert abs(chart.y.read(places[back + 1]) - low) <= chart.y.tolerance
    chart.spans[kind] = [(x, low, high) for x, low, high in spans]


def _check_bar(chart: DrawnChart, kind: str, part: ElementTree.Element) -> None:
    x, y, width, height = (float(part.get(name, "")) for name in ("x", "y", "width", "height"))
    ((at,), (low,), (high,)) = (_carried(part, name) for name in ("data-x", "data-low", "data-high"))
    assert abs(chart.y.read(y) - high) <= chart.y.tolerance
    assert abs(chart.y.read(y + height) - low) <= chart.y.tolerance
    if chart.x.values[1] - chart.x.values[0] != 1.0 or chart.name.startswith("p-values"):
        assert abs(chart.x.read(x + width / 2.0) - at) <= chart.x.tolerance
    chart.spans.setdefault(kind, []).append((at, low, high))
