"""A Kafka cluster in memory: topics, transactions and consumer groups, for one thread and a clock of its own.

It passes the contract test of the real clients (`contract.py`). What happens to a cluster from outside is a
method of `FakeBroker`. A call that would wait advances the clock instead.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brentwatch.core.errors import Unavailable
from brentwatch.stream import KafkaSettings, Outgoing, Partition, Record
from brentwatch.stream.clients.admin import TopicsLacking, describe_missing
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.connection import Fenced
from brentwatch.stream.clients.consumer import MOST_RECORDS, Reader
from brentwatch.stream.clients.group_consumer import Assigned, Change, GroupConsumer, Revoked
from brentwatch.stream.clients.producer import Producer, TransactionalProducer
from brentwatch.stream.records import Unreadable

Entry = Record | Unreadable | None
"""None: the marker of a transaction that ended, or a record of one that was aborted."""


@dataclass
class Group:
    """A consumer group: who its members are, who owns what, and what it has committed."""

    partitions: list[Partition]
    committed: dict[Partition, int] = field(default_factory=dict)
    members: dict[str, "FakeMember"] = field(default_factory=dict)
    wanted: dict[Partition, str] = field(default_factory=dict)
    owned: dict[Partition, str] = field(default_factory=dict)
    orphaned: set[Partition] = field(default_factory=set)
    generation: int = 0
    is_rebalancing: bool = False

    def share_out(self) -> None:
        """Who is to own what: each keeps up to a fair share of what it has."""
        self.generation += 1
        share = -(-len(self.partitions) // max(1, len(self.members)))
        before, self.wanted = self.wanted, {}
        for partition in sorted(self.partitions, key=lambda each: before.get(each) not in self.members):
            names = [*filter(None, [before.get(partition)]), *sorted(self.members, key=self._count_wanted)]
            fair = [name for name in names if name in self.members and self._count_wanted(name) < share]
            if fair and partition not in self.orphaned:
                self.wanted[partition] = fair[0]

    def _count_wanted(self, name: str) -> int:
        return list(self.wanted.values()).count(name)

    def remove(self, name: str) -> None:
        """A member left, or was given up."""
        self.members.pop(name, None)
        self.owned = {partition: owner for partition, owner in self.owned.items() if owner != name}
        self.share_out()


class FakeBroker:
    """The logs of all partitions, the groups, and what befalls them."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.is_away = False
        self.silence = 0.0
        self.logs: dict[Partition, list[Entry]] = {}
        self.firsts: dict[Partition, int] = {}
        self.groups: dict[str, Group] = {}
        self.producers: dict[str, FakeTransactionalProducer] = {}
        self.unended: dict[str, list[tuple[Partition, int]]] = {}
        self.transactions: list[tuple[list[bytes | None], dict[int, int]]] = []
        self.open_clients = 0

    def make_topic(self, topic: str, partitions: int = 1) -> str:
        """A new topic."""
        self.logs |= {Partition(topic, number): [] for number in range(partitions)}
        return topic

    def delete_topic(self, topic: str) -> None:
        """A topic is deleted."""
        self.logs = {partition: log for partition, log in self.logs.items() if partition.topic != topic}

    def delete_before(self, partition: Partition, offset: int) -> None:
        """The records before an offset are deleted."""
        self.firsts[partition] = offset

    def damage(self, partition: Partition, offset: int, detail: str) -> None:
        """The bytes of a record are damaged."""
        self.logs[partition][offset] = Unreadable(partition, offset, detail)

    def leave_transaction_open(self, name: str, partition: Partition, value: bytes) -> None:
        """A producer of that name dies within a transaction."""
        record = Outgoing(topic=partition.topic, partition=partition.number, value=value)
        self.unended.setdefault(name, []).extend(self.append([record]))

    def give_up(self, group: str, name: str) -> None:
        """A group gives up a member that was silent for too long."""
        self.groups[group].remove(name)

    def orphan(self, group: str, partition: Partition) -> None:
        """A member dies while it hands a partition on, and the group leaves that to nobody."""
        self.groups[group].orphaned.add(partition)
        self.groups[group].share_out()

    def join_group(self, name: str, *topics: str) -> Group:
        """The group of that name."""
        partitions = [each for each in self.logs if each.topic in topics]
        return self.groups.setdefault(name, Group(partitions))

    def expect_reachable(self) -> None:
        """Raise what a client raises while the broker is away."""
        if self.is_away:
            raise Unavailable("Kafka at fake:9092 failed while connecting: the broker is away")

    def append(self, records: Iterable[Outgoing]) -> list[tuple[Partition, int]]:
        """Write records, and give their places."""
        places = []
        for each in records:
            partition = Partition(each.topic, each.partition or 0)
            if partition not in self.logs:
                raise TopicsLacking(describe_missing(SETTINGS, [each.topic]))
            log = self.logs[partition]
            now = int(1000 * time.time())
            log.append(
                Record(
                    partition=partition,
                    offset=len(log),
                    key=each.key,
                    value=each.value,
                    headers=each.headers,
                    timestamp=now,
                )
            )
            places.append((partition, len(log) - 1))
        return places

    def mark(self, partitions: Iterable[Partition]) -> None:
        """Write the marker of a transaction that ends to each of its partitions."""
        for partition in set(partitions):
            self.logs[partition].append(None)

    def abort(self, name: str) -> None:
        """End the transaction that a producer of that name left open."""
        places = self.unended.pop(name, [])
        for partition, offset in places:
            self.logs[partition][offset] = None
        self.mark(partition for partition, _ in places)

    def find_stable_end(self, partition: Partition) -> int:
        """The offset where the first open transaction begins, or the end."""
        open_ones = [at for places in self.unended.values() for each, at in places if each == partition]
        return min([*open_ones, len(self.logs[partition])])

    def fetch_bounds(self, partition: Partition) -> tuple[int, int]:
        """The first offset that is left, and the one after the last."""
        self.expect_reachable()
        if partition not in self.logs:
            raise TopicsLacking(describe_missing(SETTINGS, [partition.topic]))
        return self.firsts.get(partition, 0), len(self.logs[partition])

    def read(self, partition: Partition, start: int, most: int) -> tuple[list[Record | Unreadable], int]:
        """The next committed records, and the offset that is read next; what was deleted is passed."""
        first, end = self.fetch_bounds(partition)
        place = start if first <= start <= end else first
        found: list[Record | Unreadable] = []
        while place < self.find_stable_end(partition) and len(found) < most:
            if (entry := self.logs[partition][place]) is not None:
                found.append(entry)
            place += 1
        return found, place


