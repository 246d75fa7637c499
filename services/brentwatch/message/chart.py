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
    WIDTH,
    ChartPanel,
    Point,
    choose_label_sides,
    format_dates,
    plan_layout,
    select_points,
)
from brentwatch.message.figures import convert_to_percent, format_axis_percent, format_percent

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType


INK, GREY, RULE = "#1b2733", "#5c6975", "#c9d1d9"
NORMAL, INSIDE, OUTSIDE = "#e3e9ef", "#23476b", "#b3401f"

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
    axes.fill_between([point.tau for point in whole], low, high, color=NORMAL, linewidth=0.0, zorder=1)


def _draw_curve(axes: Axes, curve: Sequence[Point]) -> None:
    whole = [NOTHING_YET, *curve]
    taus, values = [point.tau for point in whole], [convert_to_percent(point.car) for point in whole]
    axes.plot(taus, values, color=INSIDE, linewidth=1.4, zorder=3)


def _draw_point(axes: Axes, point: Point, side: int) -> None:
    """Inside the band a dot, outside it a triangle and the word; its value in either case."""
    colour = OUTSIDE if point.outside else INSIDE
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


def make_legend_keys() -> list[Artist]:
    """What the signs mean, for the foot of the chart."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(color=NORMAL, linewidth=0.0, label="normal range (95 %)"),
        Line2D([], [], color=INSIDE, marker="o", markersize=_MARKER, label="inside it"),
        Line2D(
            [], [], color=OUTSIDE, marker="^", markersize=1.5 * _MARKER, linestyle="none", label="outside it"
        ),
    ]


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

_DPI = 144.0
"""Of a PNG: two dots for each of the 72 in which the figure is laid out, for today's screens."""

_UNDATED: dict[Form, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What would be another in another minute or with another version of the library."""

_NOTE = (
    "Abnormal return since the close before: what the price did, less what was expected, summed over the "
    "sessions. Only session 0 may open an alert."
)


def draw(panels: Sequence[ChartPanel], form: Form = "svg") -> bytes:
    """A picture of the panels, two in a row, all on one scale.

    Raises:
        InvalidInput: if there is no panel.
        SettingsError: if the extra `chart` is not installed.
    """
    if not panels:
        raise InvalidInput(
            "there is no panel to draw; one or more were wanted: give the studies of a session"
        )
    return render_figure(lambda: _draw_figure(panels), form)


def render_figure(make: Callable[[], Figure], form: Form) -> bytes:
    """The bytes of a figure that is made and saved in the project's style, whatever the reader's settings.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    mpl = load_library()
    out = io.BytesIO()
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)  # the reader's has it
        mpl.rcdefaults()  # a reader's own settings would change the bytes
        mpl.rcParams.update(_STYLE)
        make().savefig(out, format=form, dpi=_DPI if form == "png" else "figure", metadata=_UNDATED[form])
    return out.getvalue()


def load_library() -> ModuleType:
    """matplotlib, imported from a folder of ours: it reads a `matplotlibrc` of the working folder.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    if loaded := sys.modules.get("matplotlib"):
        return loaded
    try:
        with chdir(Path(__file__).parent):
            return import_module("matplotlib")
    except ImportError as error:
        raise SettingsError(
            f"matplotlib, which draws charts, cannot be imported ({error}); expected the extra "
            '"chart"; run pip install "brentwatch[chart]"'
        ) from error


def _draw_figure(panels: Sequence[ChartPanel]) -> Figure:
    from matplotlib.figure import Figure

    where = plan_layout(panels)
    figure = Figure(figsize=(WIDTH / 72.0, where.height / 72.0), dpi=72.0, facecolor="white")
    first: Axes | None = None
    for index, panel in enumerate(panels):
        axes = figure.add_axes(where.place_axes(index), sharey=first, facecolor="none")
        first = first or axes
        draw_panel(axes, panel, labelled=index % where.columns == 0)
        _write_head(axes, where.heads[index], where.head)
    _write_foot(figure, where.height)
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


def _write_foot(figure: Figure, height: float) -> None:
    figure.legend(
        handles=make_legend_keys(),
        loc="center left",
        bbox_to_anchor=(LEFT / WIDTH, (FOOT - 16.0) / height),
        ncols=3,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=1.6,
    )
    figure.text(LEFT / WIDTH, 10.0 / height, _NOTE, color=GREY)
