"""How the tables of `brentwatch study` are drawn: figures whole at 80 columns, names in what is left."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from brentwatch.message.figures import MINUS, format_count, format_p_value
from brentwatch.message.foreign import clean
from brentwatch.message.tables import PIPED_COLUMNS, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.event_study.design import Design

NARROW = 100
"""Below so many columns a table leaves out a part of what csv and json have."""

TEXTBOOK = (
    "p is the textbook's t: noise as wide as in the estimation window. In turbulent weeks, when unrest "
    "comes, it gives 2.7 times too many alarms; `brentwatch replay` tests against a forecast."
)
LONGEST_ID = 32
_SHORTEST_ID = 16
_BETWEEN = 2
_LEFT = ("event", "session", "p", "rank p", "test", "of")


def start_table(*columns: str) -> Table:
    """An empty table, as wide as what will stand in it."""
    padding = (0, _BETWEEN - 1, 0, 0)
    drawn = Table(box=box.SIMPLE_HEAD, padding=padding, pad_edge=False, show_edge=False, title_justify="left")
    for column in columns:
        drawn.add_column(Text(column), justify="left" if column in _LEFT else "right", no_wrap=True)
    return drawn


def draw_events(
    names: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Table:
    """A row for each event, its name folded to the room that the figures leave."""
    drawn = start_table("event", *columns)
    taken = sum(_BETWEEN + max(map(len, cells)) for cells in zip(columns, *rows, strict=True))
    room = max(_SHORTEST_ID, min(LONGEST_ID, width - taken))
    for name, cells in zip(names, rows, strict=True):
        drawn.add_row(Text(fold_name(name, room)), *cells)
    return drawn


def fold_name(event_id: str, room: int) -> str:
    """A name that is too long on several lines: nothing of it is cut."""
    return "\n".join(wrap(clean(event_id), room)) or clean(event_id)


def print_with_note(drawn: Table, width: int, told: str) -> None:
    """Print a table, and what is to be said of it."""
    print_table(drawn, width)
    Console(width=min(width, PIPED_COLUMNS), highlight=False).print(Text(told))


def format_p(p: float | None) -> str:
    """A p under a header that says so: ".0083", "<.002"; nothing where there is none."""
    return "" if p is None else format_p_value(p).removeprefix("p ").replace(" ", "")


def format_signed(value: float, digits: int = 2) -> str:
    """A statistic or a coefficient: "+2.08"."""
    return f"{value:+,.{digits}f}".replace("-", MINUS)


def describe_design(design: Design) -> str:
    """Which sessions were estimated on and judged."""
    return f"{format_count(design.estimation, 'session')} estimated, a gap of {design.gap}, window {design.window}"
