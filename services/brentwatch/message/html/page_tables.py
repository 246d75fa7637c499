"""A table of a page as data: templates/tables.html.j2 writes it."""

from __future__ import annotations

from collections.abc import Sequence
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
    """The first cell names the row. `style` is a class of CSS, `name` the place that a link leads to."""

    cells: Sequence[PageCell]
    style: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTable:
    """A table with its caption. A column whose title ends with "#" holds figures that do not wrap.

    `style` is a class of CSS: on a phone, a table with "stack" shows each row as a block.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[PageRow]
    style: str = "stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSection:
    """A part of a page under a heading: a sentence, a table, and notes on it."""

    title: str
    lead: str
    table: PageTable
    notes: Sequence[str] = ()
