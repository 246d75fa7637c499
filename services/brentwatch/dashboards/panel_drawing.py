"""One panel of a preview: numbers, a graph, bars, a list or a histogram, in the room that it has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from brentwatch.dashboards.board import BoardPanel, ColourLimit, Histogram, LargeNumbers, PanelQuery, Word
from brentwatch.dashboards.prometheus import AnsweredSeries
from brentwatch.dashboards.unit_text import format_with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GREY, RULE = "#1b2733", "#5c6975", "#d5dbe1"
_COLOURS = {"green": "#2c7a4b", "orange": "#b8650a", "red": "#b3261e", "blue": "#2b5f9e", "text": INK}
_LINES = ("#2b5f9e", "#b8650a", "#2c7a4b", "#8e44ad", "#b3261e", "#16808a", "#7a6a1f", "#5c6975")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_POINT = 72.0
_CHARACTER, _BOLD, _NARROW = 0.6, 0.8, 0.55
"""Width of a character, in sizes of the font; `_NARROW` of small letters on the average."""

_LARGEST, _SMALL = 24.0, 7.5
_SHORTEST = 5
_MOST_BARS, _MOST_ROWS = 8, 9
_LEFT, _FOOT, _LINE = 0.78, 0.56, 0.15
"""In inches: beside a graph for its scale, below it for times and names, of one line of names."""

_DAY = 86_400
_STEPS = (
    *(5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200),
    *(_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY),
)


class DrawnMark(NamedTuple):
    """An annotation: its moment in seconds since 1970, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class PanelAnswer:
    """What Prometheus answered to one query of a panel."""

    query: PanelQuery
    series: Sequence[AnsweredSeries]


class _Shown(NamedTuple):
    """A value as people see it."""

    name: str
    text: str
    colour: str
    value: float


def fill_legend(text: str, series: AnsweredSeries) -> str:
    """A legend with the labels of a series."""
    return _LEGEND.sub(lambda found: series.labels.get(found[1], ""), text)


def _list_shown(panel: BoardPanel, answers: Iterable[PanelAnswer]) -> Iterator[_Shown]:
    for answer in answers:
        for series in answer.series:
            text, colour = _describe_value(panel, answer.query, series.newest)
            yield _Shown(fill_legend(answer.query.legend, series), text, colour, series.newest)


def _describe_value(panel: BoardPanel, query: PanelQuery, value: float) -> tuple[str, str]:
    words: Sequence[Word] = query.words or panel.words
    for word in words:
        if word.value == value:
            return word.text, _COLOURS[word.colour]
    limits: Sequence[ColourLimit] = query.limits or panel.limits
    passed = [limit.colour for limit in limits if value >= limit.value]
    text = format_with_unit(value, query.unit or panel.unit, panel.decimals)
    return text, _COLOURS[passed[-1] if passed else "text"]


def draw_numbers(
    axes: Axes,
    panel: BoardPanel,
    show: LargeNumbers,
    answers: Sequence[PanelAnswer],
    size: tuple[float, float],
) -> None:
    """Cells side by side, each with a number or a word, and its name below."""
    from matplotlib.patches import Rectangle

    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    shown = list(_list_shown(panel, answers))
    lengths = [max(len(each.text), _SHORTEST) for each in shown]
    left = 0.0
    for each, length in zip(shown, lengths, strict=True):
        wide = length / sum(lengths)
        middle, ink = left + 0.5 * wide, "white" if show.filled else each.colour
        room = size[0] * _POINT * wide * 0.85 / (_BOLD * len(each.text))
        font = min(_LARGEST, room, size[1] * _POINT * 0.4)
        if show.filled:
            corner = (left + 0.008, 0.06)
            axes.add_patch(Rectangle(corner, wide - 0.016, 0.9, facecolor=each.colour, linewidth=0.0))
        height = 0.6 if show.named else 0.5
        style: dict[str, Any] = {"ha": "center", "va": "center"}
        axes.text(middle, height, each.text, fontsize=font, color=ink, fontweight="bold", **style)
        if show.named:
            name, ink = _cut(each.name, size[0] * wide, _SMALL), ink if show.filled else GREY
            axes.text(middle, 0.2, name, fontsize=_SMALL, color=ink, **style)
        left += wide


