"""The chart of a session: how the abnormal return grew, and its normal range.

The same panels give the same bytes: no date, fixed ids, in SVG text as text in the reader's fonts.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from brentwatch.core.domain import LAST_TAU
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.message.chart_layout import (
    FOOT,
    LEFT,
    LINE,
    NOTHING_YET,
    TEXT,
    TITLE,
    ChartPanel,
    Layout,
    Point,
    choose_label_sides,
    format_dates,
    plan_layout,
    select_points,
)
from brentwatch.message.chart_marks import MoveMark, choose_mark, make_mark_key, style_mark
from brentwatch.message.figures import convert_to_percent, format_axis_percent, format_level, format_percent

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType


INK, GREY, RULE = "#1b2733", "#5c6975", "#c9d1d9"
NORMAL, CURVE = "#e3e9ef", MoveMark.INSIDE.colour

_MARGIN = 0.45
_MARKER = 5.0


def draw_panel(axes: Axes, panel: ChartPanel, *, labelled: bool) -> None:
    """Draw one panel; `labelled` if its scale is written at the left."""
    curve = select_points(panel.studies)
    _draw_frame(axes, panel, labelled=labelled)
    if not curve:
        axes.text(0.5, 0.55, "nothing was tested", color=GREY, ha="center", transform=axes.transAxes)
        return
    _draw_band(axes, curve)
    _draw_curve(axes, curve)
    for point, side in zip(curve, choose_label_sides(curve), strict=True):
        _draw_point(axes, point, side, panel.level)


def _draw_band(axes: Axes, curve: Sequence[Point]) -> None:
    whole = [NOTHING_YET, *curve]
    low, high = (
        [convert_to_percent(point.low) for point in whole],
        [convert_to_percent(point.high) for point in whole],
    )
    axes.fill_between([point.tau for point in whole], low, high, color=NORMAL, linewidth=0.0, zorder=1)


def _draw_curve(axes: Axes, curve: Sequence[Point]) -> None:
    whole = [NOTHING_YET, *curve]
    taus, values = [point.tau for point in whole], [convert_to_percent(point.car) for point in whole]
    axes.plot(taus, values, color=CURVE, linewidth=1.4, zorder=3)


def _draw_point(axes: Axes, point: Point, side: int, level: float) -> None:
    """A mark and the value; the word "abnormal" only if the text says it too."""
    mark = choose_mark(point.car, point.low, point.high, is_abnormal=point.p <= level)
    value = convert_to_percent(point.car)
    axes.plot([point.tau], [value], zorder=4, **style_mark(mark, point.car, _MARKER))
    lines = [format_percent(point.car), *([mark.value] if mark is MoveMark.ABNORMAL else [])]
    axes.annotate(
        "\n".join(lines if side < 0 else reversed(lines)),
        (point.tau, value),
        (0.0, 6.0 * side),
        textcoords="offset points",
        ha="center",
        va="bottom" if side > 0 else "top",
        color=mark.colour,
        fontweight="bold" if mark is MoveMark.ABNORMAL else "normal",
        bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0.0, "pad": 0.6},
        zorder=5,
    )


def _draw_frame(axes: Axes, panel: ChartPanel, *, labelled: bool) -> None:
    known = format_dates(panel)
    taus = range(NOTHING_YET.tau, LAST_TAU + 1)
    axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=2)
    axes.grid(axis="y", color=RULE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlim(NOTHING_YET.tau - _MARGIN, LAST_TAU + _MARGIN)
    axes.set_xticks(list(taus), [f"{_name(tau)}\n{known.get(tau, '')}".rstrip() for tau in taus])
    axes.yaxis.set_major_formatter(lambda value, _: format_axis_percent(value))
    axes.margins(y=0.2)
    axes.tick_params(axis="y", labelleft=labelled)


def _name(tau: int) -> str:
    return "before" if tau < 0 else str(tau)


def make_legend_keys(panels: Sequence[ChartPanel]) -> list[Artist]:
    """What the marks mean, for the foot of the chart; the alert level if all panels have the same."""
    from matplotlib.patches import Patch

    levels = {panel.level for panel in panels}
    at = f"alert level {format_level(levels.pop())}" if len(levels) == 1 else "at the alert level"
    labels = {**{mark: mark.value for mark in MoveMark}, MoveMark.ABNORMAL: f"{MoveMark.ABNORMAL} ({at})"}
    marks = [make_mark_key(mark, label, _MARKER) for mark, label in labels.items()]
    return [Patch(color=NORMAL, linewidth=0.0, label="normal range (95 %)"), *marks]


__all__ = ["FORMS", "ChartPanel", "Form", "draw", "load_library"]

_STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "brentwatch",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": TEXT,
    "text.parse_math": False,
    "text.color": INK,
    "axes.linewidth": 0.6,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
}

Form = Literal["svg", "png", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)

_SLIDE_DPI = 200.0
"""Resolution of a PNG: 2,000 by 1,125 dots, for a slide of 10 by 5.625 inches."""

SCREEN_DPI = 144.0
"""Resolution of a PNG for a screen: two dots for each of the 72 in which a figure is laid out."""

_UNDATED: dict[Form, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Metadata that differs from minute to minute or between versions of the library is left out."""

