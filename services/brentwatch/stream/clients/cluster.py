"""What the loop reaches Kafka through: it opens every client. Tests give the loop a fake one."""

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
    """The Kafka cluster that `settings` name; every client of it is closed by who opened it.

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
        """Open the producer of this process in a group; it ends what the last one of its name left open."""
        return TransactionalProducer(self.settings, self.settings.name_member(group))

    def open_reader(self, partition: Partition, start: int) -> Reader:
        """Open a reader of one partition, outside any group."""
        return Reader(self.settings, partition, start)

    def explain(self, topics: Collection[str], error: Unavailable) -> Unavailable:
        """The error, or where one of the `topics` does not exist what says so."""
        return diagnose(self.settings, topics, error)

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()
