"""What compaction leaves of a transaction is read over."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.protocol.consumer import IsolationLevel
from kafka.record._crc32c import crc
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder

from brentwatch.stream.clients.consumer import PartitionRecords

CRC, ATTRIBUTES, CONTROL = 17, 21, 0x20
PRODUCER = 7


def test_a_transaction_whose_marker_was_compacted_away_is_read_over() -> None:
    assert taken(PartitionRecords, batch(b"1"), emptied_marker(), batch(b"2")) == [b"1", b"2"]


def test_without_that_a_restore_could_never_end() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        taken(Fetcher.PartitionRecords, emptied_marker(), batch(b"2"))


def taken(kind: type[Any], *batches: bytes) -> list[bytes]:
    """The values that a reader of committed records gets out of what was fetched."""
    fetched = MemoryRecords(b"".join(batches))
    records = kind(0, TopicPartition("state", 0), fetched, isolation_level=IsolationLevel.READ_COMMITTED)
    return [record.value for record in records.take()]


def batch(*values: bytes) -> bytes:
    """Records of a transaction, as they stand on the broker."""
    made = MemoryRecordsBuilder(
        magic=2,
        compression_type=0,
        batch_size=1000,
        transactional=True,
        producer_id=PRODUCER,
        producer_epoch=0,
        base_sequence=0,
    )
    for value in values:
        made.append(None, None, value)
    made.close()
    return bytes(made.buffer())


def emptied_marker() -> bytes:
    """The batch that ended a transaction, without its one record."""
    made = bytearray(batch())
    made[ATTRIBUTES + 1] |= CONTROL
    struct.pack_into(">I", made, CRC, crc(bytes(made[ATTRIBUTES:])))
    return bytes(made)
