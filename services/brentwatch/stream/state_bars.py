"""How many sessions of bars of five minutes a monitor has saved, read off the keys of its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.monitor.state_values import BARS_OF_SESSIONS
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Partition
from brentwatch.stream.topics import STATE

if TYPE_CHECKING:
    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.stream.settings import KafkaSettings


def count_saved_sessions(kafka: KafkaSettings, instrument: Instrument) -> int:
    """The sessions with bars in the state of an instrument, the one that is open still among them.

    Raises:
        Unavailable: if Kafka fails.
    """
    kept, beginning = set[bytes](), f"{BARS_OF_SESSIONS}:".encode()
    for record in read_partition(kafka, Partition(kafka.topic(STATE), instrument.partition)):
        key = record.key or b""
        if record.value is None:
            kept.discard(key)
        elif key.startswith(beginning):
            kept.add(key)
    return len(kept)
