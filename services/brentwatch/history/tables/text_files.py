"""Decodes a text file (UTF-8, UTF-16 or Windows-1252), and splits it into JSON lines."""

import codecs
import re
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),  # begins like UTF-16: looked for before it
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_LOOKED_AT = 4096
_FOREIGN = re.compile(
    r"[^\x00-\x7f\u2018-\u201e\u2039\u203a\u2013\u2014\u2026\u2022\u20ac\u2122\xa0-\xbf]{3}"
)
"""Three characters that are neither ASCII nor typography."""
_SAVE_AS = "save it as UTF-8"
_MULTIBYTE = re.compile(rb"[\xc3\xc4\xc5\xd0\xd1\xe2][\x80-\xbf]+")


class Text(NamedTuple):
    """The text, and the name of its encoding for people."""

    text: str
    encoding: str


def decode_text(name: str, data: bytes) -> Text:
    """The text of the file called `name`.

    Windows-1252 is accepted only if its letters form words of Western languages: other 8-bit encodings cannot
    be distinguished from it byte by byte.

    Raises:
        InvalidInput: if the bytes are in another encoding, or damaged.
    """
    data = data.removesuffix(b"\x1a")  # the end-of-file mark of DOS
    for mark, codec, told in _MARKS:
        if data.startswith(mark):
            return Text(_decode(name, data[len(mark) :], codec, told), told)
    if wide := _detect_utf16(data):
        return Text(_decode(name, data, wide, "UTF-16"), "UTF-16")
    try:
        return Text(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        return _decode_windows(name, data, error)


def _decode(name: str, data: bytes, codec: str, told: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{name} begins as {told} and cannot be read so ({error.reason} at byte {error.start:,}); "
            f"expected text in {told}; {_SAVE_AS}"
        ) from None


def _detect_utf16(data: bytes) -> str | None:
    """Every other byte of Latin text in UTF-16 is zero."""
    head = data[:_LOOKED_AT]
    half = len(head) // 2
    if half < 2 or head.count(0) < half * 0.4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _decode_windows(name: str, data: bytes, error: UnicodeDecodeError) -> Text:
    row = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or _MULTIBYTE.search(data) or not _is_western(text):
        raise InvalidInput(
            f"row {row} of {name} is not UTF-8 (byte {error.start:,}), and other encodings cannot be "
            "distinguished; expected UTF-8, UTF-16 or Western Windows text (cp1252); "
            f"{_SAVE_AS} (Excel: CSV UTF-8)"
        )
    return Text(text, "Windows-1252")


def _is_western(text: str) -> bool:
    """False if three consecutive letters are not plain ones.

    Cyrillic, Greek, Arabic or Chinese text of another encoding looks like that; Western words do not.
    """
    return _FOREIGN.search(text) is None


class JsonLine(NamedTuple):
    """`line` counts from 1; `data` is UTF-8 without a byte-order mark and without a line end."""

    line: int
    data: bytes


def read_json_lines(name: str, data: bytes) -> list[JsonLine]:
    """The lines of the file called `name` that are not blank, without looking into them.

    A line that is not UTF-8 is passed on unchanged, so that only this line is refused.

    Raises:
        InvalidInput: if the file has a byte-order mark of UTF-16 and is damaged.
    """
    if not data.startswith(b"\xef\xbb\xbf") and _is_wide(data):
        data = decode_text(name, data).text.encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = enumerate(data.split(b"\n"), start=1)
    return [JsonLine(number, line.rstrip(b"\r")) for number, line in lines if line.strip()]


def _is_wide(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2] in (b"{\x00", b"\x00{")


def is_json_lines(data: bytes) -> bool:
    """True if a file begins with a brace, which no table does."""
    head = data[:64]
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.replace(b"\x00", b"").lstrip().startswith(b"{")