def draw_graph(
    axes: Axes,
    panel: BoardPanel,
    dashed: Sequence[str],
    answers: Sequence[PanelAnswer],
    marks: Sequence[DrawnMark],
    limits: tuple[float, float],
    size: tuple[float, float],
) -> None:
    """Lines over the time between the limits, in seconds since 1970, with marks, and their names below."""
    left = _LEFT if panel.unit.startswith("suffix") else _LEFT - 0.2
    inner = axes.inset_axes(
        (left / size[0], _FOOT / size[1], 1 - (left + 0.04) / size[0], 1 - (_FOOT + 0.08) / size[1])
    )
    _draw_frame(inner, panel)
    lines = [(fill_legend(answer.query.legend, each), each) for answer in answers for each in answer.series]
    for place, (name, series) in enumerate(lines):
        times = [at for at, _ in series.points]
        inner.plot(
            times, [value for _, value in series.points],
            color=_LINES[place % len(_LINES)], linewidth=1.5, linestyle="--" if name in dashed else "-",
            marker="o" if len(times) == 1 else None, markersize=3,
        )  # fmt: skip
    for mark in marks:
        inner.axvline(mark.at, color=_COLOURS["red"], linewidth=1.1, linestyle="--")
        inner.annotate(
            f"▲ {mark.text}", (mark.at, 1.0), (-4, -8), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=_COLOURS["red"], fontsize=_SMALL, ha="right",
        )  # fmt: skip
    inner.margins(y=0.12)
    if panel.zero_based:
        largest = max(value for _, series in lines for _, value in series.points)
        inner.set_ylim(0.0, 1.12 * largest or 1.0)
    inner.set_xlim(*limits)
    ticks = _list_ticks(limits, most=int(size[0] / 0.8))
    inner.set_xticks(ticks, [_format_time(at, limits) for at in ticks])
    _write_legend(axes, [name for name, _ in lines], size)


def _list_ticks(limits: tuple[float, float], most: int) -> list[float]:
    """Round times between the limits, at most `most` and none at the very edge."""
    seconds = limits[1] - limits[0]
    step = next((each for each in _STEPS if seconds / each <= most), _STEPS[-1])
    first = int(limits[0] / step) + 1
    ticks = [float(step * at) for at in range(first, int(limits[1] / step) + 1)]
    return [at for at in ticks if 0.04 < (at - limits[0]) / seconds < 0.97]


def _format_time(at: float, limits: tuple[float, float]) -> str:
    seconds = limits[1] - limits[0]
    form = "%d %b" if seconds > 3 * _DAY else ("%H:%M" if seconds > 240 else "%H:%M:%S")
    return format(datetime.fromtimestamp(at, UTC), form)


def _draw_frame(inner: Axes, panel: BoardPanel) -> None:
    inner.set_facecolor("none")
    inner.grid(axis="y", color=RULE, linewidth=0.6)
    inner.set_axisbelow(True)
    inner.tick_params(labelsize=_SMALL, colors=GREY, length=0)
    for spine in inner.spines.values():
        spine.set_visible(False)
    inner.yaxis.set_major_formatter(lambda value, _: format_with_unit(value, panel.unit))
    inner.locator_params(axis="y", nbins=5)


def _write_legend(axes: Axes, names: Sequence[str], size: tuple[float, float]) -> None:
    """As many names as two lines have room for, each behind a dot of its colour."""
    left, line = 0.08, 0
    for place, name in enumerate(names):
        wide = (len(name) * _NARROW + 2.6) * _SMALL / _POINT
        if left + wide > size[0] and left > 0.1:
            left, line = 0.08, line + 1
        if line > 1:
            axes.text(1.0, 0.0, f"+{len(names) - place}", fontsize=_SMALL, color=GREY, ha="right")
            return
        height = (_LINE * (1 - line) + 0.03) / size[1]
        axes.text(left / size[0], height, "●", fontsize=_SMALL, color=_LINES[place % len(_LINES)])
        axes.text((left + 0.13) / size[0], height, name, fontsize=_SMALL, color=INK)
        left += wide


