"""Notes on dead letters, on a topic of their own: what a service or an operator decided about the letters.

A service reached its limit; an operator accepted the letters up to an offset; a letter was sent back. Every
service that reads may write letters, so letters can be forged: therefore notes are on a separate topic.
Only the screen and `brentwatch dead` may write to the topic of notes. Notes are kept for ever: they are few,
and small.

Older versions wrote their notes to the dead-letter topic. `brentwatch topics create` copies those that stand
there, once, and says so in a note of its own: from then on a note among the letters is ignored.

A note has one header, whose name says what it is.
"""

from dataclasses import dataclass

from brentwatch.stream.records import Outgoing, Record

_LIMIT, _ACCEPTED, _REPLAYED, _COPIED = "limit", "accepted", "replayed", "copied"
_NONE = -1
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Reached:
    """The service of a consumer group reached its limit, and waits; `why` is a sentence."""

    offset: int
    group: str
    why: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Somebody has seen the letters up to the offset `through`, and the limits up to the note at `limits`.

    Both are inclusive; -1 is none.
    """

    through: int
    limits: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The letter at `letter` was sent back to where it came from."""

    letter: int


@dataclass(frozen=True, slots=True)
class Copied:
    """The notes that stood among the letters before the offset `before` were copied here."""

    before: int


Note = Reached | Accepted | Replayed | Copied


def parse_note(record: Record) -> Note | None:
    """The note in a record; None if it is not a note."""
    if len(record.headers) != 1:
        return None
    ((name, content),) = record.headers
    number = parse_number(content)
    match name:
        case "limit":
            why = (record.value or b"").decode("utf-8", "replace")
            return Reached(record.offset, content.decode("utf-8", "replace"), why)
        case "accepted":
            return _parse_accepted(record, _NONE if content == b"-1" else number)
        case "replayed" if number is not None:
            return Replayed(number)
        case "copied" if number is not None:
            return Copied(number)
    return None


def _parse_accepted(record: Record, through: int | None) -> Accepted | None:
    if through is None:
        return None
    limits = parse_number(record.value or b"")
    return Accepted(through, _NONE if limits is None else min(limits, record.offset - 1))


def build_limit_note(topic: str, group: str, why: str) -> Outgoing:
    """The note that `group` has reached its limit."""
    return Outgoing(topic=topic, value=why.encode(), headers=((_LIMIT, group.encode()),))


def build_accepted_note(topic: str, through: int, limits: int = _NONE) -> Outgoing:
    """The note that the letters and limits through these offsets, inclusive, were seen."""
    value = b"" if limits < 0 else str(limits).encode()
    return Outgoing(topic=topic, value=value, headers=((_ACCEPTED, str(through).encode()),))


def build_replayed_note(topic: str, letter: int) -> Outgoing:
    """The note that the letter at that offset was sent back."""
    return Outgoing(topic=topic, value=b"", headers=((_REPLAYED, str(letter).encode()),))


def build_copied_note(topic: str, before: int) -> Outgoing:
    """The note that the notes among the letters before that offset were copied."""
    return Outgoing(topic=topic, value=b"", headers=((_COPIED, str(before).encode()),))


def parse_number(content: bytes) -> int | None:
    """The number in these digits; None if they are not digits."""
    return int(content) if content.isdigit() and len(content) <= _DIGITS else None