_NOTE = (
    "Shown is the abnormal return since the close before: the move of the price less the expected move. "
    "Only session 0 opens alerts."
)


def draw(panels: Sequence[ChartPanel], form: Form = "svg") -> bytes:
    """A picture of the panels, two in a row, all on one scale, in the proportions of a slide (16:9).

    Raises:
        InvalidInput: if there is no panel.
        SettingsError: if the extra `chart` is not installed.
    """
    if not panels:
        raise InvalidInput("no panel to draw; expected one or more: give the studies of a session")
    return render_figure(lambda: _draw_figure(panels), form, _SLIDE_DPI)


def render_figure(make: Callable[[], Figure], form: Form, dpi: float = SCREEN_DPI) -> bytes:
    """The bytes of a figure that is made and saved in the project's style, whatever the reader's settings.

    Args:
        make: builds the figure, in the style that holds while it runs.
        form: of the file.
        dpi: dots per inch of a PNG.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    mpl = load_library()
    out = io.BytesIO()
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)  # the reader's has it
        mpl.rcdefaults()  # a reader's own settings would change the bytes
        mpl.rcParams.update(_STYLE)
        make().savefig(out, format=form, dpi=dpi if form == "png" else "figure", metadata=_UNDATED[form])
    return out.getvalue()


def load_library() -> ModuleType:
    """matplotlib, imported from a folder of ours without a module: it reads a `matplotlibrc` of the working
    folder, and where that is on `sys.path`, a module there would hide one of the standard library.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    if loaded := sys.modules.get("matplotlib"):
        return loaded
    try:
        with chdir(Path(__file__).parent / "html" / "templates"):
            return import_module("matplotlib")
    except ImportError as error:
        raise SettingsError(
            f"matplotlib, which draws charts, cannot be imported ({error}); expected the extra "
            '"chart"; run pip install "brentwatch[chart]"'
        ) from error


def _draw_figure(panels: Sequence[ChartPanel]) -> Figure:
    from matplotlib.figure import Figure

    where = plan_layout(panels)
    figure = Figure(figsize=(where.page_width / 72.0, where.height / 72.0), dpi=72.0, facecolor="white")
    first: Axes | None = None
    for index, panel in enumerate(panels):
        axes = figure.add_axes(where.place_axes(index), sharey=first, facecolor="none")
        first = first or axes
        draw_panel(axes, panel, labelled=index % where.columns == 0)
        _write_head(axes, where.heads[index], where.head)
    _write_foot(figure, where, panels)
    return figure


def _write_head(axes: Axes, lines: Sequence[str], height: float) -> None:
    """Downwards from `height` above the axes: the title, the subtitle, the verdicts."""
    title, subtitle, *verdicts = lines
    _write(axes, title, height - LINE + 4.0, fontsize=TITLE, fontweight="bold")
    _write(axes, subtitle, height - 2.0 * LINE + 2.0, color=GREY)
    for index, line in enumerate(verdicts, start=3):
        _write(axes, line, height - index * LINE)


def _write(axes: Axes, text: str, above: float, **style: Any) -> None:
    axes.annotate(
        text, (0.0, 1.0), (0.0, above), xycoords="axes fraction", textcoords="offset points", **style
    )


def _write_foot(figure: Figure, where: Layout, panels: Sequence[ChartPanel]) -> None:
    left = LEFT / where.page_width
    figure.legend(
        handles=make_legend_keys(panels),
        loc="center left",
        bbox_to_anchor=(left, (FOOT - 16.0) / where.height),
        ncols=4,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=1.6,
        handletextpad=0.5,
    )
    figure.text(left, 10.0 / where.height, _NOTE, color=GREY)
