"""The archive repeats the topic, and whatever is done to a file of it is found."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from msgspec import Raw
from tests.notify.alerts import ALERT, alert

from brentwatch.core.errors import InvalidInput
from brentwatch.notify.audit import export_records, read_thread_history
from brentwatch.stream import Partition, Record
from brentwatch.wire.deliveries import (
    AlertRecord,
    AnswerKind,
    AnswerRecord,
    AttemptOutcome,
    AttemptRecord,
    DueRecord,
    encode_delivery_record,
)
from brentwatch.wire.hash_chain import FIRST, HashChain, read_lines, verify_lines
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from brentwatch.wire.deliveries import DeliveryRecord

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
THREAD = ALERT.alert_id
PARTITION = Partition("impact.deliveries", 0)
ALERTED = AlertRecord(alert=Raw(encode_alert(alert())), published_at=NOON, offset=7)
OTHER = AlertRecord(alert=Raw(encode_alert(alert(alert_id="other"))), published_at=NOON, offset=8)
ATTEMPTED = AttemptRecord(
    delivery=f"jsonl:{THREAD}:1",
    channel="jsonl",
    thread=THREAD,
    number=1,
    outcome=AttemptOutcome.ACCEPTED,
    at=NOON,
    latency_seconds=0.1,
    replica="one",
    run="first",
    detail="\x1b[2J\x7f\u202eé",
)
ANSWERED = AnswerRecord(id="a", answer=AnswerKind.ACKNOWLEDGE, at=NOON, by="anna", via="jsonl", thread=THREAD)
FELL_BACK = DueRecord(timer=f"fallback:jsonl:{THREAD}", at=NOON)
OF_OTHERS = DueRecord(timer=f"fallback:{THREAD}:other", at=NOON)
MADE = (ALERTED, OTHER, ATTEMPTED, FELL_BACK, OF_OTHERS, ANSWERED)


def stored(*values: DeliveryRecord | bytes) -> list[Record]:
    """These values on the topic, a minute apart."""
    return [
        Record(
            partition=PARTITION,
            offset=offset,
            key=b"k",
            value=value if isinstance(value, bytes) else encode_delivery_record(value),
            timestamp=int((NOON + timedelta(minutes=offset)).timestamp() * 1000),
            is_append_time=True,
        )
        for offset, value in enumerate(values)
    ]


def exported(*values: DeliveryRecord | bytes) -> list[bytes]:
    return list(export_records(stored(*values), None, HashChain()))


def test_the_archive_repeats_each_record_in_its_order() -> None:
    lines = [json.loads(line) for line in exported(*MADE)]
    assert [line["record"] for line in lines] == [json.loads(encode_delivery_record(each)) for each in MADE]
    assert [line["offset"] for line in lines] == list(range(len(MADE)))
    assert lines[1]["at"] == "2022-01-05T12:01:00.000+00:00"
    assert all(line.decode().rstrip("\n").isprintable() for line in exported(*MADE))


def test_each_line_holds_the_hash_of_the_one_before_as_any_program_computes_it() -> None:
    previous = FIRST
    for line in exported(*MADE):
        entry = json.loads(line)
        rest = {name: value for name, value in entry.items() if name not in ("previous", "hash")}
        canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        assert entry["previous"] == previous
        assert entry["hash"] == hashlib.sha256((previous + canonical).encode()).hexdigest()
        previous = entry["hash"]


def test_it_ends_before_the_first_record_that_is_not_before_its_end() -> None:
    chain = HashChain()
    lines = list(export_records(stored(*MADE), NOON + timedelta(minutes=2), chain))
    assert [json.loads(line)["offset"] for line in lines] == [0, 1]
    assert (chain.lines, chain.last) == (2, json.loads(lines[-1])["hash"])


@pytest.mark.parametrize(
    "value", [b"", b"{", b"\xff", encode_delivery_record(FELL_BACK)[:-1] + b',"x":1e999}']
)
def test_what_is_no_record_is_archived_as_its_bytes(value: bytes) -> None:
    (line,) = exported(value)
    assert b64decode(json.loads(line)["unreadable"]) == value
    assert verify_lines([line]).lines == 1


def test_a_whole_file_verifies_and_gives_its_last_hash() -> None:
    lines = exported(*MADE, b"{")
    chain = verify_lines(read_lines(BytesIO(b"".join(lines))))
    assert (chain.lines, chain.last) == (len(lines), json.loads(lines[-1])["hash"])
    assert verify_lines([]).last == FIRST


def test_any_byte_that_is_changed_breaks_the_chain_at_its_line() -> None:
    lines = exported(ANSWERED, FELL_BACK, ANSWERED)
    whole = b"".join(lines)
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        line = whole[:place].count(b"\n") + 1
        with pytest.raises(InvalidInput, match=f"the chain breaks at line {line}: "):
            verify_lines(read_lines(BytesIO(changed)))


def test_a_line_that_is_removed_added_moved_or_repeated_breaks_the_chain() -> None:
    first, second, third = exported(ANSWERED, FELL_BACK, ANSWERED)
    (foreign,) = exported(OTHER)
    for lines, at in (
        ([second, third], 1),
        ([first, third], 2),
        ([first, foreign, second, third], 2),
        ([first, third, second], 2),
        ([first, second, second, third], 3),
        ([first, second, third[:-1]], 3),
        ([first, second, b"[1]\n"], 3),
        ([first, second, b"[" * 100_000 + b"\n"], 3),
    ):
        with pytest.raises(InvalidInput, match=f"the chain breaks at line {at}: "):
            verify_lines(lines)


def test_a_name_that_stands_twice_in_a_line_is_found() -> None:
    (line,) = exported(ANSWERED)
    with pytest.raises(InvalidInput, match="line 1"):
        verify_lines([line.replace(b'{"at"', b'{"at":"1999","at"', 1)])


def test_the_history_of_a_thread_has_its_records_alone() -> None:
    records = stored(*MADE, b"{" + THREAD.encode())
    found = list(read_thread_history(records, THREAD))
    assert [record for _, record in found[1:]] == [ATTEMPTED, FELL_BACK, ANSWERED]
    assert isinstance(found[0][1], AlertRecord)
    assert [at for at, _ in found] == [NOON + timedelta(minutes=each) for each in (0, 2, 3, 5)]
