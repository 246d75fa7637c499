"""The producer: it waits until the broker has acknowledged what it was given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kafka import KafkaProducer

from brentwatch.stream.clients.connection import common, knock, milliseconds, reaching
from brentwatch.stream.dead_letters import LETTER_LIMIT
from brentwatch.stream.records import Outgoing, Partition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.stream.settings import KafkaSettings


class Producer:
    """A producer that waits until the broker has acknowledged what it was given."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        knock(settings)
        with reaching(settings, "opening a producer"):
            self._client = KafkaProducer(
                **common(settings),
                delivery_timeout_ms=milliseconds(settings.delivery_timeout_seconds),
                max_block_ms=milliseconds(settings.request_timeout_seconds),
                max_request_size=LETTER_LIMIT,
                compression_type="lz4",
                allow_auto_create_topics=False,
            )

    def send(self, records: Sequence[Outgoing]) -> list[tuple[Partition, int]]:
        """Write the records in their order, and give the place of each once all are acknowledged.

        Raises:
            Unavailable: if one of them was not acknowledged in time.
        """
        with reaching(self._settings, "writing"):
            futures = [
                self._client.send(
                    each.topic,
                    value=each.value,
                    key=each.key,
                    headers=list(each.headers),
                    partition=each.partition,
                )
                for each in records
            ]
            deadline = time.monotonic() + self._settings.delivery_timeout_seconds
            written = [future.get(timeout=max(0.001, deadline - time.monotonic())) for future in futures]
        return [(Partition(each.topic, each.partition), each.offset) for each in written]

    def close(self) -> None:
        """Close at once; what is not acknowledged by now was never promised."""
        with reaching(self._settings, "closing a producer"):
            self._client.close(timeout=0)
