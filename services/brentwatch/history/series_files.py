"""Reads a file of daily values, a price or a benchmark: ascending sessions, and what was unusual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.history.series_rows import Columns, Row, read_rows
from brentwatch.wire.faults import Faults, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_NO_VALUE = ("", ".")
"""FRED writes a holiday as a point, or leaves it empty."""
_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class DailySeries:
    """One value (USD/bbl) a session, oldest first; `notes` tells what was unusual about the file."""

    sessions: tuple[date, ...]
    values: tuple[float, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Value:
    line: int
    session: date
    value: float


def read_series(name: str, data: bytes, columns: Columns) -> DailySeries:
    """The series in the file called `name`. Rows without a value are passed over, and noted.

    Raises:
        InvalidInput: if the file cannot be read, or a row makes no sense; with every fault.
    """
    faults = Faults()
    rows = read_rows(name, data, columns)
    valued = [row for row in rows if row.value.strip() not in _NO_VALUE]
    read = [faults.attempt(partial(_value, name, columns, row)) for row in valued]
    values = sorted((each for each in read if each), key=lambda each: (each.session, each.line))
    faults.add(*_conflicts(name, values))
    if not values and not faults:
        faults.add(f"{name} has no row with a value; one for each session was wanted; add them")
    if faults:
        raise faults.error()
    kept = {each.session: each.value for each in values}
    return DailySeries(tuple(kept), tuple(kept.values()), tuple(_notes(name, rows, valued, read)))


def _value(name: str, columns: Columns, row: Row) -> _Value:
    day, number = row.date.strip(), row.value.strip()
    session = _session(day)
    faults = []
    if session is None:
        faults.append(
            f"row {row.line} of {name}: {columns.date} is {shown(row.date)}; a day of the calendar, "
            "YYYY-MM-DD, was wanted; correct it"
        )
    if not _NUMBER.fullmatch(number):
        faults.append(
            f"row {row.line} of {name}: {columns.value} is {shown(row.value)}; a number with a decimal point "
            "was wanted; correct it, or leave it empty if there is none"
        )
    if session is None or faults:
        raise InvalidInput(*faults)
    return _Value(row.line, session, float(number))


def _session(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _conflicts(name: str, values: Sequence[_Value]) -> Iterator[str]:
    for one, other in pairwise(values):
        if one.session == other.session and one.value != other.value:
            yield (
                f"rows {one.line} and {other.line} of {name} give {one.session} as {one.value} and as "
                f"{other.value}; one value was wanted; delete the wrong row"
            )


def _notes(
    name: str, rows: Sequence[Row], valued: Sequence[Row], read: Sequence[_Value | None]
) -> Iterator[str]:
    if len(valued) < len(rows):
        empty = [row.date for row in rows if row.value.strip() in _NO_VALUE]
        yield f"{name} has no value on {_listed(empty)}: no session there"
    values = [each for each in read if each]
    disorder = [str(later.line) for earlier, later in pairwise(values) if later.session < earlier.session]
    if disorder:
        yield f"rows of {name} out of order were sorted: row {_listed(disorder)}"
    first = {each.session: each.line for each in reversed(values)}
    repeats = [str(each.line) for each in values if each.line != first[each.session]]
    if repeats:
        yield f"rows of {name} that repeat a session were dropped: row {_listed(repeats)}"


def _listed(items: Sequence[str]) -> str:
    more = f", … ({len(items):,} in all)" if len(items) > _MOST_LISTED else ""
    return f"{', '.join(items[:_MOST_LISTED])}{more}"
