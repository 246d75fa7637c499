"""Plays a load: one thread a writer, each record written again until the broker has acknowledged it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from brentwatch.core.errors import Unavailable
from brentwatch.stream import Outgoing, Partition
from brentwatch.stream.clients.producer import Producer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.kafka.chaos.plan import Act, Load

    from brentwatch.stream import KafkaSettings

_AT_ONCE = 200
_TICK_SECONDS = 0.1


class Writer:
    """Writes its acts when their time has come; after a failure from the first that was not acknowledged.

    What was written and not acknowledged is then written twice, as any producer that may not lose does.
    """

    def __init__(self, kafka: KafkaSettings, acts: Sequence[Act], seconds: float) -> None:
        self._kafka = kafka
        self._acts = acts
        self._seconds = seconds
        self._producer: Producer | None = None
        self.ends: dict[Partition, int] = {}
        self.records = 0
        self.failures = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait until everything is acknowledged."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            raise TimeoutError(
                f"a writer was not done within {seconds:.0f} seconds after the last disruption"
            )

    def _run(self) -> None:
        for batch in self._batches():
            records = [record for act in batch for record in self._records(act)]
            while not self._written(records):
                time.sleep(_TICK_SECONDS)
        if self._producer is not None:
            self._producer.close()

    def _batches(self) -> Iterator[Sequence[Act]]:
        began, place = time.monotonic(), 0
        while place < len(self._acts):
            now = (time.monotonic() - began) / self._seconds
            due = place
            while due < len(self._acts) and due < place + _AT_ONCE and self._acts[due].at <= now:
                due += 1
            if due > place:
                yield self._acts[place:due]
            place = due
            time.sleep(_TICK_SECONDS)

    def _records(self, act: Act) -> Iterator[Outgoing]:
        topic = self._kafka.topic(act.topic)
        for partition in act.partitions or (None,):
            yield Outgoing(topic=topic, key=act.key, value=act.value, partition=partition)

    def _written(self, records: Sequence[Outgoing]) -> bool:
        try:
            self._producer = self._producer or Producer(self._kafka)
            for partition, offset in self._producer.send(records):
                self.ends[partition] = max(self.ends.get(partition, 0), offset + 1)
        except Unavailable:
            self.failures += 1
            if self._producer is not None:
                with suppress(Unavailable):
                    self._producer.close()
                self._producer = None
            return False
        self.records += len(records)
        return True


def play(kafka: KafkaSettings, load: Load, seconds: float) -> dict[str, Writer]:
    """Start every writer of a load, which lasts `seconds` where nothing holds it up."""
    return {name: Writer(kafka, acts, seconds) for name, acts in load.writers.items()}
