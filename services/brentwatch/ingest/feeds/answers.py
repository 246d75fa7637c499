"""Reads JSON answers of feeds: the object, its rows, and the fields of a row."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

import msgspec

from brentwatch.core.errors import InvalidInput
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.decoding import is_too_deep
from brentwatch.wire.event_rules import FIRST_YEAR, LAST_YEAR
from brentwatch.wire.input_faults import show_value

LARGEST_BYTES = 32 << 20
"""The limit of one answer: a page of 5,000 rows has about 7 MB."""

MOST_ROWS = 20_000
_MOST_VALUES = 2_000_000
"""The limit of one answer. JSON of small values takes 30 times its size in memory."""


def decode_object(data: bytes, said_by: str) -> dict[str, Any]:
    """The object in an answer.

    Raises:
        NoAnswer: if there is none; the answer is not quoted, since it may repeat what was sent.
    """
    if data.count(b",") > _MOST_VALUES:
        raise _build_size_error(said_by, f"{_MOST_VALUES:,} values")
    try:
        found = None if is_too_deep(data) else msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        kind = "HTML" if data.lstrip()[:1] == b"<" else "something else"
        raise build_garbled_error(f"{said_by} answers with {kind}; expected a JSON object")
    return found


def read_rows(document: dict[str, Any], name: str, said_by: str) -> list[dict[str, Any]]:
    """The list of objects called `name`.

    Raises:
        NoAnswer: if there is none.
    """
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise build_garbled_error(f"{said_by} answers without a list of rows called {name}")
    if len(found) > MOST_ROWS:
        raise _build_size_error(said_by, f"{MOST_ROWS:,} rows")
    return found


def _build_size_error(said_by: str, most: str) -> NoAnswer:
    return NoAnswer(
        Reason.TOO_LARGE,
        f"{said_by} answers with more than {most}, the limit; check what it sends",
    )


def build_garbled_error(said: str) -> NoAnswer:
    """The error for an answer in another form."""
    return NoAnswer(
        Reason.GARBLED, f"{said}; the request is repeated later; check the address in the settings"
    )


Row = Mapping[str, object]

T = TypeVar("T")

_LONGEST = 200
_LARGEST = 2**53
"""The largest integer that JSON can represent exactly."""


def read_text(row: Row, field: str) -> str:
    """The text of a field on one line, at most 200 characters, "" if it is missing or null.

    Raises:
        InvalidInput: if it is an object or a list.
    """
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise _build_field_error(field, value, "text")
    return join_lines(str(value))[:_LONGEST].rstrip()


def read_name(row: Row, field: str) -> str:
    """The text of a required field.

    Raises:
        InvalidInput: if it is missing or empty.
    """
    found = read_text(row, field)
    if not found:
        raise _build_field_error(field, row.get(field), "text")
    return found


def join_lines(text: str) -> str:
    """The text with spaces for line breaks, without control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def read_whole(row: Row, field: str) -> int:
    """The whole number in a field, given as a number or as text.

    Raises:
        InvalidInput: if there is none.
    """
    value = read_number(row, field)
    if not value.is_integer() or abs(value) > _LARGEST:
        raise _build_field_error(field, row.get(field), "a whole number")
    return int(value)


def read_number(row: Row, field: str) -> float:
    """The finite number in a field, given as a number or as text.

    Raises:
        InvalidInput: if there is none.
    """
    value = row.get(field)
    try:
        found = float(value) if isinstance(value, str | int | float) and "_" not in str(value) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if isinstance(value, bool) or not math.isfinite(found):
        raise _build_field_error(field, value, "a number")
    return found


def read_code(row: Row, field: str, meanings: Mapping[int, T]) -> T:
    """The meaning of the code in a field.

    Raises:
        InvalidInput: if it is not in `meanings`.
    """
    code = read_whole(row, field)
    if code not in meanings:
        raise _build_field_error(field, row.get(field), f"one of {', '.join(map(str, meanings))}")
    return meanings[code]


def read_midnight(row: Row, field: str) -> datetime:
    """00:00 UTC of the day in a field, YYYY-MM-DD; the rest of the text is ignored.

    Raises:
        InvalidInput: if there is none from 1900 to 2099.
    """
    value = row.get(field)
    try:
        day = date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _build_field_error(field, value, f"a day, YYYY-MM-DD, from {FIRST_YEAR} to {LAST_YEAR}")
    return datetime.combine(day, time(), UTC)


def read_timestamp(seconds: int, field: str) -> datetime:
    """The time, in seconds since 1970.

    Raises:
        InvalidInput: if it is outside the years 1970 to 2099.
    """
    if not 0 <= seconds < _END_SECONDS:
        raise _build_field_error(field, seconds, f"seconds since 1970, before {LAST_YEAR + 1},")
    return datetime.fromtimestamp(seconds, UTC)


_END_SECONDS = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())


def _build_field_error(field: str, value: object, expected: str) -> InvalidInput:
    found = "missing" if value is None else show_value(value)
    return InvalidInput(f"{field} is {found}; expected {expected}; correct it at the source")
