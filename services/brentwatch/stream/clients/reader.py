"""A reader of one partition, outside any group."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients.compacted import open_consumer
from brentwatch.stream.clients.connection import (
    check_connection,
    convert_to_kafka,
    milliseconds,
    translate_errors,
)
from brentwatch.stream.clients.lacking import diagnose
from brentwatch.stream.clients.polling import (
    MOST_RECORDS,
    ask_bounds,
    build_consumer_options,
    convert_from_kafka,
    poll_records,
)
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
        check_connection(settings)
        self._tp = convert_to_kafka(partition)
        with translate_errors(settings, f"opening {partition}"):
            self._client = open_consumer(**build_consumer_options(settings))
            self._client.assign([self._tp])
            self._client.seek(self._tp, start)

    def poll(self, seconds: float, most: int = MOST_RECORDS) -> list[Record]:
        """The next records, as they come within `seconds`, `most` at most; the unreadable are left out.

        Raises:
            Unavailable: if Kafka fails.
        """
        with translate_errors(self._settings, f"reading {self._tp.topic}"):
            found = poll_records(self._client, seconds, most)
        return [record for record in found if isinstance(record, Record)]

    @property
    def position(self) -> int:
        """The offset of the record that is read next; it passes control records too."""
        with translate_errors(self._settings, f"reading {self._tp.topic}"):
            timeout = milliseconds(self._settings.request_timeout_seconds)
            return int(self._client.position(self._tp, timeout_ms=timeout) or 0)

    def find_offset(self, moment: datetime) -> int | None:
        """The offset of the first record that was written at `moment` or later; None where there is none."""
        with translate_errors(self._settings, f"asking for the offset at a time of {self._tp.topic}"):
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
        with translate_errors(self._settings, f"opening {self._tp.topic}"):
            return open_consumer(
                **build_consumer_options(self._settings) | {"isolation_level": "read_uncommitted"}
            )

    def close(self) -> None:
        """Close the client."""
        with translate_errors(self._settings, "closing a reader"):
            self._client.close(autocommit=False)
