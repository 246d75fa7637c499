"""What stands on the dead-letter topic: letters, and what was decided about them, in one order.

A letter is a record that could not be read. Beside letters stand notes: a service reached its limit; an
operator accepted the letters up to an offset; a letter was sent back. So the topic is the whole memory of the
dead letters: it survives every restart, and a note is kept as long as what it speaks of. (A committed offset
would not do: the broker forgets those of a group without members after a week.)

A note has one header and no more, a letter has five at least: no message can pass for a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from brentwatch.stream.records import Outgoing, Partition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.stream.records import Headers, Record

ATTEMPT = "attempt"
"""The header of a message that was sent back: how often it was."""

_ABOUT = ("reason", "detail", "topic", "partition", "offset")
_LIMIT, _ACCEPTED, _REPLAYED = "limit", "accepted", "replayed"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter at `offset` of its topic; `headers` are those of the original, `value` its bytes.

    `written_at` is in UTC, None where the broker holds no time; `truncated` says what could not be kept, and
    is empty where all was; `attempt` is how often the message was sent back before it became this letter.
    """

    offset: int
    written_at: datetime | None
    reason: str
    detail: str
    origin: Partition
    origin_offset: int
    key: bytes | None
    value: bytes
    headers: Headers
    truncated: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The service of a consumer group reached its limit, and waits; `why` is a sentence."""

    offset: int
    group: str
    why: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Somebody has seen everything up to the offset `through`, inclusive."""

    through: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The letter at `letter` was sent back to where it came from."""

    letter: int


Entry = Letter | Reached | Accepted | Replayed


def entry(record: Record) -> Entry | None:
    """What a record of the dead-letter topic says; None where a stranger wrote it."""
    headers = record.headers
    if len(headers) == 1:
        return _note(record, *headers[0])
    if _names(headers[-5:]) == _ABOUT:
        return _letter(record, headers[:-5], headers[-5:], "")
    if _names(headers[-6:]) == (*_ABOUT, "truncated"):
        return _letter(record, headers[:-6], headers[-6:-1], _text(headers[-1][1]))
    return None


def _note(record: Record, name: str, content: bytes) -> Entry | None:
    number = _number(content)
    match name:
        case "limit":
            return Reached(record.offset, _text(content), _text(record.value or b""))
        case "accepted" if number is not None:
            return Accepted(min(number, record.offset - 1))  # what is to come nobody has seen
        case "replayed" if number is not None:
            return Replayed(number)
    return None


def _letter(record: Record, original: Headers, about: Headers, truncated: str) -> Letter | None:
    reason, detail, topic, partition, offset = (_text(content) for _, content in about)
    number, place = _number(partition.encode()), _number(offset.encode())
    if number is None or place is None:
        return None
    return Letter(
        offset=record.offset,
        written_at=_time(record.timestamp),
        reason=reason,
        detail=detail,
        origin=Partition(topic, number),
        origin_offset=place,
        key=record.key,
        value=record.value or b"",
        headers=original,
        truncated=truncated,
        attempt=_attempt(original),
    )


def _attempt(headers: Headers) -> int:
    said = [_number(content) for name, content in headers if name == ATTEMPT]
    return (said[-1] or 0) if said else 0


def _names(headers: Headers) -> tuple[str, ...]:
    return tuple(name for name, _ in headers)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _number(content: bytes) -> int | None:
    return int(content) if content.isdigit() and len(content) <= _DIGITS else None


def _time(milliseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds) if milliseconds >= 0 else None
    except OverflowError:  # whoever writes a record says when; it may be nonsense
        return None


def limit_note(topic: str, group: str, why: str) -> Outgoing:
    """The note that `group` has reached its limit."""
    return Outgoing(topic=topic, value=why.encode(), headers=((_LIMIT, group.encode()),))


def accepted_note(topic: str, through: int) -> Outgoing:
    """The note that everything through that offset, inclusive, was seen."""
    return Outgoing(topic=topic, value=b"", headers=((_ACCEPTED, str(through).encode()),))


def replayed_note(topic: str, letter: int) -> Outgoing:
    """The note that the letter at that offset was sent back."""
    return Outgoing(topic=topic, value=b"", headers=((_REPLAYED, str(letter).encode()),))


@dataclass(slots=True)
class DeadTopic:
    """The topic as far as it was read: the newest `keep` letters, without their bytes and headers.

    `accepted` is the first offset that nobody has accepted, `end` the one after the last that was read;
    `reached` are the limits that wait to be accepted.
    """

    keep: int = 1_000_000_000

    letters: dict[int, Letter] = field(default_factory=dict)
    reached: dict[int, Reached] = field(default_factory=dict)
    replayed: set[int] = field(default_factory=set)
    accepted: int = 0
    end: int = 0

    def take(self, records: Iterable[Record]) -> bool:
        """Take in the next records; True when something was accepted by one of them."""
        before = self.accepted
        for record in records:
            self.end = record.offset + 1
            match entry(record):
                case Letter() as letter:
                    self._keep(replace(letter, value=b"", headers=()))
                case Reached() as reached:
                    self.reached[reached.offset] = reached
                case Accepted(through):
                    self._accept(through)
                case Replayed(letter=letter):
                    self.replayed.add(letter)
        return self.accepted > before

    def _keep(self, letter: Letter) -> None:
        self.letters[letter.offset] = letter
        if len(self.letters) > self.keep:
            del self.letters[next(iter(self.letters))]

    def _accept(self, through: int) -> None:
        self.accepted = max(self.accepted, through + 1)
        self.reached = {offset: note for offset, note in self.reached.items() if offset > through}

    def waiting(self) -> list[Letter]:
        """The letters that nobody has accepted."""
        return [letter for letter in self.letters.values() if letter.offset >= self.accepted]
