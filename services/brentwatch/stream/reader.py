"""Reads one partition from an offset to what was its end, outside any group."""

import time
from collections.abc import Generator
from contextlib import closing
from datetime import datetime

from brentwatch.core.errors import Unavailable
from brentwatch.stream.records import Partition, Record
from brentwatch.stream.settings import KafkaSettings

_POLL_SECONDS = 0.5


def read_partition(
    settings: KafkaSettings, partition: Partition, start: int = 0
) -> Generator[Record, None, None]:
    """Every committed record of a partition from `start` to its end, as it was when the reading began.

    Raises:
        Unavailable: if Kafka fails, or gives nothing for the request timeout.
    """
    from brentwatch.stream.clients.consumer import Reader

    with closing(Reader(settings, partition, start)) as reader:
        first, end = reader.fetch_bounds()
        place, progress = max(first, start), time.monotonic()
        while place < end:
            yield from (record for record in reader.poll(_POLL_SECONDS) if record.offset < end)
            if reader.position > place:
                place, progress = reader.position, time.monotonic()
            elif time.monotonic() - progress > settings.request_timeout_seconds:
                raise _explain_stall(partition, place, end)


def read_since(
    settings: KafkaSettings, partition: Partition, moment: datetime
) -> Generator[Record, None, None]:
    """Every committed record of a partition from the first that was written at `moment` or later, to its end.

    Raises:
        Unavailable: if Kafka fails.
    """
    from brentwatch.stream.clients.consumer import Reader

    with closing(Reader(settings, partition, 0)) as reader:
        start = reader.find_offset(moment)
    if start is not None:
        yield from read_partition(settings, partition, start)


def read_newest(settings: KafkaSettings, partition: Partition, count: int) -> list[Record]:
    """The last committed records of a partition, at most `count`.

    Raises:
        Unavailable: if Kafka fails.
    """
    from brentwatch.stream.clients.consumer import Reader

    with closing(Reader(settings, partition, 0)) as reader:
        first, end = reader.fetch_bounds()
    return list(read_partition(settings, partition, max(first, end - count)))


def read_bounds(settings: KafkaSettings, partition: Partition) -> tuple[int, int]:
    """The offset of the oldest record that is left, and the one after the newest, committed or not.

    Raises:
        Unavailable: if Kafka fails.
    """
    from brentwatch.stream.clients.consumer import Reader

    with closing(Reader(settings, partition, 0)) as reader:
        return reader.fetch_bounds()


def _explain_stall(partition: Partition, place: int, end: int) -> Unavailable:
    return Unavailable(
        f"reading {partition} stopped at offset {place}; expected records up to offset {end}: check the "
        "broker and open transactions (`brentwatch doctor`), and try again"
    )
