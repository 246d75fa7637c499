"""What the loop relies on in its clients: the real ones and the fake ones must pass the same tests."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from brentwatch.core.errors import Unavailable
from brentwatch.stream import Outgoing, Partition, Record
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.connection import Fenced
from brentwatch.stream.clients.group_consumer import Assigned, GroupConsumer, Revoked

PATIENCE_SECONDS = 120.0


class World(ABC):
    """A cluster as the contract needs it, with what may befall it."""

    group: str
    source: str
    """A topic that each test makes."""

    @abstractmethod
    def enter(self, replica: str = "one") -> Cluster:
        """The clients of one process."""

    @abstractmethod
    def make_topic(self, name: str, partitions: int) -> None:
        """A new topic."""

    @abstractmethod
    def delete_before(self, partition: Partition, offset: int) -> None:
        """The records before an offset are deleted."""

    @abstractmethod
    def give_up(self, name: str) -> None:
        """The group gives up a member that was silent for too long."""

    @abstractmethod
    def leave_transaction_open(self, name: str, partition: Partition) -> None:
        """A producer of that name dies within a transaction, with one record written."""

    def write(self, *values: bytes, number: int = 0) -> None:
        """Records that are nothing but a value."""
        with closing(self.enter().open_producer()) as producer:
            producer.send([Outgoing(topic=self.source, partition=number, value=value) for value in values])

    def transact(self, *values: bytes, number: int = 0) -> None:
        """The same in one transaction."""
        with closing(self.enter("writer").open_transactional_producer(self.group)) as producer:
            records = [Outgoing(topic=self.source, partition=number, value=value) for value in values]
            producer.transact(records, {}, None)

    def join(self, replica: str = "one") -> closing[GroupConsumer]:
        """A member of the group, not yet polled."""
        return closing(self.enter(replica).join(self.group, [self.source]))


def poll_until(member: GroupConsumer, holds: Callable[[list[Record]], object]) -> list[Record]:
    """Poll until something holds of what was read."""
    read, deadline = list[Record](), time.monotonic() + PATIENCE_SECONDS
    while not holds(read):
        assert time.monotonic() < deadline, f"polled in vain; read: {read}"
        read += [each for each in member.poll(0.05, 100) if isinstance(each, Record)]
    return read


def poll_together(*members: GroupConsumer, until: Callable[[], object]) -> None:
    """Poll several members in turn until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "polled in vain"
        for each in members:
            each.poll(0.05, 100)


def offsets(records: list[Record]) -> list[tuple[int, int]]:
    return [(each.partition.number, each.offset) for each in records]


