"""The summary of a result as text of 79 columns, HTML and CSV, in the manner of statsmodels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from rich.cells import cell_len

from brentwatch.message.foreign import clean, escape_formula

WIDTH = 79
"""Columns of the text, as in statsmodels: a terminal of 80 does not break its lines."""

_GAP = 2
_NARROWEST = 10
_STYLE = (
    "<style>.brentwatch-summary table {margin: 0.6em 0; border-collapse: collapse}"
    " .brentwatch-summary th, .brentwatch-summary td {padding: 0.15em 0.7em; text-align: right}"
    " .brentwatch-summary th:first-child, .brentwatch-summary td:first-child {text-align: left}"
    " .brentwatch-summary th:nth-child(3):nth-last-child(2) {text-align: left; padding-left: 2.5em}"
    " .brentwatch-summary caption {caption-side: top; font-weight: bold; text-align: left}"
    " .brentwatch-summary p {margin: 0.3em 0; max-width: 60em}</style>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryTable:
    """Cells as text. The first column holds names: it is aligned to the left, and folded if it must be."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySummary:
    """What `summary()` returns: `print` shows it in a terminal, and a notebook shows it as HTML.

    Attributes:
        title: what was done.
        facts: labels with their values, such as the model.
        tables: the results.
        notes: what to know of them, in sentences.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SummaryTable, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.as_text()

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        return self.as_html()

    def as_text(self) -> str:
        """The summary as text, at most 79 columns wide."""
        return "\n".join(line.rstrip() for line in self._list_lines())

    def as_html(self) -> str:
        """The summary as a part of an HTML page. Names of events are escaped."""
        return "".join(self._list_html())

    def as_csv(self) -> str:
        """The tables as CSV, one after the other, each with its header; figures as `as_text` has them."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([clean(self.title)])
        writer.writerows(self.facts)
        for table in self.tables:
            writer.writerow(())
            writer.writerow([table.title, *table.columns[1:]] if table.title else table.columns)
            writer.writerows((escape_formula(clean(name)), *cells) for name, *cells in table.rows)
        return out.getvalue()

    def _list_lines(self) -> Iterator[str]:
        yield self.title.center(WIDTH)
        yield "=" * WIDTH
        yield from _list_fact_lines(self.facts)
        for table in self.tables:
            yield "=" * WIDTH
            yield from _list_table_lines(table)
        yield "=" * WIDTH
        for number, note in enumerate(self.notes, start=1):
            yield from wrap(f"[{number}] {clean(note)}", WIDTH, subsequent_indent="    ")

    def _list_html(self) -> Iterator[str]:
        yield f'<div class="brentwatch-summary">{_STYLE}<table><caption>{escape(self.title)}</caption>'
        for pair in (self.facts[at : at + 2] for at in range(0, len(self.facts), 2)):
            cells = (f"<th>{escape(label)}</th><td>{escape(clean(value))}</td>" for label, value in pair)
            yield f"<tr>{''.join(cells)}</tr>"
        yield "</table>"
        for table in self.tables:
            caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
            yield f"<table>{caption}<thead>{_format_html_row('th', table.columns)}</thead><tbody>"
            yield from (_format_html_row("td", row) for row in table.rows)
            yield "</tbody></table>"
        yield from (f"<p>[{at}] {escape(clean(note))}</p>" for at, note in enumerate(self.notes, start=1))
        yield "</div>"


def _format_html_row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(clean(cell))}</{tag}>' for cell in cells)}</tr>"


def _list_fact_lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Two facts on a line, the label to the left and the value to the right of each half."""
    half = (WIDTH - 2 * _GAP) // 2
    cells = [f"{label}:{value.rjust(half - len(label) - 1)}" for label, value in facts]
    if any(cell_len(cell) > half for cell in cells):
        yield from (f"{label}: {value}" for label, value in facts)
        return
    for left, right in zip(cells[::2], [*cells[1::2], ""], strict=False):
        yield f"{left}{' ' * 2 * _GAP}{right}"


def _list_table_lines(table: SummaryTable) -> Iterator[str]:
    names, widths, gap = _plan_widths(table)
    if table.title:
        yield table.title
    yield _join_cells(table.columns, widths, gap)
    yield "-" * WIDTH
    for lines, row in zip(names, table.rows, strict=True):
        yield _join_cells((lines[0], *row[1:]), widths, gap)
        yield from lines[1:]


def _plan_widths(table: SummaryTable) -> tuple[list[list[str]], list[int], int]:
    """The lines of each name, the width of each column, and the gap between two, smaller for long names.

    Figures are never cut; names that are still too long are folded.
    """
    figures = [max(map(cell_len, cells)) for cells in list(zip(table.columns, *table.rows, strict=True))[1:]]
    longest = max((cell_len(clean(row[0])) for row in table.rows), default=0)
    gap = _GAP if longest <= WIDTH - sum(figures) - _GAP * len(figures) else 1
    room = max(_NARROWEST, WIDTH - sum(figures) - gap * len(figures))
    names = [wrap(clean(row[0]), room, break_on_hyphens=False) or [""] for row in table.rows]
    return names, [room, *figures], gap


def _join_cells(cells: Sequence[str], widths: Sequence[int], gap: int) -> str:
    name, *figures = cells
    padded = (" " * (wide - cell_len(cell)) + cell for cell, wide in zip(figures, widths[1:], strict=True))
    return (" " * gap).join([name + " " * (widths[0] - cell_len(name)), *padded])
