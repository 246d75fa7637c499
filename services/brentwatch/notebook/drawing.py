"""The pictures of results: moves of many events beside their normal ranges, and the path of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.message.chart import CURVE, GREY, INK, NORMAL, RULE, load_library
from brentwatch.message.chart_marks import MoveMark, choose_mark, make_mark_key, style_mark
from brentwatch.message.figures import convert_to_percent, format_axis_percent, format_level, format_percent
from brentwatch.message.foreign import clean, cut_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_MOST_ROWS = 60
_LONGEST_LABEL = 40
_LONGEST_TITLE = 60
_MARK = 5.0
_ROW, _FRAME = 0.32, 1.5
"""Inches: the height of a row, and of what stands around the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMove:
    """One move: `move`, and the normal range `low` to `high`, as log fractions.

    `tau` is the last session of the move. `abnormal` is true if its p is at or below the alert level.
    """

    label: str
    tau: int
    move: float
    low: float
    high: float
    abnormal: bool = False

    @property
    def mark(self) -> MoveMark:
        """How it is drawn."""
        return choose_mark(self.move, self.low, self.high, is_abnormal=self.abnormal)


def draw_moves(moves: Sequence[DrawnMove], title: str, axes: Axes | None, level: float | None) -> Axes:
    """A row for each move, the first on top, at most 60.

    Args:
        level: the alert level, None if no move is compared with one.
    """
    shown = moves[:_MOST_ROWS]
    axes = _open_axes(axes, _FRAME + _ROW * len(shown))
    for row, move in enumerate(shown):
        low, high = convert_to_percent(move.low), convert_to_percent(move.high)
        axes.barh(row, high - low, left=low, height=0.62, color=NORMAL, zorder=1)
        _draw_mark(axes, convert_to_percent(move.move), row, move)
        axes.annotate(
            format_percent(move.move), (1.0, row), (6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", color=move.mark.colour,
        )  # fmt: skip
    axes.axvline(0.0, color=GREY, linewidth=0.7, zorder=2)
    labels = [cut_text(clean(move.label), _LONGEST_LABEL) for move in shown]
    axes.set_yticks(range(len(shown)), labels, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.margins(x=0.05)
    axes.use_sticky_edges = False
    axes.xaxis.set_major_formatter(lambda value, _: format_axis_percent(value))
    left_out = len(moves) - len(shown)
    axes.set_title(
        title + (f" (the first {len(shown)} of {len(moves):,})" if left_out else ""),
        loc="left",
        parse_math=False,
    )
    _finish(axes, shown, level, "x")
    return axes


def draw_path(
    moves: Sequence[DrawnMove], title: str, what: str, axes: Axes | None, level: float | None
) -> Axes:
    """The move of one event, session by session, from the settlement before the first of them.

    Args:
        what: the move is, for the axis.
    """
    axes = _open_axes(axes, 4.2)
    from matplotlib.ticker import MaxNLocator

    before = moves[0].tau - 1
    taus = [before, *(move.tau for move in moves)]
    low, high, car = (
        [0.0, *(convert_to_percent(value) for value in values)]
        for values in zip(*((move.low, move.high, move.move) for move in moves), strict=True)
    )
    axes.fill_between(taus, low, high, color=NORMAL, linewidth=0.0, zorder=1)
    axes.plot(taus, car, color=CURVE, linewidth=1.4, zorder=3)
    for move in moves:
        _draw_mark(axes, move.tau, convert_to_percent(move.move), move)
    axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=2)
    axes.yaxis.set_major_formatter(lambda value, _: format_axis_percent(value))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("session (0 is the first that settles after the event)", color=INK)
    axes.set_ylabel(what, color=INK, parse_math=False)
    axes.set_title(cut_text(clean(title), _LONGEST_TITLE), loc="left", parse_math=False)
    _finish(axes, moves, level, "y")
    return axes


def _open_axes(axes: Axes | None, height: float) -> Axes:
    """The axes that were given, or new ones of pyplot, which a notebook shows.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    load_library()
    from matplotlib import pyplot

    if axes is not None:
        return axes
    _, opened = pyplot.subplots(figsize=(8.0, height), layout="constrained")
    return opened


def _draw_mark(axes: Axes, x: float, y: float, move: DrawnMove) -> None:
    axes.plot([x], [y], linestyle="none", zorder=4, **style_mark(move.mark, move.move, _MARK))


def _finish(axes: Axes, moves: Iterable[DrawnMove], level: float | None, along: str) -> None:
    axes.grid(axis="x" if along == "x" else "y", color=RULE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(colors=GREY, labelcolor=INK, length=0)
    keys = _make_keys(list(moves), level)
    below = 4.0 if axes.get_xlabel() else 2.2  # in heights of a letter: what stands under the axes
    axes.legend(
        handles=keys,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=below,
        ncols=4,
        frameon=False,
        fontsize=9.0,
        columnspacing=1.2,
        handletextpad=0.5,
    )


def _make_keys(moves: Sequence[DrawnMove], level: float | None) -> list[Artist]:
    """Only the marks that are drawn."""
    from matplotlib.patches import Patch

    words = {
        MoveMark.INSIDE: "inside it",
        MoveMark.OUTSIDE: "outside the normal range",
        MoveMark.ABNORMAL: f"abnormal (p ≤ {format_level(level or 0.0)})",
    }
    drawn = {move.mark for move in moves}
    marks = [make_mark_key(mark, word, _MARK) for mark, word in words.items() if mark in drawn]
    return [Patch(color=NORMAL, linewidth=0.0, label="normal range (95 %)"), *marks]
