"""The CloudEvents 1.0 envelope in its Kafka binding, in and out: binary, structured, or no envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.event_document import CloudEvent, UnrestEventDocument
from brentwatch.wire.faults import field_faults, shown
from brentwatch.wire.unrest_event import check_size, decode_event, decode_json, encode_event

Headers = Sequence[tuple[str, bytes | None]]
"""The headers of a Kafka record, as clients hand them over."""

OutHeaders = tuple[tuple[str, bytes], ...]
Envelope = Literal["binary", "structured", "none"]
"""How an event is wrapped on its way out."""

TYPE = "brentwatch.unrest_event.v1"
_STRUCTURED = "application/cloudevents+json"
_REMEDY = "correct the envelope as the Kafka binding of CloudEvents 1.0 says, or send the event as plain JSON"


class _Attributes(Struct, frozen=True):
    specversion: Annotated[str, Meta(pattern=r"^1\.0$(?!\n)")]
    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=2048)]
    type: Annotated[str, Meta(min_length=1)]


class _Structured(_Attributes, frozen=True):
    data: object


def decode_message(value: bytes | None, headers: Headers = ()) -> UnrestEventDocument:
    """The event in a Kafka record, in whichever envelope; `ce_id` and `ce_source` are kept in `cloudevent`.

    Raises:
        InvalidMessage: if the envelope or the event in it cannot be read.
    """
    if value is None:
        raise InvalidMessage(
            DeadLetterReason.NOT_JSON,
            "the message has no value; one JSON object was wanted; "
            "to take an event back send it again with a higher revision and the status retract",
        )
    if not headers:
        return decode_event(value)
    named = {name.lower(): (content or b"").decode("utf-8", "replace") for name, content in headers}
    content_type = named.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == _STRUCTURED:
        return _structured(value)
    if content_type.startswith("application/cloudevents"):
        raise _invalid(f"the content type is {shown(content_type)}; {_STRUCTURED} was wanted; {_REMEDY}")
    return _binary(value, named) if "ce_specversion" in named else decode_event(value)


def encode_message(
    document: UnrestEventDocument, source: str, envelope: Envelope
) -> tuple[bytes, OutHeaders]:
    """The value and the headers of the record in which an event of that source goes out.

    The id is the event's with its revision: what is sent twice has the same `id` and `source` both times. An
    envelope in which the event came itself is left behind.
    """
    event = replace(document, cloudevent=None)
    attributes = {
        "specversion": "1.0",
        "id": f"{event.event_id}/{event.revision}",
        "source": source,
        "type": TYPE,
        "time": event.known_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    match envelope:
        case "none":
            return encode_event(event), ()
        case "binary":
            named = tuple((f"ce_{name}", text.encode()) for name, text in attributes.items())
            return encode_event(event), (("content-type", b"application/json"), *named)
        case "structured":
            whole = attributes | {"datacontenttype": "application/json", "data": event}
            return msgspec.json.encode(whole), (("content-type", f"{_STRUCTURED}; charset=UTF-8".encode()),)


def _binary(value: bytes, headers: Mapping[str, str]) -> UnrestEventDocument:
    attributes = {name.removeprefix("ce_"): text for name, text in headers.items() if name.startswith("ce_")}
    _refuse(field_faults(_Attributes, attributes, _REMEDY))
    return _enveloped(decode_event(value), attributes)


def _structured(value: bytes) -> UnrestEventDocument:
    check_size(value)
    envelope = decode_json(value)
    if not isinstance(envelope, dict):
        raise _invalid(f"the envelope is {shown(envelope)}; a JSON object was wanted; {_REMEDY}")
    _refuse(field_faults(_Structured, envelope, _REMEDY))
    return _enveloped(decode_event(msgspec.json.encode(envelope["data"])), envelope)


def _enveloped(document: UnrestEventDocument, attributes: Mapping[str, str]) -> UnrestEventDocument:
    return replace(document, cloudevent=CloudEvent(id=attributes["id"], source=attributes["source"]))


def _refuse(faults: tuple[str, ...]) -> None:
    if faults:
        raise _invalid(*faults)


def _invalid(*faults: str) -> InvalidMessage:
    return InvalidMessage(DeadLetterReason.ENVELOPE, *faults)
