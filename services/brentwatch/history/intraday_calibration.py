"""Records of the intraday test: the bundled one of `make intraday`, on simulated bars, and one's own."""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.core.calibration.intraday import Cell, Figure
from brentwatch.history.tables.writing import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE = "intraday_calibration.csv"
FILE_COLUMNS = (*Figure.__slots__, "made_on")


class Basis(NamedTuple):
    """The bars that a record of one's own rests on: so many tested `sessions` of a series, first to last."""

    series: str
    sessions: int
    first: date
    last: date


class IntradayRecord(NamedTuple):
    """The figures by what they count, when they were made, and on which bars: None for made-up ones."""

    figures: Mapping[Cell, Figure]
    made_on: date
    basis: Basis | None = None


def load() -> IntradayRecord:
    """The bundled record."""
    return parse((files("brentwatch.history") / "data" / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> IntradayRecord:
    """The record of a text as `dump` writes it, with a row at least.

    Raises:
        KeyError, ValueError, TypeError, IndexError: if it is no such text.
    """
    return read_record(list(csv.DictReader(io.StringIO(text))))


def read_record(rows: Sequence[Mapping[str, str]]) -> IntradayRecord:
    """The record in its rows, of which there is one at least.

    Raises:
        KeyError, ValueError, TypeError, IndexError: if they are no such rows.
    """
    found = [_read_figure(row) for row in rows]
    by_cell = {Cell(each.measure, each.window, each.group, each.at): each for each in found}
    return IntradayRecord(by_cell, date.fromisoformat(rows[0]["made_on"]), _read_basis(rows[0]))


def dump(figures: Iterable[Figure], made_on: date, basis: Basis | None = None) -> str:
    """The text of the record, one row each; five digits, finer than they are known.

    Each row of a record of one's own tells what it rests on as well.
    """
    rows = (
        (
            each.measure,
            each.window,
            each.group,
            each.at,
            each.n,
            _format_value(each.value),
            _format_value(each.error),
            made_on,
            *(basis or ()),
        )
        for each in figures
    )
    return write_csv((*FILE_COLUMNS, *(Basis._fields if basis else ())), rows)


def _read_figure(row: Mapping[str, str]) -> Figure:
    return Figure(
        measure=row["measure"],
        window=row["window"],
        group=row["group"],
        at=float(row["at"]),
        n=int(row["n"]),
        value=_parse_value(row["value"]),
        error=_parse_value(row["error"]),
    )


def _read_basis(row: Mapping[str, str]) -> Basis | None:
    if "series" not in row:
        return None
    first, last = (date.fromisoformat(row[name]) for name in ("first", "last"))
    return Basis(row["series"], int(row["sessions"]), first, last)


def _format_value(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"


def _parse_value(text: str) -> float | None:
    return float(text) if text else None
