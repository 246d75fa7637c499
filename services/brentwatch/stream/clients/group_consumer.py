"""A member of a consumer group, which commits only on request.

It works around what kafka-python 3.0.12 does not report or forgets; each place says why.
"""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaAdminClient, OffsetAndMetadata
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import RebalanceInProgressError

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients import connection, consumer
from brentwatch.stream.clients.admin import Admin, describe_missing
from brentwatch.stream.records import Partition, Record, Unreadable
from brentwatch.stream.settings import KafkaSettings

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Assigned:
    """The group gave a partition to this process."""

    partition: Partition


@dataclass(frozen=True, slots=True)
class Revoked:
    """The group took a partition away, or the process lost it."""

    partition: Partition


Change = Assigned | Revoked


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka is untyped
    """Runs on the thread of the client, where nothing may block: it only records what changed."""

    def __init__(self) -> None:
        self.changes: deque[Change] = deque()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self.changes.extend(Assigned(consumer.convert_from_kafka(each)) for each in assigned)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self.changes.extend(Revoked(consumer.convert_from_kafka(each)) for each in revoked)

    def on_partitions_lost(self, lost: Iterable[Any]) -> None:
        self.on_partitions_revoked(lost)


def _ignore_if_gone() -> AbstractContextManager[bool | None]:
    """One poll may assign a partition and revoke it again before `collect_changes` is called."""
    return suppress(KeyError)


