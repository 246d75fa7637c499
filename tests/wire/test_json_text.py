"""What is nested too deeply is found without recursion, and a byte order mark is no part of a message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.wire import json_schemas
from brentwatch.wire.canaries import decode_canary_answer
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.decoding import DEEPEST, decode_json, is_too_deep
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import decode_alert, decode_study
from brentwatch.wire.state import decode_saved
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = b"\xef\xbb\xbf"
READERS: dict[str, Callable[[bytes], object]] = {
    "unrest_event.v1": decode_event,
    "timeline.v1": decode_record,
    "study.v1": decode_study,
    "study.v2": decode_study,
    "alert.v1": decode_alert,
    "alert.v2": decode_alert,
    "canary.v1": decode_canary_answer,
}


def nested(levels: int, opened: bytes = b"[", closed: bytes = b"]") -> bytes:
    return opened * levels + closed * levels


def example(name: str, **more: object) -> bytes:
    first = next(iter(json_schemas.read_examples(name).values()))
    return json.dumps(json.loads(first) | more).encode()


@pytest.mark.parametrize(
    ("data", "deep"),
    [
        (nested(DEEPEST), False),
        (nested(DEEPEST + 1), True),
        (nested(DEEPEST + 1, b'{"a":', b"}"), True),
        (b"[" * (DEEPEST + 1), True),
        (b"[" + b"[]," * 10_000 + b"[]]", False),
        (json.dumps(["[" * 1_000, '"[\\' * 1_000]).encode(), False),
        (b'"' + b"[" * 1_000, False),
        (b'"\\', False),
        (b'["\\"' + nested(DEEPEST + 1) + b'"]', False),
        (b'["\\\\"' + nested(DEEPEST + 1), True),
        (b"", False),
    ],
)
def test_depth_counts_what_stands_inside_each_other_and_no_text(data: bytes, deep: bool) -> None:
    assert is_too_deep(data) is deep


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("levels", [65, 600, 900, 990, 30_000])
def test_every_reader_refuses_deep_json_wherever_it_stands(name: str, levels: int) -> None:
    if levels > 1_000 and name == "unrest_event.v1":
        levels = 20_000  # below the 64 KiB of a message
    deep: dict[str, Any] = {"x": None}
    text = json.dumps(deep).encode().replace(b"null", nested(levels))
    whole = example(name, stranger=0).replace(b'"stranger": 0', b'"stranger": ' + nested(levels))
    for data in (text, whole, nested(levels), b"[" * levels):
        with pytest.raises(InvalidMessage) as caught:
            READERS[name](data)
        assert caught.value.reason is DeadLetterReason.TOO_DEEP
        assert "expected at most 64 levels" in caught.value.faults[0]


@pytest.mark.parametrize("name", READERS)
def test_every_reader_accepts_an_unknown_field_that_is_nested_as_deep_as_allowed(name: str) -> None:
    stranger = nested(DEEPEST - 1)
    data = example(name, stranger=0).replace(b'"stranger": 0', b'"stranger": ' + stranger)

    assert READERS[name](data) == READERS[name](example(name))


def test_deep_json_in_an_envelope_is_refused_too() -> None:
    headers = [("content-type", b"application/cloudevents+json")]
    envelope = b'{"specversion":"1.0","id":"1","source":"s","type":"t","data":' + nested(600) + b"}"

    with pytest.raises(InvalidMessage) as caught:
        decode_message(envelope, headers)

    assert caught.value.reason is DeadLetterReason.TOO_DEEP


def test_a_deep_value_of_the_state_is_an_error_of_the_settings() -> None:
    with pytest.raises(SettingsError, match="a value of the state cannot be read"):
        decode_saved(b'{"version":3,"value":' + nested(600) + b"}")


@pytest.mark.parametrize("data", [b'"\xff"', b'{"\xc3":1}', b"\xff", b'{"a":'])
def test_what_is_no_json_in_utf_8_is_refused_as_no_json(data: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode_json(data)
    assert caught.value.reason is DeadLetterReason.NOT_JSON


@pytest.mark.parametrize("name", READERS)
def test_a_byte_order_mark_is_ignored(name: str) -> None:
    assert READERS[name](MARK + example(name)) == READERS[name](example(name))
    assert decode_json(MARK + b"{}") == {}
