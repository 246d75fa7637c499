"""Dead letters: the records on their topic, the decisions about them, and which may be replayed."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from brentwatch.core.domain import EPOCH
from brentwatch.core.errors import InvalidInput
from brentwatch.stream.dead_letters.notes import Accepted, Copied, Reached, Replayed, parse_note, parse_number
from brentwatch.stream.records import Headers, Outgoing, Partition, Record

ATTEMPT = "attempt"
"""The header of a replayed message: how often it was replayed."""

_ABOUT = ("reason", "detail", "topic", "partition", "offset")
_STRANGERS = 1_000


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


def parse_letter(record: Record) -> Letter | None:
    """The letter in a record of the dead-letter topic; None if it is not a letter."""
    headers = record.headers
    if _list_names(headers[-5:]) == _ABOUT:
        return _build_letter(record, headers[:-5], headers[-5:], "")
    if _list_names(headers[-6:]) == (*_ABOUT, "truncated"):
        return _build_letter(record, headers[:-6], headers[-6:-1], _decode_text(headers[-1][1]))
    return None


def _build_letter(record: Record, original: Headers, about: Headers, truncated: str) -> Letter | None:
    reason, detail, topic, partition, offset = (_decode_text(content) for _, content in about)
    number, place = parse_number(partition.encode()), parse_number(offset.encode())
    if number is None or place is None:
        return None
    return Letter(
        offset=record.offset,
        written_at=_convert_time(record.timestamp),
        reason=reason,
        detail=detail,
        origin=Partition(topic, number),
        origin_offset=place,
        key=record.key,
        value=record.value or b"",
        headers=original,
        truncated=truncated,
        attempt=_read_attempt(original),
    )


def _read_attempt(headers: Headers) -> int:
    said = [parse_number(content) for name, content in headers if name == ATTEMPT]
    return (said[-1] or 0) if said else 0


def _list_names(headers: Headers) -> tuple[str, ...]:
    return tuple(name for name, _ in headers)


def _decode_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _convert_time(milliseconds: int) -> datetime | None:
    try:
        return EPOCH + timedelta(milliseconds=milliseconds) if milliseconds >= 0 else None
    except OverflowError:  # the writer of a record sets its time; it may be nonsense
        return None


@dataclass(slots=True)
class DeadTopic:
    """The letters and notes that were read: the newest `keep` letters, without bytes and headers.

    `accepted` is the first offset that nobody has accepted; `end` and `notes_end` are the ones after the last
    that was read; `reached` are the limits that wait to be accepted. `strangers` are the offsets among the
    letters where something else stands, `copied` the offset before which notes among them were copied, None
    where none were.
    """

    keep: int = 1_000_000_000

    letters: dict[int, Letter] = field(default_factory=dict)
    reached: dict[int, Reached] = field(default_factory=dict)
    replayed: set[int] = field(default_factory=set)
    strangers: deque[int] = field(default_factory=lambda: deque(maxlen=_STRANGERS))
    accepted: int = 0
    end: int = 0
    notes_end: int = 0
    copied: int | None = None

    def take(self, records: Iterable[Record]) -> bool:
        """Take in the next records of the dead-letter topic; False, since no letter accepts anything."""
        for record in records:
            self.end = record.offset + 1
            letter = parse_letter(record)
            if letter is None:
                self.strangers.append(record.offset)
            else:
                self._keep(replace(letter, value=b"", headers=()))
        return False

    def take_notes(self, records: Iterable[Record]) -> bool:
        """Take in the next records of the topic of notes; True when something was accepted by one of them."""
        before = self.accepted, len(self.reached)
        reached = 0
        for record in records:
            self.notes_end = record.offset + 1
            match parse_note(record):
                case Reached() as limit:
                    self.reached[limit.offset] = limit
                    reached += 1
                case Accepted(through, limits):
                    self._accept(through, limits)
                case Replayed(letter=letter):
                    self.replayed.add(letter)
                case Copied(end):
                    self.copied = end
        return self.accepted > before[0] or len(self.reached) < before[1] + reached

    def _keep(self, letter: Letter) -> None:
        self.letters[letter.offset] = letter
        if len(self.letters) > self.keep:
            del self.letters[next(iter(self.letters))]

    def _accept(self, through: int, limits: int) -> None:
        self.accepted = max(self.accepted, through + 1)
        self.reached = {offset: limit for offset, limit in self.reached.items() if offset > limits}

    def list_waiting(self) -> list[Letter]:
        """The letters that nobody has accepted."""
        return [letter for letter in self.letters.values() if letter.offset >= self.accepted]

    def count_strangers(self) -> int:
        """How many records on the topic, since notes were copied, are not letters. They are ignored."""
        return sum(offset >= (self.copied or 0) for offset in self.strangers)


MOST_ATTEMPTS = 5


def prepare_replay(
    letter: Letter, events: str, body: bytes | None = None, *, force: bool = False
) -> Outgoing:
    """The message of `letter` for the partition where it stood, with its key, its headers and its attempt.

    Args:
        letter: the letter, whole.
        events: the topic that takes messages back, by its full name.
        body: what to send in place of the original bytes.
        force: also after `MOST_ATTEMPTS`.

    Raises:
        InvalidInput: if it may not be sent back, with every reason.
    """
    faults = tuple(_find_faults(letter, events, body, force))
    if faults:
        raise InvalidInput(*faults)
    kept = tuple((name, content) for name, content in letter.headers if name != ATTEMPT)
    return Outgoing(
        topic=letter.origin.topic,
        partition=letter.origin.number,  # not by the key: another client may have chosen by other rules
        key=letter.key,
        value=letter.value if body is None else body,
        headers=(*kept, (ATTEMPT, str(letter.attempt + 1).encode())),
    )


def _find_faults(letter: Letter, events: str, body: bytes | None, force: bool) -> Iterator[str]:
    if letter.origin.topic != events:
        yield (
            f"letter {letter.offset} comes from {letter.origin.topic}; expected a letter from {events}: "
            "messages cannot be replayed to other topics; correct the program that writes there"
        )
    if letter.attempt >= MOST_ATTEMPTS and not force:
        yield (
            f"letter {letter.offset} was replayed {letter.attempt} times already; expected at most "
            f"{MOST_ATTEMPTS}: correct it with --body FILE and add --force"
        )
    if body is None and letter.truncated:
        yield (
            f"letter {letter.offset} is truncated (it had {letter.truncated}); expected the whole message: "
            "give it with --body FILE"
        )
    elif not (letter.value if body is None else body):
        yield f"letter {letter.offset} has no body; expected one to send: give it with --body FILE"
