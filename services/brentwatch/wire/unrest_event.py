"""Bytes to unrest event and back; an unreadable message raises one `InvalidMessage` with all its faults.

Readers are tolerant: they ignore unknown fields and a byte order mark, take null for an optional field that
is not given and 3.0 for the integer 3, and accept a time with a space for the T or without the colon of its
offset. Writers are strict.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from brentwatch.core.domain import EventClass, Standing, UnrestEvent, Verification, judge_standing
from brentwatch.core.errors import InvalidInput
from brentwatch.wire import event_document
from brentwatch.wire.decoding import check_depth, decode_json, remove_nulls
from brentwatch.wire.event_rules import find_broken_rules
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)

AnyWord = TypeVar("AnyWord", bound=StrEnum)

LARGEST_MESSAGE = 64 * 1024
"""Bytes of one message value, at most."""

_REMEDY = "correct it according to schemas/unrest_event.v1.schema.json and send the event again"
_decoder = msgspec.json.Decoder(event_document.UnrestEventDocument)
_encoder = msgspec.json.Encoder()


def decode_event(data: bytes) -> event_document.UnrestEventDocument:
    """The event in the value of a message; its times come out in UTC.

    Raises:
        InvalidMessage: if it is larger than 64 KiB, not JSON, nested too deeply, against the schema, or
            contradicts itself.
    """
    check_size(data)
    check_depth(data)
    try:
        document = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = _decode_thoroughly(data)
    return check_document(document)


def check_size(data: bytes) -> None:
    """Refuses a message that is too large.

    Raises:
        InvalidMessage: if it is larger than 64 KiB.
    """
    if len(data) > LARGEST_MESSAGE:
        raise InvalidMessage(
            DeadLetterReason.TOO_LARGE,
            f"the message has {len(data):,} bytes; expected at most {LARGEST_MESSAGE:,}; "
            "shorten the event: send the facts and a link, not the article",
        )


def check_document(document: event_document.UnrestEventDocument) -> event_document.UnrestEventDocument:
    """The document with its times in UTC, after a check of the rules between its fields.

    Raises:
        InvalidMessage: if one is broken.
    """
    if faults := find_broken_rules(document):
        raise InvalidMessage(faults[0][0], *(sentence for _, sentence in faults))
    return _convert_times(document)


def encode_event(document: event_document.UnrestEventDocument) -> bytes:
    """The JSON of an event, without empty fields."""
    return _encoder.encode(document)


def convert_to_core(document: event_document.UnrestEventDocument) -> UnrestEvent:
    """The fields of the event that the monitor needs. `source` is the address of the first source."""
    return UnrestEvent(
        event_id=document.event_id,
        revision=document.revision,
        status=document.status,
        occurred_at=document.occurred.start,
        precision=document.occurred.precision,
        known_at=document.known_at,
        country=document.country,
        extra_countries=document.extra_countries,
        place=document.location.place if document.location else None,
        event_class=document.event_class,
        scheduled=document.scheduled,
        summary=document.summary,
        verification=document.reliability.verification if document.reliability else None,
        fatalities=document.fatalities.best if document.fatalities else None,
        source=document.sources[0].url if document.sources else None,
        feed=document.provenance.feed if document.provenance else "",
        confidence=document.reliability.confidence if document.reliability else None,
        novelty=document.novelty,
        story_id=document.story_id if _is_given_by_a_person(document) else None,
    )


_MACHINE_FEEDS = frozenset({"gdelt", "acled", "ucdp"})


def _is_given_by_a_person(document: event_document.UnrestEventDocument) -> bool:
    """True if its `story_id` is a person's: the machine feeds write one on every event."""
    verification = document.reliability.verification if document.reliability else None
    feed = document.provenance.feed if document.provenance else None
    return verification is not Verification.MACHINE and feed not in _MACHINE_FEEDS


def judge_document(document: event_document.UnrestEventDocument, *, is_own: bool) -> Standing:
    """The standing of an event; `is_own` if it came from the user's own files or feeds.

    An event from a built-in reader of a machine feed counts as a machine's, even if it does not say so.
    """
    reliability, attention = document.reliability, document.attention
    feed = document.provenance.feed if document.provenance else None
    verification = reliability.verification if reliability else None
    return judge_standing(
        Verification.MACHINE if verification is None and feed in _MACHINE_FEEDS else verification,
        confidence=reliability.confidence if reliability else None,
        headlines=attention.headlines if attention else None,
        reports=document.reports,
        is_own=is_own,
    )


def convert_from_core(event: UnrestEvent) -> event_document.UnrestEventDocument:
    """The smallest document from which `convert_to_core` makes this event.

    Raises:
        InvalidMessage: if the event holds what the schema refuses.
    """
    document = event_document.UnrestEventDocument(
        event_id=event.event_id,
        revision=event.revision,
        status=event.status,
        occurred=event_document.Occurred(start=event.occurred_at, precision=event.precision),
        known_at=event.known_at,
        country=event.country,
        extra_countries=event.extra_countries,
        location=event_document.Location(place=event.place) if event.place is not None else None,
        event_class=event.event_class,
        scheduled=event.scheduled,
        fatalities=event_document.Fatalities(best=event.fatalities) if event.fatalities is not None else None,
        reliability=event_document.Reliability(verification=event.verification, confidence=event.confidence)
        if event.verification
        else None,
        summary=event.summary,
        sources=(event_document.Source(url=event.source),) if event.source is not None else (),
        provenance=event_document.Provenance(feed=event.feed) if event.feed else None,
        novelty=event.novelty,
        story_id=event.story_id,
    )
    return decode_event(encode_event(document))


def _decode_thoroughly(data: bytes) -> event_document.UnrestEventDocument:
    """Slow and thorough, for messages that the decoder refused: reads them, or reports all faults."""
    values = convert_whole_numbers(decode_json(data))
    if not isinstance(values, dict):
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the message is {show_value(values)}; expected a JSON object; {_REMEDY}",
        )
    values = remove_nulls(event_document.UnrestEventDocument, values)
    faults = find_field_faults(event_document.UnrestEventDocument, values, _REMEDY)
    if faults:
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, event_document.UnrestEventDocument)


def _convert_times(document: event_document.UnrestEventDocument) -> event_document.UnrestEventDocument:
    occurred = document.occurred
    if occurred.start.tzinfo is document.known_at.tzinfo is UTC:
        others = (occurred.end, document.ingested_at)
        if others == (None, None) or all(time is None or time.tzinfo is UTC for time in others):
            return document
    return replace(
        document,
        occurred=replace(occurred, start=occurred.start.astimezone(UTC), end=_convert_time(occurred.end)),
        known_at=document.known_at.astimezone(UTC),
        ingested_at=_convert_time(document.ingested_at),
    )


def _convert_time(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)


def read_event_class(text: str) -> EventClass:
    """The class for a name as people write it, such as `armed_clash` for "Armed clash" or "ARMED-CLASH".

    Raises:
        InvalidInput: if there is none; the message lists all classes.
    """
    return read_word("event_class", text, EventClass)


def read_word(field: str, text: str, words: type[AnyWord]) -> AnyWord:
    """The member of `words` that the text names; `field` is what the message calls it.

    Raises:
        InvalidInput: if there is none; the message lists them.
    """
    wanted = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    for word in words:
        if word.value == wanted:
            return word
    raise InvalidInput(f"{field} is {show_value(text)}; expected one of {', '.join(words)}: correct it")