SETTINGS = KafkaSettings(bootstrap="fake:9092", replica="one")


class FakeCluster(Cluster):
    """The clients of one process, on a broker in memory."""

    def __init__(self, broker: FakeBroker, replica: str = "one") -> None:
        super().__init__(SETTINGS.model_copy(update={"replica": replica}))
        self.broker = broker

    def join(self, group: str, topics: Sequence[str]) -> "FakeMember":
        self.broker.expect_reachable()
        return FakeMember(self.settings, self.broker, group, topics)

    def open_producer(self) -> "FakeProducer":
        self.broker.expect_reachable()
        return FakeProducer(self.broker)

    def open_transactional_producer(self, group: str) -> "FakeTransactionalProducer":
        self.broker.expect_reachable()
        return FakeTransactionalProducer(self.broker, self.settings.name_member(group))

    def open_reader(self, partition: Partition, start: int) -> "FakeReader":
        self.broker.expect_reachable()
        return FakeReader(self.broker, partition, start)

    def explain(self, _: Collection[str], error: Unavailable) -> Unavailable:
        return error

    def now(self) -> float:
        return self.broker.clock


class _Client:
    """Counts itself until it is closed."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        broker.open_clients += 1

    def close(self) -> None:
        self._broker.open_clients -= 1


class FakeReader(_Client, Reader):
    """A reader of one partition."""

    def __init__(self, broker: FakeBroker, partition: Partition, start: int) -> None:
        super().__init__(broker)
        self._partition, self._place = partition, start

    def poll(self, seconds: float, most: int = MOST_RECORDS) -> list[Record]:
        found, self._place = self._broker.read(self._partition, self._place, most)
        if not found:
            self._broker.clock += seconds
        return [each for each in found if isinstance(each, Record)]

    @property
    def position(self) -> int:
        return self._place

    def fetch_bounds(self) -> tuple[int, int]:
        return self._broker.fetch_bounds(self._partition)


class FakeProducer(_Client, Producer):
    """A producer whose records are acknowledged at once."""

    def send(self, records: Sequence[Outgoing]) -> list[tuple[Partition, int]]:
        self._broker.expect_reachable()
        return self._broker.append(records)


class FakeTransactionalProducer(_Client, TransactionalProducer):
    """A producer of transactions, which shuts out the one before it of its name."""

    def __init__(self, broker: FakeBroker, name: str) -> None:
        super().__init__(broker)
        self._name = name
        broker.abort(name)
        broker.producers[name] = self

    def transact(
        self, records: Sequence[Outgoing], positions: Mapping[Partition, int], membership: Any
    ) -> None:
        broker = self._broker
        broker.expect_reachable()
        if broker.producers[self._name] is not self:
            raise Fenced("another producer of this name was opened")
        if positions:
            membership.expect_valid()
        places = broker.append(records)
        broker.mark(partition for partition, _ in places)
        if positions:
            membership.group.committed |= positions
        numbers = {partition.number: offset for partition, offset in positions.items()}
        broker.transactions.append(([each.value for each in records], numbers))


@dataclass(frozen=True)
class Membership:
    """What a group knows of a member."""

    group: Group
    member: "FakeMember"
    generation_id: int

    def expect_valid(self) -> None:
        """Raise what a broker raises where the group has given the member up, or another has its name."""
        if self.group.members.get(self.member.name) is not self.member:
            raise Fenced(f"{self.member.name} is not known to the group")


class FakeMember(_Client, GroupConsumer):
    """A member of a group, which joins, gives up and takes over partitions when it is polled."""

    def __init__(
        self, settings: KafkaSettings, broker: FakeBroker, group: str, topics: Sequence[str]
    ) -> None:
        super().__init__(broker)
        self._settings, self._topics = settings, tuple(topics)
        self.name = settings.name_member(group)
        self._shared = broker.join_group(group, *topics)
        self._changes: list[Change] = []
        self._places: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._has_joined = self._is_given_up = False

    def poll(self, seconds: float, most: int) -> list[Record | Unreadable]:
        self._broker.expect_reachable()
        if self.is_fenced or not self._join():
            return []
        self._rebalance()
        found: list[Record | Unreadable] = []
        for partition in self._places.keys() - self._paused:
            if partition in self._broker.logs:
                read, self._places[partition] = self._broker.read(
                    partition, self._places[partition], most - len(found)
                )
                found += read
        if not found:
            self._broker.clock += seconds
        return found

    def _join(self) -> bool:
        """False where it only hears that it was given up: it joins again with the next poll."""
        if self._has_joined and self.name not in self._shared.members:
            self._has_joined, self._is_given_up = False, True
            self._revoke(self._places)
            return False
        if not self._has_joined:
            self._has_joined, self._is_given_up = True, False
            was_known = self.name in self._shared.members
            self._shared.members[self.name] = self
            if not was_known:
                self._shared.share_out()
        return True

    def _rebalance(self) -> None:
        wanted, owned = self._shared.wanted, self._shared.owned
        self._revoke([each for each in self._places if wanted.get(each) != self.name])
        for partition, name in wanted.items():
            is_free = owned.get(partition, self.name) == self.name
            if name == self.name and is_free and partition not in self._places:
                owned[partition] = self.name
                first = self._broker.firsts.get(partition, 0)
                self._places[partition] = self._shared.committed.get(partition, first)
                self._changes.append(Assigned(partition))

    def _revoke(self, partitions: Iterable[Partition]) -> None:
        for partition in list(partitions):
            del self._places[partition]
            self._paused.discard(partition)
            if self._shared.owned.get(partition) == self.name:
                del self._shared.owned[partition]
            self._changes.append(Revoked(partition))

    def collect_changes(self) -> list[Change]:
        changes, self._changes = self._changes, []
        return changes

    @property
    def is_member(self) -> bool:
        return self._has_joined

    @property
    def membership(self) -> Membership:
        if not self._has_joined:
            raise Unavailable(f"the group has given up {self.name}")
        return Membership(self._shared, self, self._shared.generation)

    def measure_silence(self) -> float:
        return self._broker.silence

    @property
    def is_fenced(self) -> bool:
        return self._has_joined and self._shared.members.get(self.name, self) is not self

    def is_fenced_within_a_beat(self) -> bool:
        return self.is_fenced

    def claim_orphans(self) -> frozenset[Partition] | None:
        if self._shared.is_rebalancing:
            return None
        orphans = frozenset(self._shared.partitions) - self._shared.owned.keys()
        if orphans:
            self._shared.orphaned.clear()
            self._shared.share_out()
        return orphans

    def expect_topics(self) -> None:
        found = {each.topic for each in self._broker.logs}
        if gone := [topic for topic in self._topics if topic not in found]:
            raise TopicsLacking(describe_missing(self._settings, gone))

    def leave(self) -> None:
        self._broker.expect_reachable()
        self._shared.remove(self.name)

    def fetch_committed(self, partition: Partition) -> int | None:
        return self._shared.committed.get(partition)

    def fetch_bounds(self, partition: Partition) -> tuple[int, int]:
        return self._broker.fetch_bounds(partition)

    def count_behind(self, partition: Partition) -> int:
        if partition not in self._places or partition not in self._broker.logs:
            return 0
        return self._broker.find_stable_end(partition) - self._places[partition]

    def find_position(self, partition: Partition) -> int | None:
        return self._places.get(partition)

    def pause(self, partition: Partition, resume_at: int) -> None:
        if partition in self._places:
            self._paused.add(partition)
            self._places[partition] = resume_at

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)

    def commit(self, positions: Mapping[Partition, int]) -> bool:
        self._broker.expect_reachable()
        self.membership.expect_valid()
        if self._shared.is_rebalancing:
            return False
        self._shared.committed |= {each: at for each, at in positions.items() if each in self._places}
        return True
