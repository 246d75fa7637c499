"""Canaries on the wire: a record of `unrest.events` that is not an event, and the answer on `impact.canary`.

Its value on `unrest.events` is the record for the timeline, which no schema of events accepts. A header marks
it (`stream.CANARY`). Every producer of `unrest.events` can send one, so its time is bounded both ways.
"""

from datetime import timedelta

import msgspec
from msgspec import Struct

from brentwatch.core.domain import EPOCH, Canary
from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.event_document import LONGEST_AHEAD, Count, Name, Time, is_ahead, refuse_ahead
from brentwatch.wire.event_rules import find_year_fault
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)
from brentwatch.wire.timeline import check_signal, decode_signal

LONGEST_WAY = timedelta(minutes=10)
"""A canary is written within the delivery timeout of its sender; the rest is for clocks that differ."""

_REMEDY = "correct the program that writes impact.canary (schemas/canary.v1.schema.json)"


class CanaryAnswer(Struct, frozen=True, kw_only=True):
    """The monitor of `instrument` has read a canary at `offset` of its partition of the timeline."""

    canary_id: Name
    instrument: Name
    sent_at: Time
    offset: Count


_decoder = msgspec.json.Decoder(CanaryAnswer)
_encoder = msgspec.json.Encoder()


def decode_canary(data: bytes, written_at: float) -> Canary:
    """The canary in a record of `unrest.events` that was written at `written_at` (milliseconds since 1970).

    Raises:
        InvalidMessage: if it holds no canary, or one that was sent more than ten minutes before or after.
    """
    signal = decode_signal(data)
    if not isinstance(signal, Canary):
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the record is marked as a canary but holds {type(signal).__name__}; expected a canary: send "
            "other records without the mark",
        )
    check_signal(signal, written_at)
    written = EPOCH + timedelta(milliseconds=written_at)
    if written - signal.known_at > LONGEST_WAY:
        raise InvalidMessage(
            DeadLetterReason.CONTRADICTION,
            f"known_at of the canary is {signal.known_at.isoformat()}, and it was written at "
            f"{written:%Y-%m-%dT%H:%M:%SZ}; expected at most ten minutes in between: synchronise the "
            "sender's clock by NTP",
        )
    return signal


def encode_canary_answer(answer: CanaryAnswer) -> bytes:
    """The JSON of an answer."""
    return _encoder.encode(answer)


def decode_canary_answer(data: bytes) -> CanaryAnswer:
    """The answer in the value of a message.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    check_depth(data)
    try:
        answer = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = _decode_thoroughly(data)
    if fault := find_year_fault("sent_at", answer.sent_at):
        raise InvalidMessage(fault[0], f"{fault[1]}; {_REMEDY}")
    return answer


def check_canary_answer(answer: CanaryAnswer, written_at: float) -> None:
    """Refuse an answer to a canary that was sent long after the answer was written.

    Raises:
        InvalidMessage: if `sent_at` is more than ten minutes after `written_at`, in milliseconds since 1970.
    """
    if is_ahead(answer.sent_at, written_at):
        refuse_ahead("sent_at", answer.sent_at, written_at, LONGEST_AHEAD)


def _decode_thoroughly(data: bytes) -> CanaryAnswer:
    """The slow path: accepts values such as 3.0 for 3, which msgspec refuses, or reports every fault."""
    values = convert_whole_numbers(decode_json(data))
    if not isinstance(values, dict):
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the record is {show_value(values)}; expected a JSON object; {_REMEDY}",
        )
    if faults := find_field_faults(CanaryAnswer, values, _REMEDY):
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, CanaryAnswer)