class ClientsContract(ABC):
    """A subclass gives a `world`."""

    @pytest.fixture
    @abstractmethod
    def world(self, request: pytest.FixtureRequest) -> World:
        """A cluster without topics."""

    @pytest.fixture
    def one(self, world: World) -> Partition:
        """The first of two partitions of the source."""
        world.make_topic(world.source, 2)
        return Partition(world.source, 0)

    @pytest.fixture
    def member(self, world: World, one: Partition) -> Iterator[GroupConsumer]:
        """A member that holds both partitions, all of which it has heard of."""
        with world.join() as member:
            poll_until(member, lambda _: member.is_member)
            assert sorted(map(type, member.collect_changes()), key=str) == [Assigned, Assigned]
            yield member

    def test_a_member_is_given_partitions_by_polling_and_reads_them_from_the_first_record(
        self, world: World, one: Partition
    ) -> None:
        world.write(b"a", b"b")
        with world.join() as member:
            before = member.is_member
            read = poll_until(member, lambda read: len(read) == 2)
            assert (before, member.is_member) == (False, True)
            changes = member.collect_changes()
            assert {each.partition.number for each in changes} == {0, 1}
            assert member.collect_changes() == []
        assert [(each.offset, each.value) for each in read] == [(0, b"a"), (1, b"b")]

    def test_a_member_reads_all_its_topics_and_commits_each(self, world: World, one: Partition) -> None:
        other = Partition(f"{world.source}.more", 0)
        world.make_topic(other.topic, 1)
        world.write(b"a")
        cluster = world.enter()
        with closing(cluster.open_producer()) as producer:
            producer.send([Outgoing(topic=other.topic, partition=0, value=b"b")])
        with closing(cluster.join(world.group, [world.source, other.topic])) as member:
            read = poll_until(member, lambda read: len(read) == 2)
            assert {each.partition: each.value for each in read} == {one: b"a", other: b"b"}
            assert member.commit({one: 1, other: 1})
            assert (member.fetch_committed(one), member.fetch_committed(other)) == (1, 1)
            member.expect_topics()

    def test_at_most_so_many_records_are_read_at_once(self, world: World, member: GroupConsumer) -> None:
        world.write(*[b"a"] * 5)
        read = list[int]()
        while sum(read) < 5:
            read.append(len(member.poll(0.05, 2)))
        assert max(read) == 2

    def test_who_is_back_under_its_name_goes_on_where_it_committed(
        self, world: World, one: Partition
    ) -> None:
        world.write(b"a", b"b", b"c")
        with world.join() as member:
            poll_until(member, lambda read: len(read) == 3)
            assert member.fetch_committed(one) is None
            assert member.commit({one: 2})
            assert member.fetch_committed(one) == 2
        with world.join() as member:
            assert offsets(poll_until(member, len)) == [(0, 2)]

    def test_a_paused_partition_is_not_read_and_begins_where_it_was_told(
        self, world: World, member: GroupConsumer, one: Partition
    ) -> None:
        member.pause(one, resume_at=1)
        world.write(b"a", b"b", b"c")
        world.write(b"x", number=1)
        assert offsets(poll_until(member, len)) == [(1, 0)]
        member.resume(one)
        assert offsets(poll_until(member, lambda read: len(read) == 2)) == [(0, 1), (0, 2)]

    def test_pausing_what_it_does_not_hold_does_nothing(self, world: World, member: GroupConsumer) -> None:
        member.pause(Partition(world.source, 7), resume_at=0)
        member.resume(Partition(world.source, 7))
        assert member.find_position(Partition(world.source, 7)) is None
        assert member.count_behind(Partition(world.source, 7)) == 0

    def test_a_second_member_is_given_what_the_first_gives_up(
        self, world: World, member: GroupConsumer
    ) -> None:
        with world.join("two") as other:
            came = list[Partition]()

            def has_come() -> bool:
                came.extend(each.partition for each in other.collect_changes())
                return bool(came)

            poll_together(member, other, until=has_come)
            assert member.collect_changes() == [Revoked(each) for each in came]
            assert len(came) == 1

    def test_who_leaves_hands_over_at_once(self, world: World, member: GroupConsumer) -> None:
        with world.join("two") as other:
            poll_together(member, other, until=other.collect_changes)
            member.leave()
            poll_until(other, lambda _: any(isinstance(each, Assigned) for each in other.collect_changes()))

    def test_who_was_given_up_loses_what_it_held_and_joins_again(
        self, world: World, member: GroupConsumer
    ) -> None:
        assert member.membership.generation_id > 0
        world.give_up("one")
        changes = list[type]()

        def has_lost() -> bool:
            changes.extend(type(each) for each in member.collect_changes())
            return bool(changes)

        poll_until(member, lambda _: has_lost())
        assert changes[:2] == [Revoked, Revoked]
        poll_until(member, lambda _: member.is_member)

    def test_another_process_of_the_same_name_shuts_the_first_one_out(
        self, world: World, member: GroupConsumer, one: Partition
    ) -> None:
        membership = member.membership
        with (
            closing(world.enter().open_transactional_producer(world.group)) as producer,
            world.join() as other,
        ):
            poll_until(other, lambda _: other.is_member)
            try:
                poll_until(member, lambda _: member.is_fenced)
            except Unavailable as error:  # it happened to join again at that moment
                assert "FencedInstanceId" in str(error)  # noqa: PT017 - the other way to learn of it
            else:
                assert member.is_fenced_within_a_beat()
            assert not other.is_fenced
            with pytest.raises(Fenced):
                producer.transact([Outgoing(topic=one.topic, partition=0, value=b"a")], {one: 1}, membership)
            assert other.fetch_committed(one) is None

    def test_a_second_producer_of_a_name_shuts_the_first_one_out(self, world: World, one: Partition) -> None:
        cluster, record = world.enter(), Outgoing(topic=one.topic, partition=0, value=b"a")
        with closing(cluster.open_transactional_producer(world.group)) as first:
            first.transact([record], {}, None)
            with closing(cluster.open_transactional_producer(world.group)) as second:
                with pytest.raises(Fenced):
                    first.transact([record], {}, None)
                second.transact([record], {}, None)
        with closing(cluster.open_reader(one, 0)) as reader:
            assert reader.fetch_bounds()[1] >= 4

    def test_a_transaction_writes_answers_and_offsets_together(
        self, world: World, member: GroupConsumer, one: Partition
    ) -> None:
        answer = Outgoing(topic=one.topic, partition=1, value=b"answer")
        with closing(world.enter().open_transactional_producer(world.group)) as producer:
            producer.transact([answer], {one: 5}, member.membership)
        assert [each.value for each in poll_until(member, len)] == [b"answer"]
        assert member.fetch_committed(one) == 5

    def test_markers_of_transactions_are_offsets_without_a_record(
        self, world: World, member: GroupConsumer, one: Partition
    ) -> None:
        world.transact(b"a", b"b")
        read = poll_until(member, lambda _: member.find_position(one) == 3)
        assert offsets(read) == [(0, 0), (0, 1)]
        assert member.fetch_bounds(one) == (0, 3)
        assert member.count_behind(one) == 0

    def test_who_opens_a_producer_ends_what_the_last_of_its_name_left_open(
        self, world: World, one: Partition
    ) -> None:
        cluster = world.enter("writer")
        world.leave_transaction_open(cluster.settings.name_member(world.group), one)
        world.write(b"behind")
        with closing(cluster.open_reader(one, 0)) as reader:
            assert reader.poll(0.3) == []
            assert reader.position == 0
            assert reader.fetch_bounds() == (0, 2)
            cluster.open_transactional_producer(world.group).close()
            deadline, read = time.monotonic() + PATIENCE_SECONDS, list[Record]()
            while reader.position < 3 and time.monotonic() < deadline:
                read += reader.poll(0.1)
        assert [(each.offset, each.value) for each in read] == [(1, b"behind")]

    def test_what_was_deleted_behind_the_committed_offset_is_passed_in_silence(
        self, world: World, member: GroupConsumer, one: Partition
    ) -> None:
        assert member.commit({one: 0})
        member.close()
        world.write(b"a", b"b", b"c")
        world.delete_before(one, 2)
        with world.join() as later:
            assert offsets(poll_until(later, len)) == [(0, 2)]
            assert later.fetch_bounds(one) == (2, 3)

    def test_nothing_is_orphaned_where_each_partition_has_an_owner(self, member: GroupConsumer) -> None:
        found: list[frozenset[Partition] | None] = [None]

        def ask() -> bool:
            found[0] = member.claim_orphans()
            return found[0] is not None

        poll_until(member, lambda _: ask())
        assert found == [frozenset()]

    def test_a_topic_that_is_not_there_is_said(self, world: World) -> None:
        cluster = world.enter()
        with (
            closing(cluster.open_reader(Partition(world.source, 0), 0)) as reader,
            pytest.raises(Unavailable, match=f"topic {world.source} does not exist"),
        ):
            reader.fetch_bounds()
        with world.join() as member, pytest.raises(Unavailable, match=f"topic {world.source} does not exist"):
            member.expect_topics()
