"""Finds the header of a table; titles are above it, and the rows below must match it."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from brentwatch.history.tables.delimited import TextRecord
from brentwatch.history.tables.table import DroppedRow, RejectedRow, TableRow, normalise_name
from brentwatch.wire.input_faults import show_value

_LOOKED_AT = 60
_MOST_LEVELS = 3
_VALUE = re.compile(r"[-+\u2212(]?[$€]?\s?[\d.,][\d.,\s'%)eE+-]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_TOTALS = {"total", "totals", "sum", "average", "avg", "mean", "median", "min", "max", "count", "grand_total"}


class TableLayout(NamedTuple):
    """The columns, the rows, and the parts of the file that are neither."""

    columns: tuple[str, ...]
    rows: list[TableRow]
    rejected: list[RejectedRow]
    dropped: list[DroppedRow]
    header_rows: int
    header_line: int


def build_layout(
    records: Sequence[TextRecord], known: Collection[str], separator: str, *, plain: bool = False
) -> TableLayout:
    """The records as a table; `known` are plain names of columns, one of which marks the header.

    `plain` says that no cell has a quote or a NUL character, so that none is looked into.
    """
    at = _find_header(records, known)
    if at is None:
        return TableLayout(
            (), [], [], [DroppedRow(each.line, _describe_dropped(each.cells)) for each in records], 0, 0
        )
    first, last = _find_levels(records, at, known)
    columns = _name_columns([record.cells for record in records[first : last + 1]])
    dropped = [DroppedRow(each.line, _describe_dropped(each.cells)) for each in records[:first]]
    body = records[last + 1 :]
    end = _find_end(body, len(columns))
    rows: list[TableRow] = []
    rejected: list[RejectedRow] = []
    width = len(columns)
    for record in body[:end]:
        if plain and len(record.cells) == width and record.cells[0]:
            rows.append(TableRow(record.line, tuple(record.cells)))
            continue
        match _read_row(record, width, separator):
            case TableRow() as row:
                rows.append(row)
            case RejectedRow() as bad:
                rejected.append(bad)
            case DroppedRow() as left_out:
                dropped.append(left_out)
    dropped += [DroppedRow(each.line, "footer" if any(each.cells) else "empty row") for each in body[end:]]
    return TableLayout(columns, rows, rejected, dropped, last - first + 1, records[first].line)


def _describe_dropped(cells: Sequence[str]) -> str:
    return "title row" if any(cells) else "empty row"


def _find_header(records: Sequence[TextRecord], known: Collection[str]) -> int | None:
    """The first record with a known name; otherwise the first of two labels or more; otherwise the first."""
    labels = [at for at, each in enumerate(records[:_LOOKED_AT]) if _is_labels(each.cells)]
    for at in labels:
        cells = records[at].cells
        wide = sum(map(bool, cells)) > 1 or (len(cells) > 1 and not cells[0])
        if wide and any(normalise_name(cell) in known for cell in cells):
            return at
    for at in labels:
        if sum(map(bool, records[at].cells)) > 1:
            return at
    filled = [at for at, each in enumerate(records[:_LOOKED_AT]) if any(each.cells)]
    return filled[0] if filled else None


def _is_labels(cells: Sequence[str]) -> bool:
    return any(cells) and not any(_VALUE.fullmatch(cell) for cell in cells if cell)


def _find_levels(records: Sequence[TextRecord], at: int, known: Collection[str]) -> tuple[int, int]:
    """First and last row of the header: pandas writes one for each level, then one with the index' name."""
    for last in range(at + 1, min(at + 1 + _MOST_LEVELS, len(records))):
        cells = records[last].cells
        named = bool(cells) and normalise_name(cells[0]) in known and not any(cells[1:])
        if named and len(cells) == len(records[at].cells):
            first = at
            while first > 0 and sum(map(bool, records[first - 1].cells)) > 1:
                first -= 1
            return first, last
    return at, at


def _name_columns(levels: Sequence[Sequence[str]]) -> tuple[str, ...]:
    if len(levels) == 1:
        return tuple(_strip_end(levels[0]))
    *upper, names = levels
    told = [[cells[at] for cells in upper if at < len(cells)] for at in range(1, len(names))]
    return (names[0], *join_levels(told))


def join_levels(columns: Sequence[Sequence[str]]) -> list[str]:
    """One name for each column of several levels, without the levels that are equal in all columns."""
    depth = max((len(levels) for levels in columns), default=0)
    differ = [level for level in range(depth) if len({_get_level(levels, level) for levels in columns}) > 1]
    kept = differ or list(range(depth))[:1]
    return [" ".join(filter(None, (_get_level(levels, level) for level in kept))) for levels in columns]


def _get_level(levels: Sequence[str], level: int) -> str:
    return levels[level] if level < len(levels) else ""


def _strip_end(cells: Sequence[str]) -> list[str]:
    """The cells without trailing empty ones."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return list(cells[:end])


def _find_end(body: Sequence[TextRecord], width: int) -> int:
    """How many records there are before the footers and empty rows at the end."""
    end = len(body)
    while end and (not any(body[end - 1].cells) or (width > 1 and _is_footer(body[end - 1].cells))):
        end -= 1
    return end


def _is_footer(cells: Sequence[str]) -> bool:
    first = cells[0]
    if normalise_name(first) in _TOTALS:
        return True
    return not any(cells[1:]) and bool(first) and not first[0].isdigit() and " " in first


def _read_row(record: TextRecord, width: int, separator: str) -> TableRow | RejectedRow | DroppedRow:
    cells = record.cells
    if not any(cells):
        return DroppedRow(record.line, "empty row")
    if len(cells) != width:
        kept = _strip_end(cells)
        if len(kept) > width:
            return _reject(record, kept, width, separator, _explain_too_many(separator))
        if len(cells) < width:
            return _reject(record, cells, width, separator, _TOO_FEW)
        cells = cells[:width]
    if (fault := _find_cell_fault(cells, width, separator)) is not None:
        return RejectedRow(record.line, *fault)
    return TableRow(record.line, tuple(cells))


def _reject(
    record: TextRecord, cells: Sequence[str], width: int, separator: str, expected: str
) -> RejectedRow:
    shown = show_value((separator or ",").join(cells))
    return RejectedRow(record.line, f"has {_format_cells(len(cells))}, the header {width}: {shown}", expected)


def _format_cells(count: int) -> str:
    return f"{count} cell{'' if count == 1 else 's'}"


_TOO_FEW = "expected a cell for each column; complete the row, or delete it"


def _explain_too_many(separator: str) -> str:
    if separator == ",":
        return (
            "expected no more cells than columns; write numbers with a decimal point and without thousands "
            "separators, put text with commas in quotes, or save the file with semicolons"
        )
    return (
        "expected no more cells than columns; delete the extra cells, or put text with separators in quotes"
    )


def _find_cell_fault(cells: Sequence[str], width: int, separator: str) -> tuple[str, str] | None:
    for cell in cells:
        if cell.isprintable():
            continue
        if "\x00" in cell:
            return f"has a NUL character in {show_value(cell)}", "expected text; delete the character"
        if separator and "\n" in cell and _has_open_quote(cell, width, separator):
            return (
                f"has a quote that closes only rows later: {show_value(cell)}",
                "expected a quote at both ends of a cell; close it or delete it",
            )
    return None


def _has_open_quote(cell: str, width: int, separator: str) -> bool:
    """True if a line within a quoted cell has the separators of a whole row: a quote was left open."""
    inner = cell.replace("\r\n", "\n").split("\n")[1:-1]
    return width > 1 and any(line.count(separator) == width - 1 for line in inner)
