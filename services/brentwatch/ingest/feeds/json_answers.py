"""JSON that a feed answers with: read, or said to be none."""

from __future__ import annotations

from typing import Any

import msgspec

from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.wire.json_text import is_too_deep


def json_object(data: bytes, said_by: str) -> dict[str, Any]:
    """The object in an answer.

    Raises:
        NoAnswer: if it is none; of the answer nothing is quoted, since it may repeat what was sent.
    """
    try:
        found = None if is_too_deep(data) else msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        kind = "HTML" if data.lstrip()[:1] == b"<" else "something else"
        raise garbled(f"{said_by} answers with {kind}; expected a JSON object")
    return found


def rows(document: dict[str, Any], name: str, said_by: str) -> list[dict[str, Any]]:
    """The list of objects called `name`.

    Raises:
        NoAnswer: if there is none.
    """
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise garbled(f"{said_by} answers without a list of rows called {name}")
    return found


def garbled(said: str) -> NoAnswer:
    """The error of an answer that is not what the feed speaks."""
    return NoAnswer(Reason.GARBLED, f"{said}; it is asked again later: check the address in the settings")
