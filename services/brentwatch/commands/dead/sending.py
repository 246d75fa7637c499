"""Sends dead letters back: chooses and previews them, refuses what may not go, notes what went."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import to_builtins

from brentwatch.core.errors import InvalidInput
from brentwatch.message.foreign import clean, cut_text
from brentwatch.stream import DEAD_NOTES, EVENTS, KafkaSettings, Outgoing
from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.dead_letters.notes import build_replayed_note
from brentwatch.stream.dead_letters.reading import read_dead_topic, read_letters
from brentwatch.stream.dead_letters.topic import Letter, prepare_replay
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.decoding import decode_json
from brentwatch.wire.input_faults import InvalidMessage

_ROOM = 60


def preview_letter(letter: Letter, message: Outgoing) -> str:
    """Id, feed, class, country and time of the event in a message, as they stand there; why it was dead.

    What cannot be found is "unknown": most letters are dead because something is missing.
    """
    value = message.value or b""
    try:  # as the screen will read it
        event = _ensure_dict(to_builtins(decode_message(value, message.headers)))
    except InvalidMessage:
        event = _find_event(value)
    words = {
        "event": event.get("event_id"),
        "feed": _ensure_dict(event.get("provenance")).get("feed"),
        "class": event.get("event_class"),
        "country": event.get("country"),
        "known at": event.get("known_at"),
        "reason": letter.reason,
    }
    return ", ".join(f"{name} {_format_word(value)}" for name, value in words.items())


def _find_event(value: bytes) -> dict[str, Any]:
    """The JSON object of what cannot be read as an event, taken out of a structured CloudEvent."""
    try:
        found = _ensure_dict(decode_json(value))
    except InvalidMessage:
        return {}
    return _ensure_dict(found["data"]) if "specversion" in found and "data" in found else found


def _ensure_dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _format_word(value: object) -> str:
    return cut_text(clean(value), _ROOM) or "unknown" if isinstance(value, str) else "unknown"


_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """The letters at `offsets`, with `body` in place of their own where one is given."""

    offsets: Collection[int]
    body: bytes | None = None
    force: bool = False


@dataclass(slots=True)
class Sent:
    """How many letters went back; `refused` are sentences about those that did not."""

    letters: int
    refused: list[str]


def find_unsent(kafka: KafkaSettings, reason: str | None) -> list[int]:
    """The offsets of the letters, of one reason or of all, that were never sent back.

    Raises:
        Unavailable: if Kafka fails.
    """
    topic = read_dead_topic(kafka)
    return [
        letter.offset
        for letter in topic.letters.values()
        if letter.offset not in topic.replayed and reason in (None, letter.reason)
    ]


def send(
    kafka: KafkaSettings, chosen: Chosen, producer: Producer | None, tell: Callable[[str], None]
) -> Sent:
    """Replay the chosen letters in their order and report each; without a producer only show them.

    Raises:
        Unavailable: if Kafka fails; the letters reported so far were sent.
    """
    sent = Sent(0, [])
    batch: list[tuple[Letter, Outgoing]] = []
    for letter, message in _build_messages(kafka, chosen, sent.refused):
        batch.append((letter, message))
        if len(batch) == _AT_ONCE:
            _write(kafka, batch, producer, tell)
            sent.letters += len(batch)
            batch = []
    _write(kafka, batch, producer, tell)
    sent.letters += len(batch)
    return sent


def _build_messages(
    kafka: KafkaSettings, chosen: Chosen, refused: list[str]
) -> Iterator[tuple[Letter, Outgoing]]:
    missing = set(chosen.offsets)
    for letter in read_letters(kafka, chosen.offsets):
        missing.discard(letter.offset)
        try:
            yield letter, prepare_replay(letter, kafka.topic(EVENTS), chosen.body, force=chosen.force)
        except InvalidInput as error:
            refused += error.faults
    refused += [
        f"offset {offset} holds no dead letter; expected the offset of one: `brentwatch dead list --all` "
        "lists them"
        for offset in sorted(missing)
    ]


def _write(
    kafka: KafkaSettings,
    batch: list[tuple[Letter, Outgoing]],
    producer: Producer | None,
    tell: Callable[[str], None],
) -> None:
    if producer is not None and batch:
        notes = [build_replayed_note(kafka.topic(DEAD_NOTES), letter.offset) for letter, _ in batch]
        producer.send([*(message for _, message in batch), *notes])
    for letter, message in batch:
        if producer is not None:
            tell(f"sent letter {letter.offset} to {letter.origin}")
            continue
        told = f"attempt {letter.attempt + 1}, {len(message.value or b''):,} bytes"
        tell(
            f"would send letter {letter.offset} to {letter.origin}: {preview_letter(letter, message)}, {told}"
        )
