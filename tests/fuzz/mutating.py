"""Inputs that are nearly right, or not at all: some of an input is changed, the same for the same dice."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

NASTY: tuple[str, ...] = (
    "", " ", "0", "-0", "-1", "3.0", "0.5", "1e30", "1e308", "-1e308", "1e400", "5e-324", "NaN", "inf",
    "-Infinity", "9" * 400, "9223372036854775808", "1_000", "1,5", "1.234,56", "0x10", "٣", "²", "true",
    "null", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "9999-12-31T23:59:59-12:00",
    "1900-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z", "2098-12-31T23:59:59Z",
    "2098-12-31T23:59:59-12:00", "2099-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2019-02-30",
    "2019-09-14T24:00:00Z", "2019-09-14T00:45:60Z", "2019-09-14T00:45:00+24:00", "20190914", "13/05/2024",
    "43722", "-9999999999999", "KAZ", "kaz", "KA\n", "price_update", "canary", "retract", "a" * 201,
    "a" * 501, "a" * 2049, "ß" * 300, "\x00", "\x1b[2J", "\u202e", "\u2028", "\ufeff", "\U0001f6e2", '"',
    "'", "\\", ",", ";", "\t", "\n", "\r", "=1+1", "%s", "{}", "[[", "[/red]", "../../etc",
    "https://example.org/a b",
)  # fmt: skip
"""Texts that one reader or another has stumbled over."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**53, 2**63, 2**64, 10**30, 0.5, 1e308, -1e308, 5e-324, 1e-300, 1e16,
    [], {}, [None], [[]], {"": None}, {"a": 1},
)  # fmt: skip
"""The same for values of JSON."""

RAW: tuple[bytes, ...] = (
    b"", b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"NaN", b"1e400",
    b"-", b"[" * 70, b"[" * 600 + b"]" * 600, b'{"a":' * 600 + b"1" + b"}" * 600, b"[" * 50_000,
    b"9" * 5_000, b'"', b"\\", b"\n", b"\r\n", b",", b";", b"\t", b"{", b"}", b"]", b"=", b"#",
    b"PK\x03\x04", b"PAR1",
)  # fmt: skip
"""Bytes to be thrown in anywhere."""

_CELL = re.compile(rb"[^,;\t\r\n=\"]+")


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """The seed with one to four things changed."""
    for _ in range(dice.randint(1, 3)):
        seed = dice.choice(_WAYS)(seed, dice)
    return seed


def _field(data: bytes, dice: random.Random) -> bytes:
    """A value of a JSON document changed, dropped, doubled or put elsewhere; text stays as it is."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _cell(data, dice)
    paths = list(_paths(document))[:2_000]
    if not paths:
        return data
    *above, last = dice.choice(paths)
    holder = document
    for step in above:
        holder = holder[step]
    match dice.randrange(5):
        case 0 if isinstance(holder, dict):
            del holder[last]
        case 1 if isinstance(holder, list):
            holder.append(holder[last])
        case 2:
            holder[last] = [holder[last]]
        case _:
            holder[last] = dice.choice(VALUES) if dice.random() < 0.4 else dice.choice(NASTY)
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _paths(document: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, item in items:
            found.append((*path, key))
            waiting.append(((*path, key), item))
    return found


def _cell(data: bytes, dice: random.Random) -> bytes:
    """What stands between two separators, replaced."""
    cells = list(_CELL.finditer(data[:100_000]))
    if not cells:
        return data
    cell = dice.choice(cells)
    return data[: cell.start()] + dice.choice(NASTY).encode() + data[cell.end() :]


def _line(data: bytes, dice: random.Random) -> bytes:
    """A line doubled, dropped, cut, or moved to the front."""
    lines = data.split(b"\n")
    place = dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            lines.insert(place, lines[place])
        case 1:
            del lines[place]
        case 2:
            lines[place] = lines[place][: dice.randrange(len(lines[place]) + 1)]
        case _:
            lines.insert(0, lines.pop(place))
    return b"\n".join(lines)


def _bytes(data: bytes, dice: random.Random) -> bytes:
    """Some bytes replaced, cut out, doubled, or the end missing."""
    changed = bytearray(data or b"x")
    place = dice.randrange(len(changed))
    match dice.randrange(4):
        case 0:
            changed[place] = dice.randrange(256)
        case 1:
            del changed[place : place + dice.randint(1, 20)]
        case 2:
            changed[place:place] = changed[place : place + dice.randint(1, 20)]
        case _:
            del changed[place:]
    return bytes(changed)


def _thrown_in(data: bytes, dice: random.Random) -> bytes:
    place = dice.choice([0, len(data), dice.randrange(len(data) + 1)])
    return data[:place] + dice.choice(RAW) + data[place:]


def _encoded(data: bytes, dice: random.Random) -> bytes:
    """The same text in another encoding."""
    text = data.decode("utf-8", "replace")
    return text.encode(dice.choice(["utf-16", "utf-16-le", "utf-8-sig", "cp1252", "utf-32"]), "replace")


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *([_field] * 6), *([_cell] * 2), _line, *([_bytes] * 3), _thrown_in, _encoded,
)  # fmt: skip
