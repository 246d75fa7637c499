"""A reader of one partition, outside any group."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from brentwatch.stream.clients.compacted import consumer
from brentwatch.stream.clients.connection import knock, milliseconds, native, reaching
from brentwatch.stream.clients.polling import MOST_RECORDS, bounds_of, ours, polled, reading
from brentwatch.stream.records import Record

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.stream.records import Partition
    from brentwatch.stream.settings import KafkaSettings


class Reader:
    """A consumer of one partition, outside any group, from `start` on.

    It gives committed records only; its `bounds` count those of open transactions too.
    """

    def __init__(self, settings: KafkaSettings, partition: Partition, start: int) -> None:
        self._settings = settings
        knock(settings)
        self._tp = native(partition)
        with reaching(settings, f"opening {partition}"):
            self._client = consumer(**reading(settings))
            self._client.assign([self._tp])
            self._client.seek(self._tp, start)

    def poll(self, seconds: float, most: int = MOST_RECORDS) -> list[Record]:
        """The next records, as they come within `seconds`, `most` at most; the unreadable are left out.

        Raises:
            Unavailable: if Kafka fails.
        """
        with reaching(self._settings, f"reading {self._tp.topic}"):
            found = polled(self._client, seconds, most)
        return [record for record in found if isinstance(record, Record)]

    @property
    def position(self) -> int:
        """The offset of the record that is read next; it passes control records too."""
        with reaching(self._settings, f"reading {self._tp.topic}"):
            timeout = milliseconds(self._settings.request_timeout_seconds)
            return int(self._client.position(self._tp, timeout_ms=timeout) or 0)

    def offset_at(self, moment: datetime) -> int | None:
        """The offset of the first record that was written at `moment` or later; None where there is none."""
        with reaching(self._settings, f"asking for the offset at a time of {self._tp.topic}"):
            found = self._client.offsets_for_times({self._tp: int(moment.timestamp() * 1000)})[self._tp]
        return None if found is None else int(found.offset)

    def bounds(self) -> tuple[int, int]:
        """The first offset that the broker still holds, and the one after the last, committed or not."""
        with closing(self._uncommitted()) as other:
            return bounds_of(other, self._settings, ours(self._tp))

    def _uncommitted(self) -> Any:
        """To a reader of committed records a partition ends where the first open transaction begins."""
        with reaching(self._settings, f"opening {self._tp.topic}"):
            return consumer(**reading(self._settings) | {"isolation_level": "read_uncommitted"})

    def close(self) -> None:
        """Close the client."""
        with reaching(self._settings, "closing a reader"):
            self._client.close(autocommit=False)
