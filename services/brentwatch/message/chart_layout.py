"""Where the parts of a chart stand. Lengths are points, 1/72 inch; 675 are 900 pixels in a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from brentwatch.message.curve import write_verdicts
from brentwatch.message.foreign import clean, cut_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.message.curve import ChartPanel

WIDTH, LEFT = 675.0, 46.0
LINE, UNDER_HEAD, FOOT = 12.5, 8.0, 44.0
TEXT, TITLE = 8.25, 11.0

_RIGHT, _BETWEEN = 12.0, 20.0
_TOP, _PLOT, _DATES = 22.0, 205.0, 38.0
_COLUMNS = 2
_HELD = "\0"
_CHARACTER = 0.55
"""How wide a character is, by the height of the font: the reader's font may be wider than ours."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` panels of `width` in each row; `heads` are the lines above each panel, the title first."""

    columns: int
    rows: int
    width: float
    heads: Sequence[Sequence[str]]

    @property
    def height(self) -> float:
        """Of the whole chart."""
        return self.rows * self._row + FOOT

    @property
    def _row(self) -> float:
        return _TOP + self.head + _PLOT + _DATES

    @property
    def head(self) -> float:
        """The room of the longest head."""
        return max(map(len, self.heads)) * LINE + UNDER_HEAD

    def place_axes(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a panel's axes, as fractions of the chart."""
        row, column = divmod(index, self.columns)
        left = LEFT + column * (self.width + _BETWEEN)
        bottom = FOOT + (self.rows - 1 - row) * self._row + _DATES
        return left / WIDTH, bottom / self.height, self.width / WIDTH, _PLOT / self.height


def plan_layout(panels: Sequence[ChartPanel]) -> Layout:
    """Two panels in a row, one alone over the whole width; lines broken where they would run out of it."""
    columns = min(_COLUMNS, len(panels))
    width = (WIDTH - LEFT - _RIGHT - _BETWEEN * (columns - 1)) / columns
    return Layout(columns, -(-len(panels) // columns), width, [_build_head(panel, width) for panel in panels])


def _build_head(panel: ChartPanel, width: float) -> list[str]:
    room = int(width / (_CHARACTER * TEXT))
    told = [line for verdict in write_verdicts(panel) for line in wrap_sentence(verdict, room)]
    title = cut_text(clean(panel.title), int(width / (_CHARACTER * 1.1 * TITLE)))
    return [title, cut_text(clean(panel.subtitle), room), *told]


def wrap_sentence(sentence: str, room: int) -> list[str]:
    """Lines of at most `room` characters, broken after a comma, colon or semicolon where that is possible."""
    held = re.sub(r"(?<![,:;]) (?!\()", _HELD, sentence)
    fits = all(len(part) <= room for part in held.split())
    return [line.replace(_HELD, " ") for line in wrap(held if fits else sentence, room)]
