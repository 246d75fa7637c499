"""Dead letters keep what could not be read, and say why."""

from __future__ import annotations

import pytest

from brentwatch.stream import Outgoing, Partition, Record
from brentwatch.stream.records import INPUT_LIMIT, LETTER_LIMIT, Unreadable, build_dead_letter

ORIGIN = Partition("demo.unrest.events", 7)


def letter(record: Record | Unreadable, detail: str = "why") -> Outgoing:
    return build_dead_letter("dead", record, "schema", detail)


def size(outgoing: Outgoing) -> int:
    headers = sum(len(name.encode()) + len(value) + 10 for name, value in outgoing.headers)
    return len(outgoing.value or b"") + len(outgoing.key or b"") + headers


def test_the_original_bytes_key_and_headers_are_kept_and_the_place_is_named() -> None:
    record = Record(partition=ORIGIN, offset=41, key=b"KAZ", value=b"{\xff", headers=(("ce_id", b"1"),))
    made = letter(record, "the message is not JSON")
    assert (made.topic, made.key, made.value) == ("dead", b"KAZ", b"{\xff")
    assert made.headers == (
        ("ce_id", b"1"),
        ("reason", b"schema"),
        ("detail", b"the message is not JSON"),
        ("topic", b"demo.unrest.events"),
        ("partition", b"7"),
        ("offset", b"41"),
    )


def test_a_record_without_a_value_becomes_a_letter_without_one() -> None:
    assert letter(Record(partition=ORIGIN, offset=0)).value == b""


def test_a_record_that_the_client_refuses_has_its_place_and_no_bytes() -> None:
    made = letter(Unreadable(ORIGIN, 3, "crc"))
    assert (made.value, dict(made.headers)["offset"]) == (b"", b"3")


@pytest.mark.parametrize(
    "record",
    [
        Record(partition=ORIGIN, offset=0, key=b"k" * 200_000, value=b"v" * INPUT_LIMIT),
        Record(partition=ORIGIN, offset=0, value=b"v" * 10 * INPUT_LIMIT),
        Record(partition=ORIGIN, offset=0, value=b"v", headers=(("big", b"h" * 3 * INPUT_LIMIT),)),
        Record(partition=ORIGIN, offset=0, value=b"v" * INPUT_LIMIT, headers=(("h", b""),) * 90_000),
    ],
    ids=["huge key", "huge value", "huge header", "many headers"],
)
def test_whatever_a_record_holds_its_letter_can_be_sent(record: Record) -> None:
    made = letter(record, detail="d" * 1_000_000)
    assert size(made) < LETTER_LIMIT
    assert (made.value or b"")[:1] == b"v"
    assert dict(made.headers)["reason"] == b"schema"


def test_what_could_not_be_kept_is_said() -> None:
    made = letter(Record(partition=ORIGIN, offset=0, value=b"v" * (INPUT_LIMIT + 50_000)))
    assert (
        dict(made.headers)["truncated"]
        == f"0 bytes of key, {INPUT_LIMIT + 50_000} bytes of value, 0 headers".encode()
    )
    assert len(made.value or b"") == INPUT_LIMIT


def test_a_key_that_is_too_long_is_lost_and_marked_as_such() -> None:
    record = Record(
        partition=ORIGIN, offset=0, key=b"K" * 9_000, value=b"not json", headers=(("ce_id", b"1"),)
    )
    made = letter(record)
    assert (made.key, made.value, made.headers[0]) == (None, b"not json", ("ce_id", b"1"))
    assert made.headers[-1] == ("truncated", b"9000 bytes of key, 8 bytes of value, 1 headers")
    kept = letter(Record(partition=ORIGIN, offset=0, key=b"K" * 8_192, value=b"v"))
    assert (len(kept.key or b""), kept.headers[-1][0]) == (8_192, "offset")
