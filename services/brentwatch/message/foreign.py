"""Text that comes from outside: nothing in it may move a cursor, break a line or pass for words of ours."""

import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?([0-9]++\.?[0-9]*+|\.[0-9]++)([eE][+-]?[0-9]++)?")


def clean(text: str) -> str:
    """One line without control, formatting or bidirectional characters; white space becomes single spaces."""
    kept = (character if character.isprintable() else " " for character in text if _is_kept(character))
    return " ".join("".join(kept).split())


def _is_kept(character: str) -> bool:
    return character.isprintable() or character.isspace()


def cut_text(text: str, room: int) -> str:
    """At most `room` code points; what was longer ends with "…", never between a letter and its accents."""
    if len(text) <= room:
        return text
    end = max(0, room - 1)
    while end > 0 and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end].rstrip() + "…"


def add_fitting(line: str, pieces: Iterable[str], room: int) -> str:
    """The line with each piece that has room behind it: at most `room` characters, none cut."""
    for piece in pieces:
        line += piece if len(line) + len(piece) <= room else ""
    return line


def quote_text(text: str, room: int) -> str:
    """Cleaned, clipped and in double quotes, which the text itself cannot close."""
    return f'"{cut_text(clean(text).replace(chr(34), chr(39)), room)}"'


def parse_host(source: str) -> str:
    """The host of an address, without "www."; a source that is no address as it stands."""
    try:
        name = urlsplit(source).hostname
    except ValueError:  # a bracket that never closes, say
        name = None
    return cut_text(clean(name.removeprefix("www.") if name else source), 60)


def is_web_address(text: str) -> bool:
    """True if a page may link to it: http or https, with a host, printable, without spaces."""
    try:
        address = urlsplit(text)
    except ValueError:  # a bracket that never closes, say
        return False
    is_plain = text.isprintable() and " " not in text
    return is_plain and address.scheme in ("http", "https") and bool(address.hostname)


def escape_text(text: str) -> str:
    r"""One line in which everything that is not printable is shown as an escape, such as \x1b or \u202e."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def escape_formula(cell: str) -> str:
    """A cell of CSV as it is, or behind an apostrophe where a spreadsheet would take it for a formula."""
    is_formula = cell.startswith(_STARTS_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def escape_json(text: str) -> str:
    r"""The same JSON on one line, with every character that is not printable as an escape, such as \u202e."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape_character(each) for each in text)


def _escape_character(character: str) -> str:
    escape = json.dumps(character)[1:-1]
    return escape if len(escape) > 1 else f"\\u{ord(character):04x}"
