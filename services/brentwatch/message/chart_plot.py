"""What stands within the axes of one panel: the band of noise, the curve, and the points outside the band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.message.curve import NOTHING_YET, choose_label_sides, format_dates, select_points
from brentwatch.message.figures import convert_to_percent, format_axis_percent, format_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from brentwatch.message.curve import ChartPanel, Point

INK, GREY, RULE = "#1b2733", "#5c6975", "#c9d1d9"
_NOISE, _CURVE, _OUTSIDE = "#e3e9ef", "#23476b", "#b3401f"

_LAST_TAU = 5
_MARGIN = 0.45
_MARKER = 5.0


def draw_panel(axes: Axes, panel: ChartPanel, *, labelled: bool) -> None:
    """Draw one panel; `labelled` where the scale stands beside it."""
    curve = select_points(panel.studies)
    _draw_frame(axes, panel, labelled=labelled)
    if not curve:
        axes.text(0.5, 0.55, "nothing was tested", color=GREY, ha="center", transform=axes.transAxes)
        return
    _draw_band(axes, curve)
    _draw_curve(axes, curve)
    for point, side in zip(curve, choose_label_sides(curve), strict=True):
        _draw_point(axes, point, side)


def _draw_band(axes: Axes, curve: Sequence[Point]) -> None:
    whole = [NOTHING_YET, *curve]
    low, high = (
        [convert_to_percent(-point.half) for point in whole],
        [convert_to_percent(point.half) for point in whole],
    )
    axes.fill_between([point.tau for point in whole], low, high, color=_NOISE, linewidth=0.0, zorder=1)


def _draw_curve(axes: Axes, curve: Sequence[Point]) -> None:
    whole = [NOTHING_YET, *curve]
    taus, values = [point.tau for point in whole], [convert_to_percent(point.car) for point in whole]
    axes.plot(taus, values, color=_CURVE, linewidth=1.4, zorder=3)


def _draw_point(axes: Axes, point: Point, side: int) -> None:
    """Inside the band a dot, outside it a triangle and the word; its value in either case."""
    colour = _OUTSIDE if point.outside else _CURVE
    value = convert_to_percent(point.car)
    axes.plot(
        [point.tau], [value], _choose_marker(point), color=colour, markersize=_choose_size(point), zorder=4
    )
    told = [format_percent(point.car), "outside"] if point.outside else [format_percent(point.car)]
    axes.annotate(
        "\n".join(told if side < 0 else reversed(told)),
        (point.tau, value),
        (0.0, 6.0 * side),
        textcoords="offset points",
        ha="center",
        va="bottom" if side > 0 else "top",
        color=colour,
        fontweight="bold" if point.outside else "normal",
        bbox=None if point.outside else {"facecolor": "white", "alpha": 0.7, "linewidth": 0.0, "pad": 0.6},
        zorder=5,
    )


def _choose_marker(point: Point) -> str:
    if not point.outside:
        return "o"
    return "^" if point.car > 0.0 else "v"


def _choose_size(point: Point) -> float:
    return 1.5 * _MARKER if point.outside else _MARKER


def _draw_frame(axes: Axes, panel: ChartPanel, *, labelled: bool) -> None:
    known = format_dates(panel)
    taus = range(NOTHING_YET.tau, _LAST_TAU + 1)
    axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=2)
    axes.grid(axis="y", color=RULE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlim(NOTHING_YET.tau - _MARGIN, _LAST_TAU + _MARGIN)
    axes.set_xticks(list(taus), [f"{_name(tau)}\n{known.get(tau, '')}".rstrip() for tau in taus])
    axes.yaxis.set_major_formatter(lambda value, _: format_axis_percent(value))
    axes.margins(y=0.2)
    axes.tick_params(axis="y", labelleft=labelled)


def _name(tau: int) -> str:
    return "before" if tau < 0 else str(tau)


def make_legend_keys() -> list[Artist]:
    """What the signs mean, for the foot of the chart."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(color=_NOISE, linewidth=0.0, label="what noise alone does 95 times in 100"),
        Line2D([], [], color=_CURVE, marker="o", markersize=_MARKER, label="inside it"),
        Line2D(
            [], [], color=_OUTSIDE, marker="^", markersize=1.5 * _MARKER, linestyle="none", label="outside it"
        ),
    ]
