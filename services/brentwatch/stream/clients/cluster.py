"""The loop's access to Kafka: opens every client. Tests give the loop a fake cluster."""

import time
from collections.abc import Collection, Sequence

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients.admin import diagnose
from brentwatch.stream.clients.consumer import Reader
from brentwatch.stream.clients.group_consumer import GroupConsumer
from brentwatch.stream.clients.producer import Producer, TransactionalProducer
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import KafkaSettings


class Cluster:
    """The Kafka cluster of `settings`. The caller closes each client.

    Raises:
        Unavailable: if Kafka fails.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings

    def join(self, group: str, topics: Sequence[str]) -> GroupConsumer:
        """Join a consumer group on these topics under the name of this process."""
        member = self.settings.name_member(group)
        return GroupConsumer(self.settings, group=group, topics=topics, member=member)

    def open_producer(self) -> Producer:
        """Open a producer without transactions."""
        return Producer(self.settings)

    def open_transactional_producer(self, group: str) -> TransactionalProducer:
        """Open the transactional producer of this process; it aborts what its predecessor left open."""
        return TransactionalProducer(self.settings, self.settings.name_member(group))

    def open_reader(self, partition: Partition, start: int) -> Reader:
        """Open a reader of one partition, outside any group."""
        return Reader(self.settings, partition, start)

    def explain(self, topics: Collection[str], error: Unavailable) -> Unavailable:
        """The error; if one of the `topics` does not exist, an error that says so."""
        return diagnose(self.settings, topics, error)

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()
