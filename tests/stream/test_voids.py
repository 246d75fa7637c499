"""What stands on the topic of voided records, and what there counts for nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from brentwatch.stream import KafkaSettings, Partition, Record
from brentwatch.stream.dead_letters.voids import Void, build_void_note, read_notes

SETTINGS = KafkaSettings(topic_prefix="demo.")
PLACE = Partition("demo.impact.timeline", 1)
VOID = Void("made up", datetime(2026, 1, 5, tzinfo=UTC))


def note(offset: int, void: Void | None = VOID) -> Record:
    out = build_void_note(SETTINGS, PLACE, offset, void)
    assert out.topic == "demo.impact.timeline.voided"
    return record(out.key, out.value)


def record(key: bytes | None, value: bytes | None) -> Record:
    return Record(partition=Partition("demo.impact.timeline.voided", 0), offset=0, key=key, value=value)


def test_a_note_is_read_as_it_was_written_and_a_tombstone_takes_it_back() -> None:
    notes = [note(7), note(9), note(7, None)]
    assert read_notes(notes, 1) == {9: VOID}
    assert read_notes(notes, 0) == {}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"{}"),
        (b"1", b"{}"),
        (b"1:x", b"{}"),
        (b"1:-1", b"{}"),
        (b"1:" + b"9" * 5_000, b"{}"),
        (b"1:7", b"{}"),
        (b"1:7", b"\xff"),
        (b"1:7", b"[" * 100_000),
        (b"1:7", b'{"reason": 1, "voided_at": "2026-01-05T00:00:00Z"}'),
    ],
)
def test_what_is_no_note_voids_nothing(key: bytes | None, value: bytes) -> None:
    assert read_notes([record(key, value)], 1) == {}