class GroupConsumer:
    """A member of a consumer group on some topics. It commits only on request.

    Membership is static: a process that is started again under the same `member` name gets its partitions
    back at once, and the process that had the name before is fenced.
    """

    def __init__(self, settings: KafkaSettings, *, group: str, topics: Sequence[str], member: str) -> None:
        self._settings = settings
        self._group, self._topics, self._member = group, tuple(topics), member
        connection.check_connection(settings)
        self._listener = _Listener()
        assignor = CooperativeStickyAssignor()  # one a consumer: a shared one rebalances for ever
        with connection.translate_errors(settings, f"joining the consumer group {group}"):
            self._client = consumer.open_consumer(
                **consumer.build_consumer_options(settings),
                group_id=group,
                group_instance_id=member,
                partition_assignment_strategy=[assignor],
                session_timeout_ms=connection.milliseconds(settings.session_timeout_seconds),
                heartbeat_interval_ms=connection.milliseconds(settings.beat_seconds),
            )
            self._drop_with_membership(assignor)
            # A member that joins before it knows a topic gets no partition of it, and must join once more.
            for topic in self._topics:
                self._client.partitions_for_topic(topic)
            self._client.subscribe(list(self._topics), listener=self._listener)

    def _drop_with_membership(self, assignor: Any) -> None:
        """Awkward, and needed with kafka-python 3.0.12, which never calls `on_partitions_lost`.

        A member that the group has removed joins again and claims its previous partitions, which another
        member may have processed in the meantime. So they count as revoked with the membership, and may be
        assigned again.
        """
        coordinator, subscription = self._client._coordinator, self._client._subscription
        given_up = coordinator.reset_generation

        def reset_generation(*arguments: Any, **named: Any) -> None:
            given_up(*arguments, **named)
            assignor.member_assignment = None  # what it claims when it joins
            if held := subscription.assigned_partitions():
                self._listener.on_partitions_lost(held)
                subscription.assign_from_subscribed([])

        coordinator.reset_generation = reset_generation

    def poll(self, seconds: float, most: int) -> list[Record | Unreadable]:
        """The records that arrive within `seconds`, at most `most`, including the unreadable ones.

        Raises:
            Unavailable: if Kafka fails.
        """
        with connection.translate_errors(self._settings, "reading"):
            found = consumer.poll_records(self._client, seconds, most)
            self._join_again_if_forgotten()
            return found

    def _join_again_if_forgotten(self) -> None:
        """Awkward, and needed with kafka-python 3.0.12: without it a member may never join again.

        If a change of metadata starts a join and the poll ends before the join does, the join is forgotten:
        the member neither joins nor sends heartbeats, and the broker removes it. No public call shows or
        repairs that.
        """
        coordinator = self._client._coordinator
        task = coordinator._join_task
        if task is not None and task.is_done and not self.is_member and not coordinator.need_rejoin():
            coordinator.request_rejoin()

    def collect_changes(self) -> list[Change]:
        """The partitions assigned and revoked since the last call, in order. Handle them first."""
        waiting = self._listener.changes
        return [waiting.popleft() for _ in range(len(waiting))]

    @property
    def is_member(self) -> bool:
        """True while the group counts this process as a member, with or without partitions."""
        return bool(self._client.group_metadata().state == "<stable>")

    @property
    def membership(self) -> Any:
        """What the group knows of this member, for the transactions of a producer.

        Raises:
            Unavailable: if the group has given this member up: others may have gone on meanwhile, and where
                a group is empty the broker takes offsets from anybody.
        """
        known = self._client.group_metadata()
        if known.generation_id < 0:
            raise Unavailable(
                f"the group {self._group} has removed {self._member}, which sent no heartbeat in time; it "
                "joins again, and the current owner of each partition answers what was read"
            )
        return known

    def measure_silence(self) -> float:
        """Seconds since the group last answered this member.

        Awkward with kafka-python 3.0.12: while no broker answers, polls return nothing and raise no error.
        """
        heartbeat = self._client._coordinator.heartbeat
        return float(time.monotonic() - max(heartbeat.last_receive, heartbeat.last_reset))

    @property
    def is_fenced(self) -> bool:
        """True once another process has joined under the same member name.

        Awkward with kafka-python 3.0.12, which only logs it: a fenced member counts itself as stable and no
        longer sends heartbeats. No public call shows that.
        """
        coordinator = self._client._coordinator
        return bool(coordinator.stable() and not coordinator._heartbeat_enabled)

    def is_fenced_within_a_beat(self) -> bool:
        """Wait for the next heartbeat, and return whether another process has this member name."""
        end = time.monotonic() + 2 * self._settings.beat_seconds
        while time.monotonic() < end and not self.is_fenced:
            time.sleep(_LOOK_SECONDS)
        return self.is_fenced

    def claim_orphans(self) -> frozenset[Partition] | None:
        """Make the group reassign its partitions if some have no owner; returns those, None in a rebalance.

        If a static member ends after it gave up a partition and before the join that assigns it to another
        member, it returns without that partition. Without this call nobody would read it until the membership
        changes.
        """
        with closing(Admin(self._settings)) as admin:
            owned = admin.list_owned(self._group)
        if owned is None:
            return None
        with connection.translate_errors(
            self._settings, f"asking for the partitions of {', '.join(self._topics)}"
        ):
            known = {topic: self._client.partitions_for_topic(topic) or () for topic in self._topics}
        orphans = frozenset(Partition(topic, each) for topic, numbers in known.items() for each in numbers)
        orphans -= owned
        if orphans:
            self._client._coordinator.request_rejoin()  # awkward: no public call asks for it
        return orphans

    def expect_topics(self) -> None:
        """Make sure that the topics exist: kafka-python 3.0.12 waits for a missing one without a message.

        Raises:
            Unavailable: if one was deleted.
        """
        with closing(Admin(self._settings)) as admin:
            found = admin.count_partitions(self._topics)
        if gone := [topic for topic in self._topics if topic not in found]:
            raise Unavailable(describe_missing(self._settings, gone))

    def leave(self) -> None:
        """Leave the group for good, so that others take the partitions over at once.

        A static member that only closes keeps them until its session has timed out.
        """
        me = MemberToRemove(member_id=self._client.group_metadata().member_id, group_instance_id=self._member)
        with connection.translate_errors(self._settings, f"leaving the consumer group {self._group}"):
            admin = KafkaAdminClient(**connection.build_options(self._settings))
            try:
                admin.remove_group_members(self._group, [me])
            finally:
                admin.close()

    def fetch_committed(self, partition: Partition) -> int | None:
        """The offset of the first record that the group has not answered; None where it never committed."""
        with connection.translate_errors(self._settings, f"asking for the committed offset of {partition}"):
            timeout = connection.milliseconds(self._settings.request_timeout_seconds)
            offset = self._client.committed(connection.convert_to_kafka(partition), timeout_ms=timeout)
            return None if offset is None else int(offset)

    def fetch_bounds(self, partition: Partition) -> tuple[int, int]:
        """The first offset that the broker still holds, and the one after the last."""
        return consumer.ask_bounds(self._client, self._settings, partition)

    def count_behind(self, partition: Partition) -> int:
        """How many offsets of a partition can be read and were not, as last fetched; 0 before that.

        Transaction markers count until they are passed; a reader without new records has passed them all.
        """
        end = self._client.stable_ends.get(connection.convert_to_kafka(partition), 0)
        place = self.find_position(partition)
        return 0 if place is None else max(0, int(end) - place)

    def find_position(self, partition: Partition) -> int | None:
        """The offset that is read next, markers of transactions passed; None where it is not known yet."""
        try:
            state = self._client._subscription.assignment[
                connection.convert_to_kafka(partition)
            ]  # `position` would wait for it
        except KeyError:  # it went
            return None
        return None if state.position is None else int(state.position.offset)

    def pause(self, partition: Partition, resume_at: int) -> None:
        """Read no more of a partition, and begin at `resume_at` once it is resumed."""
        with connection.translate_errors(self._settings, f"pausing {partition}"), _ignore_if_gone():
            self._client.pause(connection.convert_to_kafka(partition))
            self._client.seek(connection.convert_to_kafka(partition), resume_at)

    def resume(self, partition: Partition) -> None:
        """Read a paused partition again.

        Awkward with kafka-python 3.0.12: records fetched before the pause are set aside, and used only if no
        other partition was read meanwhile; otherwise the partition would never be read again. So these
        records are dropped and fetched again.
        """
        tp, fetcher = connection.convert_to_kafka(partition), self._client._fetcher
        with connection.translate_errors(self._settings, f"resuming {partition}"), _ignore_if_gone():
            fetcher._paused_completed_fetches.pop(tp, None)
            fetcher._paused_partition_records.pop(tp, None)
            self._client.resume(tp)

    def commit(self, positions: Mapping[Partition, int]) -> bool:
        """Commit the offsets to be read next; False while the group rebalances: poll, then try again.

        Raises:
            Unavailable: if Kafka fails, or the partitions went to another member meanwhile.
        """
        wanted = {
            connection.convert_to_kafka(each): OffsetAndMetadata(offset) for each, offset in positions.items()
        }
        held = self._client.assignment() or set()
        offsets = {each: offset for each, offset in wanted.items() if each in held}
        with connection.translate_errors(self._settings, "committing offsets"):
            try:
                timeout = connection.milliseconds(self._settings.request_timeout_seconds)
                self._client.commit(offsets, timeout_ms=timeout)
            except RebalanceInProgressError:
                return False
        return True

    def close(self) -> None:
        """Close; the group keeps the place of this member until its session has timed out, or it is back."""
        with connection.translate_errors(self._settings, "closing a member of the consumer group"):
            self._client.close(
                autocommit=False, timeout_ms=connection.milliseconds(self._settings.request_timeout_seconds)
            )
