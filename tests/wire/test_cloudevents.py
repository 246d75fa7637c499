from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace

from brentwatch.wire import json_schemas
from brentwatch.wire.cloudevents import Envelope, decode_message, encode_message
from brentwatch.wire.event_document import CloudEvent
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.unrest_event import LARGEST_MESSAGE, decode_event

EVENT = json_schemas.read_examples("unrest_event.v1")["minimal.json"]
ENVELOPE = {"specversion": "1.0", "id": "a-17", "source": "/feeds/desk", "type": "unrest_event.v1"}
BINARY = [(f"ce_{name}", text.encode()) for name, text in ENVELOPE.items()]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def structured(**changes: Any) -> bytes:
    return json.dumps(ENVELOPE | {"data": json.loads(EVENT)} | changes).encode()


def refused(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        decode_message(value, headers)
    return caught.value


@pytest.mark.parametrize("headers", [[], [("content-type", b"application/json")], [("trace", None)]])
def test_plain_json_is_the_event_itself(headers: list[tuple[str, bytes | None]]) -> None:
    assert decode_message(EVENT, headers) == decode_event(EVENT)


def test_binary_mode_keeps_the_id_and_the_source_of_the_envelope() -> None:
    document = decode_message(EVENT, [*BINARY, ("content-type", b"application/json")])

    assert document.cloudevent == CloudEvent(id="a-17", source="/feeds/desk")
    assert document.event_id == "desk:2022-01-02-1"


def test_structured_mode_holds_the_event_in_data() -> None:
    assert decode_message(structured(), STRUCTURED) == decode_message(EVENT, BINARY)


def test_header_names_are_read_in_any_case() -> None:
    assert decode_message(structured(), [("Content-Type", STRUCTURED[0][1])]).cloudevent is not None


def test_a_binary_envelope_tells_all_its_faults_at_once() -> None:
    error = refused(EVENT, [("ce_specversion", b"0.3"), ("ce_id", b""), ("ce_type", b"unrest_event.v1")])

    assert error.reason is DeadLetterReason.ENVELOPE
    assert [fault.partition(" is ")[0] for fault in error.faults] == ["specversion", "id", "source"]


@pytest.mark.parametrize(
    "value",
    [
        b"[]",
        json.dumps(ENVELOPE).encode(),
        structured(specversion=1.0),
        structured(id=None),
        structured(source="s" * 3000),
    ],
)
def test_a_structured_envelope_that_cannot_be_read_is_a_dead_letter(value: bytes) -> None:
    assert refused(value, list(STRUCTURED)).reason is DeadLetterReason.ENVELOPE


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (structured(data={}), DeadLetterReason.SCHEMA),
        (structured(data="text"), DeadLetterReason.NOT_JSON),
        (b"{", DeadLetterReason.NOT_JSON),
        (structured().ljust(LARGEST_MESSAGE + 1), DeadLetterReason.TOO_LARGE),
    ],
)
def test_what_is_wrong_inside_the_envelope_keeps_its_reason(value: bytes, reason: DeadLetterReason) -> None:
    assert refused(value, list(STRUCTURED)).reason is reason


@pytest.mark.parametrize(
    "content_type", [b"application/cloudevents-batch+json", b"application/cloudevents+avro"]
)
def test_other_forms_of_cloudevents_are_refused_by_name(content_type: bytes) -> None:
    error = refused(EVENT, [("content-type", content_type)])

    assert error.reason is DeadLetterReason.ENVELOPE
    assert content_type.decode() in error.faults[0]
    assert "expected application/cloudevents+json" in error.faults[0]


def test_a_message_without_a_value_says_how_to_take_an_event_back() -> None:
    error = refused(None, [])

    assert error.reason is DeadLetterReason.NOT_JSON
    assert "status retract" in error.faults[0]


@pytest.mark.parametrize("envelope", ["binary", "structured", "none"])
def test_what_goes_out_comes_in_again(envelope: Envelope) -> None:
    event = decode_event(json_schemas.read_examples("unrest_event.v1")["full.json"])
    value, headers = encode_message(event, "/feeds/gdelt", envelope)
    read = decode_message(value, headers)
    assert replace(read, cloudevent=None) == replace(event, cloudevent=None)
    if envelope == "none":
        assert (read.cloudevent, headers) == (None, ())
    else:
        assert read.cloudevent == CloudEvent(id="catalogue:KAZ-2022-01-05B/2", source="/feeds/gdelt")


