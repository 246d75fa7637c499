"""Rows of figures as text for programs: twelve significant digits, and never a NaN.

No cell of CSV is a formula in a spreadsheet, and JSON holds no character that a terminal would act on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from brentwatch.history.tables.writing import write_csv
from brentwatch.message.foreign import escape_formula, escape_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def format_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The header and the rows; a value that does not exist is an empty field."""
    return write_csv(columns, ([_format_cell(cell) for cell in row] for row in rows))


def format_json(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An array with one object a line; a value that does not exist is null."""
    objects = [format_json_line(dict(zip(columns, map(_trim_digits, row), strict=True))) for row in rows]
    return "[" + ",\n ".join(objects) + "]\n"


def format_json_line(value: object) -> str:
    """A value as JSON on one line; what JSON has no word for as text."""
    return escape_json(json.dumps(value, default=str))


def _format_cell(cell: object) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{_trim_digits(cell):.12g}"
        case _:
            return escape_formula(str(cell))


def _trim_digits(cell: object) -> object:
    """Twelve significant digits, and no minus in front of a zero."""
    return float(f"{cell:.12g}") + 0.0 if isinstance(cell, float) else cell
