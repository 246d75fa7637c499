"""A table of a page as data: templates/tables.html.j2 writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brentwatch.message.html.plots import PlotStrip


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A text that leads to a place of the page (`#name`) or to an address of the web.

    An address that is neither http nor https is written as text alone. `before` stands before the link.
    """

    text: str
    address: str
    before: str = ""


PagePart = str | PageLink
"""A text, or a link."""

PageCell = PagePart | PlotStrip | Sequence[PagePart]
"""What a cell holds; the parts of a sequence take a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """The cells by the titles of their columns; the first one names the row.

    A title that ends with "#" is of a column with figures, which do not wrap. `style` is a class of CSS.
    """

    cells: Mapping[str, PageCell]
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTable:
    """A table with its caption; all rows have the same columns.

    `style` is a class of CSS: on a phone, a table with "stack" shows each row as a block.

    Raises:
        ValueError: if a row has other columns than the first.
    """

    caption: str
    rows: Sequence[PageRow]
    style: str = "stack"

    def __post_init__(self) -> None:
        if any(tuple(row.cells) != self.columns for row in self.rows):
            raise ValueError(f"{self.caption}: a row has other columns than the first; give all the same")

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles, as those of the cells; none without a row."""
        return tuple(self.rows[0].cells) if self.rows else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSection:
    """A part of a page under a heading: a sentence, a table, and notes on it."""

    title: str
    lead: str
    table: PageTable
    notes: Sequence[str] = ()