def draw_bars(
    axes: Axes, panel: BoardPanel, answers: Sequence[PanelAnswer], size: tuple[float, float]
) -> None:
    """Lying bars, each between its name and its value."""
    shown = list(_list_shown(panel, answers))[:_MOST_BARS]
    longest = max(len(each.name) for each in shown)
    left = min(0.5, longest * _CHARACTER * 8 / _POINT / size[0] + 0.03)
    largest = max([abs(each.value) for each in shown if each.value] or [1.0])
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    for place, each in enumerate(shown):
        wide = (0.86 - left) * max(0.0, each.value) / largest
        axes.barh(place, 0.86 - left, left=left, height=0.5, color="#f1f4f7")
        axes.barh(place, wide, left=left, height=0.5, color=each.colour if each.value else RULE)
        name = _cut(each.name, (left - 0.02) * size[0], 8)
        axes.text(left - 0.02, place, name, fontsize=8, color=INK, ha="right", va="center")
        axes.text(0.875, place, each.text, fontsize=8.5, color=each.colour, fontweight="bold", va="center")


def draw_listing(
    axes: Axes, panel: BoardPanel, labels: Mapping[str, str], answers: Sequence[PanelAnswer]
) -> None:
    """A row for each set of labels, the greatest first column first."""
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    for answer in answers:
        for series in answer.series:
            row = rows.setdefault(tuple(series.labels.get(label, "") for label in labels), {})
            row[answer.query.legend] = series.newest
    columns = [answer.query for answer in answers if answer.query.legend]
    titles = [*labels.values(), *(query.legend for query in columns)]
    cells = [
        [*key, *(_describe_cell(panel, query, rows[key].get(query.legend)) for query in columns)]
        for key in sorted(rows, reverse=True)
    ]
    _write_cells(axes, titles, cells, len(labels), panel.empty)


def _describe_cell(panel: BoardPanel, query: PanelQuery, value: float | None) -> str:
    if value is None:
        return panel.empty
    decimals = 4 if query.unit == "none" else 1
    return format_with_unit(value, query.unit or panel.unit, decimals)


def _write_cells(
    axes: Axes, titles: Sequence[str], cells: Sequence[Sequence[str]], words: int, empty: str
) -> None:
    """Columns as wide as what they hold: words to the left, figures to the right."""
    shown = cells[:_MOST_ROWS]
    widths = [max(len(row[at]) for row in (titles, *shown)) + 3 for at in range(len(titles))]
    whole, left = sum(widths), 0.0
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(max(len(shown), _MOST_ROWS - 2) + 0.5, -0.8)
    axes.axhline(0.45, color=RULE, linewidth=0.8)
    for at, wide in enumerate(widths):
        is_word, share = at < words, wide / whole
        where, side = (left, "left") if is_word else (left + share * 0.85, "right")
        axes.text(where, 0.0, titles[at], fontsize=8, color=GREY, ha=side, va="center")
        for place, row in enumerate(shown, start=1):
            plain = is_word or row[at] == empty
            weight, ink = ("normal", GREY if not is_word else INK) if plain else ("bold", INK)
            axes.text(where, place, row[at], fontsize=8.5, color=ink, ha=side, va="center", fontweight=weight)
        left += share
    if len(cells) > len(shown):
        axes.text(0.0, len(shown) + 0.9, f"{len(cells) - len(shown)} more", fontsize=8, color=GREY)


def draw_histogram(
    axes: Axes,
    panel: BoardPanel,
    show: Histogram,
    answers: Sequence[PanelAnswer],
    size: tuple[float, float],
) -> None:
    """Standing bars of each query, side by side along the label."""
    label = show.label
    inner = axes.inset_axes((0.58 / size[0], 0.62 / size[1], 1 - 0.62 / size[0], 1 - 0.7 / size[1]))
    _draw_frame(inner, panel)
    names = sorted({series.labels.get(label, "") for answer in answers for series in answer.series})
    wide = 0.8 / len(answers)
    for number, answer in enumerate(answers):
        at = [names.index(series.labels.get(label, "")) + wide * (number - 0.5) for series in answer.series]
        inner.bar(at, [each.newest for each in answer.series], width=wide * 0.95, color=_LINES[number])
    inner.set_xticks(range(len(names)), [name.replace(" to ", "-") for name in names])
    inner.set_xlabel(show.title, fontsize=_SMALL, color=GREY, labelpad=2)
    _write_legend(axes, [answer.query.legend for answer in answers], size)


def _cut(text: str, inches: float, font: float) -> str:
    """The text, cut where it would be wider."""
    most = max(3, int(inches * _POINT / (_CHARACTER * font)))
    return text if len(text) <= most else f"{text[: most - 1]}…"
