"""The chart of a session: how the abnormal return grew, beside what noise does where nothing happens.

The same panels give the same bytes: no date, fixed ids, in SVG text as text in the reader's fonts.
"""

from __future__ import annotations

import io
import sys
import warnings
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.message.chart_layout import FOOT, LEFT, LINE, TEXT, TITLE, WIDTH, plan_layout
from brentwatch.message.chart_plot import GREY, INK, RULE, draw_panel, make_legend_keys
from brentwatch.message.curve import ChartPanel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

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
    mpl = load_library()
    out = io.BytesIO()
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)  # the reader's has it
        mpl.rcdefaults()  # a reader's own settings would change the bytes
        mpl.rcParams.update(_STYLE)
        _draw_figure(panels).savefig(
            out, format=form, dpi=_DPI if form == "png" else "figure", metadata=_UNDATED[form]
        )
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
