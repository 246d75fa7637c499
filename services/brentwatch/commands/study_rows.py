"""The rows of `brentwatch study` as text for programs: twelve significant digits, and never a NaN."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brentwatch.core.study_rows.table import Cell


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The header and the rows; a value that does not exist is an empty field."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_json(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """An array with one object a line; a value that does not exist is null."""
    objects = [json.dumps(dict(zip(columns, map(_rounded, row), strict=True))) for row in rows]
    return "[" + ",\n ".join(objects) + "]\n"


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{_rounded(cell):.12g}"
        case _:
            return str(cell)


def _rounded(cell: Cell) -> Cell:
    """Twelve significant digits, and no minus in front of a zero."""
    return float(f"{cell:.12g}") + 0.0 if isinstance(cell, float) else cell
