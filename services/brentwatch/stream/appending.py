"""Reads the new records of one topic without a consumer group, and appends records to it; for producers."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import KafkaSettings


class Appender:
    """One topic, by its full name. Clients are opened when they are needed; after a failure call `close`."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._next: dict[tuple[int, str], int] = {}
        self._producer: Producer | None = None

    def read_on(self, number: int, reader: str) -> Iterator[Record]:
        """The committed records of a partition from the last position of `reader` to the end.

        Raises:
            Unavailable: if Kafka fails.
        """
        place = (number, reader)
        for record in read_partition(
            self._settings, Partition(self._topic, number), self._next.get(place, 0)
        ):
            yield record
            self._next[place] = record.offset + 1

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        """Write records in their order, and return when all are acknowledged.

        Raises:
            Unavailable: if one of them was not acknowledged in time; what came before may be there.
        """
        if self._producer is None:
            self._producer = Producer(self._settings)
        self._producer.send(
            [Outgoing(topic=self._topic, partition=number, key=key, value=value) for value in values]
        )

    def close(self) -> None:
        """Close the producer; the next `append` opens another."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Unavailable):  # the failure has been reported already
                producer.close()
