"""What every consumer does alike: its settings, one poll, and the bounds of a partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from brentwatch.stream.clients.batches import Damage
from brentwatch.stream.clients.connection import (
    build_options,
    convert_to_kafka,
    milliseconds,
    translate_errors,
)
from brentwatch.stream.records import Partition, Record, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from brentwatch.stream.settings import KafkaSettings

MOST_RECORDS = 10_000
_APPEND_TIME = 1
"""Kafka's number for `message.timestamp.type = LogAppendTime`."""


def build_consumer_options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings of a consumer: committed records, from the first on, and no commits of its own."""
    return {
        **build_options(settings),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
    }


def _read(raw: Any, partition: Partition) -> Record | Unreadable:
    if isinstance(raw.headers, Damage):
        return Unreadable(partition, raw.offset, raw.headers.detail)
    return Record(
        partition=partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple((name, value or b"") for name, value in raw.headers) if raw.headers else (),
        timestamp=raw.timestamp,
        is_append_time=raw.timestamp_type == _APPEND_TIME,
    )


def convert_from_kafka(native: Any) -> Partition:
    """The partition as we name it."""
    return Partition(native.topic, native.partition)


def ask_bounds(client: Any, settings: KafkaSettings, partition: Partition) -> tuple[int, int]:
    """The first offset that the broker still holds, and the one after the last.

    Raises:
        Unavailable: if Kafka fails.
    """
    tp, timeout = convert_to_kafka(partition), milliseconds(settings.request_timeout_seconds)
    with translate_errors(settings, f"asking for the offsets of {partition}"):
        first = client.beginning_offsets([tp], timeout_ms=timeout)[tp]
        return int(first), int(client.end_offsets([tp], timeout_ms=timeout)[tp])


def poll_records(client: Any, seconds: float, most: int) -> list[Record | Unreadable]:
    """The next records of each partition in their order, with those that cannot be read in their place."""
    found = client.poll(timeout_ms=milliseconds(seconds), max_records=most)
    return [_read(raw, partition) for partition, raws in _convert_keys(found) for raw in raws]


def _convert_keys(found: Mapping[Any, Any]) -> Iterator[tuple[Partition, Any]]:
    """One `Partition` for all records of it."""
    return ((convert_from_kafka(tp), raws) for tp, raws in found.items())
