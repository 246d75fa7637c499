"""The state as a reader from outside puts it together, transaction by transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from brentwatch.core.domain import Severity
from brentwatch.core.errors import NewerState, SettingsError
from brentwatch.notify.state_reader import StateReader
from brentwatch.notify.values import (
    CURSOR,
    VERSION,
    PlaceReached,
    Timer,
    decode_values,
    encode_key,
    encode_value,
)
from brentwatch.stream import Partition, Record

PARTITION = Partition("impact.deliveries.state", 0)
TIMER = encode_value(Timer(at=datetime(2022, 1, 5, tzinfo=UTC)))
A, B = encode_key("timer", "a"), encode_key("timer", "b")


def stored(*entries: tuple[bytes, bytes | None], start: int = 0) -> list[Record]:
    return [
        Record(partition=PARTITION, offset=offset, key=key, value=value)
        for offset, (key, value) in enumerate(entries, start)
    ]


def cursor(offset: int, keys: int, version: int = VERSION) -> tuple[bytes, bytes]:
    return CURSOR, encode_value(PlaceReached(offset=offset, keys=keys, version=version))


def test_a_transaction_counts_once_its_cursor_is_read() -> None:
    reader = StateReader()
    reader.take(stored((A, TIMER), cursor(5, 1), (A, None), (B, TIMER)))
    assert (set(reader.decode()["timer"]), reader.find_place()) == ({"a"}, 5)
    reader.forget_touched()
    assert reader.next_offset == 4
    reader.take(stored(cursor(6, 1), start=4))
    assert (set(reader.decode()["timer"]), reader.find_place()) == ({"b"}, 6)
    assert reader.touched == {A, B, CURSOR}


def test_without_a_notifier_there_is_no_state() -> None:
    reader = StateReader()
    assert (reader.find_place(), sum(map(len, reader.decode().values()))) == (0, 0)


def test_a_state_that_lacks_values_says_how_it_is_made_anew() -> None:
    reader = StateReader()
    reader.take(stored((A, TIMER), cursor(5, 2)))
    with pytest.raises(SettingsError, match=r"holds 1 values, expected 2: .*run notify --rebuild"):
        reader.decode()


def test_a_state_of_a_newer_version_is_told_as_such() -> None:
    reader = StateReader()
    reader.take(stored(cursor(5, 0, VERSION + 1)))
    with pytest.raises(NewerState, match="upgrade this one"):
        reader.decode()


def test_a_thread_that_version_1_wrote_is_read_and_needs_no_outcome() -> None:
    """It knew no heads-ups: what it sent had been answered by a test."""
    shown = (
        '{"alert_id":"a","revision":1,"severity":"high","direction":"up","figures":"","root":"m-1",'
        '"is_withdrawn":false,"is_closed":false,"posts":0,"seen_by":[]}'
    )
    thread = (
        '{"revisions":{"a":1},"newest":{},"title":"","severity":"high","at":"2022-01-05T12:00:00Z",'
        f'"channels":{{"chat":{shown}}},"acknowledged":null,"feedback":{{}},"failed":[]}}'
    )
    values = decode_values({b"thread:a": thread.encode(), b"cursor": b'{"offset":1,"keys":1,"version":1}'})
    read = values["thread"]["a"]
    assert (read.severity, read.digested, read.channels["chat"].is_told) == (Severity.HIGH, (), True)
