"""A consumer that reads on where compaction has emptied the marker of a transaction, or a record is damaged.

A compacted topic keeps the batch that ended a transaction after its one record, the marker, is gone: a day
later by default. kafka-python 3.0.12 asks that batch for its marker all the same, and every read of the
partition then ends in a RuntimeError: a state that is kept in transactions could never be restored again.
What cannot be read at all is left to `batches`.
"""

from __future__ import annotations

from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher

from brentwatch.stream.clients.batches import Batches


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
    """A consumer with these settings. Awkward: no public call tells a fetcher what to make of a batch."""
    client = KafkaConsumer(**settings)
    client._fetcher.PartitionRecords = PartitionRecords
    client.stable_ends = _note_stable_ends(client._fetcher)
    return client


def _note_stable_ends(fetcher: Any) -> dict[Any, int]:
    """The last stable offset of each partition as it was last fetched.

    Awkward, and needed with kafka-python 3.0.12, which forgets it and gives only the high watermark, behind
    which a reader of committed records stays while a transaction is open.
    """
    ends: dict[Any, int] = {}
    parse = fetcher._parse_fetched_data

    def parse_and_note(fetched: Any) -> Any:
        ends[fetched.topic_partition] = int(fetched.partition_data.last_stable_offset)
        return parse(fetched)

    fetcher._parse_fetched_data = parse_and_note
    return ends