def test_the_attributes_go_out_as_the_kafka_binding_says() -> None:
    event = decode_event(json_schemas.read_examples("unrest_event.v1")["full.json"])
    value, headers = encode_message(event, "/feeds/gdelt", "binary")
    assert dict(headers) == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": b"catalogue:KAZ-2022-01-05B/2",
        "ce_source": b"/feeds/gdelt",
        "ce_type": b"brentwatch.unrest_event.v1",
        "ce_time": b"2022-01-05T10:37:00Z",
    }
    whole, (content_type,) = encode_message(event, "/feeds/gdelt", "structured")
    assert content_type == ("content-type", b"application/cloudevents+json; charset=UTF-8")
    told = json.loads(whole)
    assert told["data"] == json.loads(value)
    assert {name: told[name] for name in ("specversion", "type", "datacontenttype")} == {
        "specversion": "1.0",
        "type": "brentwatch.unrest_event.v1",
        "datacontenttype": "application/json",
    }


BARE = dict(ENVELOPE)
TEXT = EVENT.decode()
ENCODED = base64.b64encode(EVENT).decode()


@pytest.mark.parametrize(
    "told",
    [
        {"data": TEXT},
        {"data_base64": ENCODED},
        {"data": None, "data_base64": ENCODED},
        {"data": json.loads(EVENT), "data_base64": None},
        {"data_base64": "\n".join(ENCODED[start : start + 76] for start in range(0, len(ENCODED), 76))},
        {"data": json.loads(EVENT), "datacontenttype": None, "subject": None, "partitionkey": "KAZ"},
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        [("content-type", b"application/cloudevents+json")],  # version 2 of the SDK for Python
        [("Content-Type", b"application/CloudEvents+JSON ; charset=utf-8")],
        [("content-type", b"application/json")],  # version 1: the type of the data
        [],  # version 1, where the data has no type
    ],
)
def test_a_structured_event_is_read_however_a_sdk_writes_it(
    told: dict[str, Any], headers: list[tuple[str, bytes | None]]
) -> None:
    document = decode_message(json.dumps(BARE | told).encode(), headers)

    assert document == decode_message(EVENT, BINARY)


@pytest.mark.parametrize(
    "value", [EVENT, json.dumps(TEXT).encode(), b"\xef\xbb\xbf" + EVENT], ids=["bytes", "text", "marked"]
)
@pytest.mark.parametrize(
    "headers",
    [
        BINARY,
        [(f"CE_{name}", text.encode()) for name, text in ENVELOPE.items()],
        [(f"ce-{name}", text.encode()) for name, text in ENVELOPE.items()],
        [*BINARY, ("content-type", b"application/json; charset=utf-8"), ("ce_time", b"2022-01-05T10:10:00Z")],
    ],
)
def test_a_binary_event_is_read_however_a_sdk_writes_it(
    value: bytes, headers: list[tuple[str, bytes | None]]
) -> None:
    assert decode_message(value, headers).cloudevent == CloudEvent(id="a-17", source="/feeds/desk")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "neither is given"),
        ({"data": None, "data_base64": None}, "neither is given"),
        ({"data": json.loads(EVENT), "data_base64": ENCODED}, "both are given"),
        ({"data_base64": "not Base64"}, "expected Base64"),
        ({"data_base64": "ÄÖÜ"}, "expected Base64"),
        ({"data_base64": 1}, "expected Base64"),
    ],
)
def test_an_envelope_holds_its_event_once_and_in_a_form_that_can_be_read(
    told: dict[str, Any], sentence: str
) -> None:
    for headers in (STRUCTURED, []):
        error = refused(json.dumps(BARE | told).encode(), list(headers))
        assert error.reason is DeadLetterReason.ENVELOPE
        assert sentence in error.faults[0]


def test_an_event_that_mentions_a_specversion_is_no_envelope() -> None:
    event = json.loads(EVENT) | {"specversion": "1.0", "country": "nowhere"}

    assert refused(json.dumps(event).encode(), []).reason is DeadLetterReason.SCHEMA
