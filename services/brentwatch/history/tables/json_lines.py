"""Reads JSON lines: the one reader of them, which splits at line ends only."""

from __future__ import annotations

from typing import NamedTuple

from brentwatch.history.tables.encoding import decode_text


class JsonLine(NamedTuple):
    """`line` counts from 1; `data` is UTF-8 without a mark and without a line end."""

    line: int
    data: bytes


def read_json_lines(name: str, data: bytes) -> list[JsonLine]:
    """The lines of the file called `name` that are not blank; what they hold is not looked at.

    A line that is not UTF-8 is handed on as it is, so that it alone is refused.

    Raises:
        InvalidInput: if the file begins with the mark of UTF-16 and is damaged.
    """
    if not data.startswith(b"\xef\xbb\xbf") and _is_wide(data):
        data = decode_text(name, data).text.encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = enumerate(data.split(b"\n"), start=1)
    return [JsonLine(number, line.rstrip(b"\r")) for number, line in lines if line.strip()]


def _is_wide(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2] in (b"{\x00", b"\x00{")


def is_json_lines(data: bytes) -> bool:
    """True where a file begins with a brace, which no table does."""
    head = data[:64]
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.replace(b"\x00", b"").lstrip().startswith(b"{")
