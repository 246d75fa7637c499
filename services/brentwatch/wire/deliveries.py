"""The records of `impact.deliveries`: alerts to send, answers of people, outcomes of attempts, and timers.

The topic is the audit record of the notifier, and the only input of its decisions: see `notify/fold.py`.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.documents import FIRST_YEAR, LAST_YEAR
from brentwatch.wire.event_document import Name, Time
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)
from brentwatch.wire.published import decode_alert

Text = Annotated[str, Meta(max_length=1000)]
Words = Annotated[str, Meta(max_length=2000)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class AnswerKind(StrEnum):
    """What a person wants."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    USEFUL = "useful"
    FALSE_ALARM = "false_alarm"
    RESEND = "resend"


class AttemptOutcome(StrEnum):
    """How one attempt to send ended. Another attempt follows `retry`; every other value ends the delivery.

    `superseded`: a newer revision replaced it before it was sent. `seen`: the channel later reports that it
    was read.
    """

    ACCEPTED = "accepted"
    RETRY = "retry"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    SEEN = "seen"


class AlertRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="alert"):
    """A revision of an alert; `published_at` is when it was written to `impact.alerts`, at `offset` there."""

    alert: Raw
    published_at: Time
    offset: Count


class AnswerRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="answer"):
    """What a person answered, `by` whom and `via` which channel or the command line.

    `thread` is the alert thread that it is about; a silence has none. `until` is the end of a silence,
    `channel` the only one that it silences, or to which an alert is sent again.
    """

    id: Name
    answer: AnswerKind
    at: Time
    by: Name
    via: Name
    thread: Name | None = None
    channel: Name | None = None
    until: Time | None = None
    reason: Text = ""


class AttemptRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="attempt"):
    """The outcome of one attempt to send a delivery; `number` counts those of one `run` of a `replica`.

    A record that is written twice has the same number. `reason` is the class of a failure, and `message_id`
    the id that the receiver gave the message. `words` is the text of a digest or a notice; an alert has a
    record of its own.
    """

    delivery: Name
    channel: Name
    thread: Name
    number: Count
    outcome: AttemptOutcome
    at: Time
    latency_seconds: Annotated[float, Meta(ge=0)]
    replica: Name
    run: Name
    reason: Text = ""
    status: Annotated[int, Meta(ge=0, le=9999)] | None = None
    message_id: Text = ""
    detail: Text = ""
    words: Words = ""


class DueRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="due"):
    """The time `at` of a timer has come."""

    timer: Name
    at: Time


DeliveryRecord = AlertRecord | AnswerRecord | AttemptRecord | DueRecord
_KINDS: dict[str, type[Struct]] = {
    "alert": AlertRecord,
    "answer": AnswerRecord,
    "attempt": AttemptRecord,
    "due": DueRecord,
}
_REMEDY = "correct the program that writes deliveries (schemas/delivery.v1.schema.json)"
_decoder: msgspec.json.Decoder[DeliveryRecord] = msgspec.json.Decoder(DeliveryRecord)
_encoder = msgspec.json.Encoder()


def encode_delivery_record(record: DeliveryRecord) -> bytes:
    """The JSON of a record."""
    return _encoder.encode(record)


def decode_delivery_record(data: bytes) -> DeliveryRecord:
    """The record in the value of a message.

    Raises:
        InvalidMessage: if it is not JSON, or against the schema.
    """
    check_depth(data)
    try:
        record = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = _decode_thoroughly(data)
    if faults := tuple(_find_wrong_years(record)):
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    if isinstance(record, AlertRecord):
        decode_alert(bytes(record.alert))
    return record


def _decode_thoroughly(data: bytes) -> DeliveryRecord:
    """The slow path: accepts values such as 3.0 for 3, which msgspec refuses, or reports every fault."""
    values: Any = convert_whole_numbers(decode_json(data))
    kind = _KINDS.get(str(values.get("kind"))) if isinstance(values, dict) else None
    if kind is None:
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the record is {show_value(values)}; expected a JSON object of kind {', '.join(_KINDS)}; "
            f"{_REMEDY}",
        )
    if kind is AlertRecord and "alert" in values:
        values["alert"] = Raw(msgspec.json.encode(values["alert"]))
    if faults := find_field_faults(kind, values, _REMEDY):
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, DeliveryRecord)  # type: ignore[no-any-return] # stubs: unions are Any


def _find_wrong_years(record: DeliveryRecord) -> Iterator[str]:
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            yield (
                f"{name} is {show_value(value)}; expected a year from {FIRST_YEAR} to {LAST_YEAR}; {_REMEDY}"
            )
