"""The marks of charts: inside the normal range, outside it, and abnormal at the alert level.

They differ in shape and fill as well as in colour: a dot, an open triangle, a filled one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

_COLOURS = {"inside": "#23476b", "outside": "#8a5a00", "abnormal": "#b3401f"}


class MoveMark(StrEnum):
    """What a test says of a move, as charts and their legends name it.

    The normal range holds 95 of 100 moves if nothing happens. A move outside it is abnormal only if its p is
    at or below the alert level, as in every text.
    """

    INSIDE = "inside"
    OUTSIDE = "outside the normal range"
    ABNORMAL = "abnormal"

    @property
    def colour(self) -> str:
        """Of the mark and its label."""
        return _COLOURS[self.name.lower()]


def choose_mark(move: float, low: float, high: float, *, is_abnormal: bool) -> MoveMark:
    """The mark of a move with the normal range from `low` to `high`."""
    if is_abnormal:
        return MoveMark.ABNORMAL
    return MoveMark.INSIDE if low <= move <= high else MoveMark.OUTSIDE


def style_mark(mark: MoveMark, move: float, size: float) -> dict[str, Any]:
    """The arguments with which matplotlib draws a mark; triangles point the way of the move."""
    is_dot = mark is MoveMark.INSIDE
    return {
        "marker": "o" if is_dot else "^" if move > 0.0 else "v",
        "color": mark.colour,
        "markerfacecolor": "white" if mark is MoveMark.OUTSIDE else mark.colour,
        "markeredgewidth": 1.4,
        "markersize": size if is_dot else 1.5 * size,
    }


def make_mark_key(mark: MoveMark, label: str, size: float) -> Line2D:
    """The entry of a mark in a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", label=label, **style_mark(mark, 1.0, size))
