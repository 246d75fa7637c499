"""The CloudEvents 1.0 envelope in its Kafka binding, in and out: binary, structured, or no envelope."""

import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.event_document import CloudEvent, UnrestEventDocument
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage, find_field_faults, show_value
from brentwatch.wire.unrest_event import check_size, decode_event, encode_event

Headers = Sequence[tuple[str, bytes | None]]
"""The headers of a Kafka record, as Kafka clients give them."""

OutHeaders = tuple[tuple[str, bytes], ...]
Envelope = Literal["binary", "structured", "none"]
"""How an event is wrapped on its way out."""

TYPE = "brentwatch.unrest_event.v1"
_STRUCTURED = "application/cloudevents+json"
_PREFIXES = ("ce_", "ce-")
"""Prefixes of attributes in headers: of the Kafka binding, and of HTTP, which bridges pass on."""

_REMEDY = "correct the envelope (Kafka binding of CloudEvents 1.0), or send the event as plain JSON"


class _Attributes(Struct, frozen=True):
    specversion: Annotated[str, Meta(pattern=r"^1\.0$(?!\n)")]
    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=2048)]
    type: Annotated[str, Meta(min_length=1)]


def decode_message(value: bytes | None, headers: Headers = ()) -> UnrestEventDocument:
    """The event in a Kafka record, in whichever envelope; `ce_id` and `ce_source` are kept in `cloudevent`.

    Raises:
        InvalidMessage: if the envelope or the event in it cannot be read.
    """
    if value is None:
        raise InvalidMessage(
            DeadLetterReason.NOT_JSON,
            "the message has no value; expected one JSON object; "
            "to retract an event, send it again with a higher revision and the status retract",
        )
    if not headers:
        return _decode_bare(value)
    named = {name.lower(): (content or b"").decode("utf-8", "replace") for name, content in headers}
    content_type = named.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == _STRUCTURED:
        return _decode_structured(value)
    if content_type.startswith("application/cloudevents"):
        raise _build_error(
            f"the content type is {show_value(content_type)}; expected {_STRUCTURED}; {_REMEDY}"
        )
    attributes = {name[3:]: text for name, text in named.items() if name.startswith(_PREFIXES)}
    return _decode_binary(value, attributes) if "specversion" in attributes else _decode_bare(value)


def encode_message(
    document: UnrestEventDocument, source: str, envelope: Envelope
) -> tuple[bytes, OutHeaders]:
    """The value and the headers of the record in which an event of that source goes out.

    The id is that of the event with its revision: an event that is sent twice has the same `id` and `source`
    both times. An envelope in which the event arrived is dropped.
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


def _decode_bare(value: bytes) -> UnrestEventDocument:
    """An event without an envelope, or in an envelope without headers.

    Version 1 of the CloudEvents SDK for Python writes structured events so: `content-type` is of the data.
    """
    try:
        return decode_event(value)
    except InvalidMessage as error:
        if error.reason is not DeadLetterReason.SCHEMA or not _is_envelope(decode_json(value)):
            raise
    return _decode_structured(value)


def _is_envelope(values: object) -> bool:
    return isinstance(values, dict) and "specversion" in values and "event_id" not in values


def _decode_binary(value: bytes, attributes: Mapping[str, str]) -> UnrestEventDocument:
    _refuse(find_field_faults(_Attributes, attributes, _REMEDY))
    check_size(value)
    return _add_envelope(decode_event(_unquote_json(value)), attributes)


def _decode_structured(value: bytes) -> UnrestEventDocument:
    check_size(value)
    envelope = decode_json(value)
    if not isinstance(envelope, dict):
        raise _build_error(f"the envelope is {show_value(envelope)}; expected a JSON object; {_REMEDY}")
    faults = find_field_faults(_Attributes, envelope, _REMEDY)
    _refuse((*faults, *_check_data(envelope)))
    return _add_envelope(decode_event(_read_data(envelope)), envelope)


def _check_data(envelope: Mapping[str, Any]) -> tuple[str, ...]:
    """Faults of `data` and `data_base64`, one of which must hold the event; null counts as absent."""
    given = [name for name in ("data", "data_base64") if envelope.get(name) is not None]
    if len(given) != 1:
        found = "both are" if given else "neither is"
        return (f"{found} given of data and data_base64; expected exactly one; {_REMEDY}",)
    encoded = envelope.get("data_base64")
    if encoded is not None and _decode_base64(encoded) is None:
        return (f"data_base64 is {show_value(encoded)}; expected Base64; {_REMEDY}",)
    return ()


def _read_data(envelope: Mapping[str, Any]) -> bytes:
    """The JSON of the event, which `data` may also hold as text."""
    match envelope.get("data"):
        case None:
            return _unquote_json(_decode_base64(envelope["data_base64"]) or b"")
        case str() as text:
            return text.encode()
        case values:
            return msgspec.json.encode(values)


def _decode_base64(encoded: object) -> bytes | None:
    """The bytes of a text in Base64, None if it is not Base64; lines may be broken."""
    if not isinstance(encoded, str):
        return None
    try:
        return binascii.a2b_base64("".join(encoded.split()), strict_mode=True)
    except ValueError:  # binascii.Error is one, and so is a text that is not ASCII
        return None


def _unquote_json(value: bytes) -> bytes:
    """The JSON in a JSON text: what was encoded twice, as a text handed to version 1 of the SDK is."""
    if not value.lstrip().startswith(b'"'):
        return value
    check_depth(value)
    try:
        return msgspec.json.decode(value, type=str).encode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return value


def _add_envelope(document: UnrestEventDocument, attributes: Mapping[str, str]) -> UnrestEventDocument:
    return replace(document, cloudevent=CloudEvent(id=attributes["id"], source=attributes["source"]))


def _refuse(faults: tuple[str, ...]) -> None:
    if faults:
        raise _build_error(*faults)


def _build_error(*faults: str) -> InvalidMessage:
    return InvalidMessage(DeadLetterReason.ENVELOPE, *faults)
