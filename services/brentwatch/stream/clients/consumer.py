"""Consumers: what all of them share, and the reader of one partition, outside any group."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients import connection
from brentwatch.stream.clients.admin import diagnose
from brentwatch.stream.clients.batches import Batches, Damage
from brentwatch.stream.records import Partition, Record, Unreadable
from brentwatch.stream.settings import KafkaSettings


class PartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]  # kafka is untyped
    """Records as they were fetched from one partition."""

    def _unpack_records(self, tp: Any, records: Any, *deserializers: Any) -> Any:
        """Each record; see `batches`."""
        return super()._unpack_records(
            tp, Batches(records, lambda: int(self.next_fetch_offset)), *deserializers
        )

    def _contains_abort_marker(self, batch: Any) -> bool:
        """False for an emptied batch: what it aborted is gone as well."""
        return bool(batch.records_count > 0 and super()._contains_abort_marker(batch))


def open_consumer(**settings: Any) -> KafkaConsumer:
    """A consumer with these settings. Awkward: a private attribute replaces how batches are parsed."""
    client = KafkaConsumer(**settings)
    client._fetcher.PartitionRecords = PartitionRecords
    client.stable_ends = _note_stable_ends(client._fetcher)
    return client


def _note_stable_ends(fetcher: Any) -> dict[Any, int]:
    """The last stable offset of each partition as it was last fetched.

    Awkward, and needed with kafka-python 3.0.12, which gives only the high watermark. A reader of committed
    records does not reach that while a transaction is open.
    """
    ends: dict[Any, int] = {}
    parse = fetcher._parse_fetched_data

    def parse_and_note(fetched: Any) -> Any:
        ends[fetched.topic_partition] = int(fetched.partition_data.last_stable_offset)
        return parse(fetched)

    fetcher._parse_fetched_data = parse_and_note
    return ends


MOST_RECORDS = 10_000
_APPEND_TIME = 1
"""Kafka's number for `message.timestamp.type = LogAppendTime`."""


def build_consumer_options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings of a consumer: it reads committed records from the first one, and commits nothing."""
    return {
        **connection.build_options(settings),
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
    tp, timeout = (
        connection.convert_to_kafka(partition),
        connection.milliseconds(settings.request_timeout_seconds),
    )
    with connection.translate_errors(settings, f"asking for the offsets of {partition}"):
        first = client.beginning_offsets([tp], timeout_ms=timeout)[tp]
        return int(first), int(client.end_offsets([tp], timeout_ms=timeout)[tp])


def poll_records(client: Any, seconds: float, most: int) -> list[Record | Unreadable]:
    """The next records of each partition in order, including those that cannot be read."""
    found = client.poll(timeout_ms=connection.milliseconds(seconds), max_records=most)
    return [_read(raw, partition) for partition, raws in _convert_keys(found) for raw in raws]


def _convert_keys(found: Mapping[Any, Any]) -> Iterator[tuple[Partition, Any]]:
    """One `Partition` for all records of it."""
    return ((convert_from_kafka(tp), raws) for tp, raws in found.items())


class Reader:
    """A consumer of one partition, outside any group, from `start` on.

    It gives committed records only; its `fetch_bounds` count those of open transactions too.
    """

    def __init__(self, settings: KafkaSettings, partition: Partition, start: int) -> None:
        self._settings = settings
        connection.check_connection(settings)
        self._tp = connection.convert_to_kafka(partition)
        with connection.translate_errors(settings, f"opening {partition}"):
            self._client = open_consumer(**build_consumer_options(settings))
            self._client.assign([self._tp])
            self._client.seek(self._tp, start)

    def poll(self, seconds: float, most: int = MOST_RECORDS) -> list[Record]:
        """The records that arrive within `seconds`, at most `most`, without the unreadable ones.

        Raises:
            Unavailable: if Kafka fails.
        """
        with connection.translate_errors(self._settings, f"reading {self._tp.topic}"):
            found = poll_records(self._client, seconds, most)
        return [record for record in found if isinstance(record, Record)]

    @property
    def position(self) -> int:
        """The offset of the record that is read next; it passes control records too."""
        with connection.translate_errors(self._settings, f"reading {self._tp.topic}"):
            timeout = connection.milliseconds(self._settings.request_timeout_seconds)
            return int(self._client.position(self._tp, timeout_ms=timeout) or 0)

    def find_offset(self, moment: datetime) -> int | None:
        """The offset of the first record that was written at `moment` or later; None where there is none."""
        with connection.translate_errors(
            self._settings, f"asking for the offset at a time of {self._tp.topic}"
        ):
            found = self._client.offsets_for_times({self._tp: int(moment.timestamp() * 1000)})[self._tp]
        return None if found is None else int(found.offset)

    def fetch_bounds(self) -> tuple[int, int]:
        """The first offset that the broker still holds, and the one after the last, committed or not."""
        try:
            with closing(self._open_uncommitted()) as other:
                return ask_bounds(other, self._settings, convert_from_kafka(self._tp))
        except Unavailable as error:
            raise diagnose(self._settings, [self._tp.topic], error) from error

    def _open_uncommitted(self) -> Any:
        """To a reader of committed records a partition ends where the first open transaction begins."""
        with connection.translate_errors(self._settings, f"opening {self._tp.topic}"):
            return open_consumer(
                **build_consumer_options(self._settings) | {"isolation_level": "read_uncommitted"}
            )

    def close(self) -> None:
        """Close the client."""
        with connection.translate_errors(self._settings, "closing a reader"):
            self._client.close(autocommit=False)
