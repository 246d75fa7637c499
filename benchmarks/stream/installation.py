"""A broker, an installation under a prefix of its own, and records written into it fast."""

from __future__ import annotations

import os
import tempfile
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafka import KafkaProducer, TopicPartition
from tests.kafka import broker

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.settings.composed import Settings
from brentwatch.settings.instruments import InstrumentSettings
from brentwatch.stream import KafkaSettings, load_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.topics import apply, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.stream import Outgoing

BATCHES = {"acks": "all", "compression_type": "lz4", "linger_ms": 0, "batch_size": 16384}
"""The settings of our producers, which the bare loops use too."""
READING = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "isolation_level": "read_committed"}


@contextmanager
def any_broker() -> Iterator[str]:
    """The address of a broker: the one that KAFKA_BOOTSTRAP names, or one of our own.

    Raises:
        BrokerFailed: if one of our own does not start.
    """
    if named := os.environ.get("KAFKA_BOOTSTRAP"):
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="brentwatch-bench-") as folder:
        own = broker.configured(Path(folder))
        with broker.running(own):
            yield own.bootstrap


def install(bootstrap: str) -> KafkaSettings:
    """A new installation of brent-spot only, with empty topics."""
    kafka = KafkaSettings(bootstrap=bootstrap, topic_prefix=f"bench{uuid.uuid4().hex[:8]}.")
    with closing(Admin(kafka)) as admin:
        apply(plan(list(load_topics(kafka, [BRENT_SPOT.partition]).values()), admin).steps, admin)
    return kafka


def spot_alone(kafka: KafkaSettings, **sections: Any) -> Settings:
    """Settings of such an installation."""
    return Settings(
        kafka=kafka, instruments={BRENT_SPOT.name: InstrumentSettings.describe(BRENT_SPOT)}, **sections
    )


def make_topic(kafka: KafkaSettings, name: str) -> str:
    """Create another topic of one partition; returns its full name."""
    with closing(Admin(kafka)) as admin:
        admin.create(kafka.topic(name), 1, {})
    return kafka.topic(name)


def fill(kafka: KafkaSettings, records: Iterable[Outgoing]) -> int:
    """Write many records; returns their number after all are acknowledged."""
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, **BATCHES | {"linger_ms": 20})
    with closing(producer):
        count, futures = 0, []
        for record in records:
            futures.append(
                producer.send(record.topic, value=record.value, key=record.key, partition=record.partition)
            )
            count += 1
            if len(futures) == 10_000:
                producer.flush()
                _ = [future.get(timeout=60) for future in futures]
                futures.clear()
        _ = [future.get(timeout=60) for future in futures]
    return count


def partitions(topic: str, count: int) -> list[Any]:
    """The partitions of a topic, as kafka names them."""
    return [TopicPartition(topic, number) for number in range(count)]
