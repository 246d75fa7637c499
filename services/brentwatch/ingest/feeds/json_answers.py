"""JSON that a feed answers with: read, or said to be none."""

from __future__ import annotations

from typing import Any

import msgspec

from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.wire.json_text import is_too_deep

LARGEST_BYTES = 32 << 20
"""Of one answer: a page of 5,000 rows has some 7 MB."""

MOST_ROWS = 20_000
_MOST_VALUES = 2_000_000
"""Of one answer. JSON of small values takes thirty times its size in memory."""


def decode_object(data: bytes, said_by: str) -> dict[str, Any]:
    """The object in an answer.

    Raises:
        NoAnswer: if it is none; of the answer nothing is quoted, since it may repeat what was sent.
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
        f"{said_by} answers with more than {most}, which is the most that is taken; look at what it sends",
    )


def build_garbled_error(said: str) -> NoAnswer:
    """The error of an answer that is not what the feed speaks."""
    return NoAnswer(Reason.GARBLED, f"{said}; it is asked again later: check the address in the settings")
