"""The rows of a table of daily values, CSV or Parquet, as text: what they mean is read elsewhere."""

from __future__ import annotations

import csv
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.faults import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PARQUET = b"PAR1"


class Columns(NamedTuple):
    """What the columns of the date and of the value are called."""

    date: str = "date"
    value: str = "usd_per_bbl"


class Row(NamedTuple):
    """`line` counts from 1 at the header; an empty `value` says that there is none."""

    line: int
    date: str
    value: str


def read_rows(name: str, data: bytes, columns: Columns) -> list[Row]:
    """The rows of the file called `name`.

    Raises:
        InvalidInput: if it is no such table, or has not these columns.
    """
    return list(_parquet(name, data, columns) if data.startswith(_PARQUET) else _csv(name, data, columns))


def _csv(name: str, data: bytes, columns: Columns) -> Iterator[Row]:
    try:
        reader = csv.DictReader(data.decode("utf-8-sig").splitlines())
        _check(name, reader.fieldnames or (), columns)
        for values in reader:
            yield Row(reader.line_num, values[columns.date] or "", values[columns.value] or "")
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            f"{name} cannot be read ({error}); Parquet, or comma-separated text in UTF-8, was wanted; "
            "save it so"
        ) from error


def _parquet(name: str, data: bytes, columns: Columns) -> Iterator[Row]:
    import pandas

    try:
        frame = pandas.read_parquet(BytesIO(data), engine="pyarrow")
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise InvalidInput(f"{name} cannot be read as Parquet ({error}); save it anew, or as CSV") from error
    if columns.date not in frame.columns:
        frame = frame.reset_index()
    _check(name, [str(column) for column in frame.columns], columns)
    for line, (day, value) in enumerate(zip(frame[columns.date], frame[columns.value], strict=True), start=2):
        yield Row(line, _day(day), "" if pandas.isna(value) else str(value))


def _day(value: Any) -> str:
    """A date, or the date of a timestamp at midnight; whatever else stays as it is, for the sentence."""
    return str(value).removesuffix(" 00:00:00")


def _check(name: str, found: Sequence[str], columns: Columns) -> None:
    missing = [column for column in columns if column not in found]
    if missing:
        raise InvalidInput(
            f"{name} has the columns {shown(','.join(found))}; {','.join(columns)} were wanted; name them so "
            "in the first line, or say what they are called with --date-column, --price-column and, for the "
            "benchmark, --benchmark-column"
        )
