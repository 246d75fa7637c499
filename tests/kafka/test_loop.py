"""The loop on a real broker: offsets only after acknowledgement, state restored, places checked."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import MemberToRemove
from tests.kafka.jobs import Sum, adding, echo, job, place, replicas
from tests.kafka.patience import PATIENCE_SECONDS, await_true, quick
from tests.kafka.tools import (
    Beside,
    Heard,
    beside,
    make_topic,
    process,
    read,
    values,
    write,
    write_values,
)

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import Outgoing, Record, Stateless, loop
from brentwatch.stream.clients import group_consumer
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.group_consumer import Assigned, Revoked
from brentwatch.stream.facts import (
    Orphaned,
    Restored,
    Restoring,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

KILLED_BETWEEN = """
import os, signal, sys, threading
from brentwatch.stream import loop
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.producer import Producer
from tests.kafka.jobs import echo
from tests.kafka.patience import quick
from tests.kafka.tools import Heard

class DiesOnceAcknowledged(Producer):
    def send(self, records):
        super().send(records)
        os.kill(os.getpid(), signal.SIGKILL)

class Deadly(Cluster):
    def open_producer(self):
        return DiesOnceAcknowledged(self.settings)

settings = quick(sys.argv[1], sys.argv[2])
loop.run(Deadly(settings), echo(settings), tell=Heard(), stop=threading.Event())
"""


KILLED_INSIDE = """
import os, signal, sys, threading
from brentwatch.stream import loop
from brentwatch.stream.clients import producer
from brentwatch.stream.clients.cluster import Cluster
from tests.kafka.jobs import adding
from tests.kafka.patience import quick
from tests.kafka.tools import Heard

def dies(self, records, positions, membership):
    self._client.begin_transaction()
    for each in records:
        producer._send(self._client, each).get(timeout=10)
    os.kill(os.getpid(), signal.SIGKILL)

producer.TransactionalProducer.transact = dies
settings = quick(sys.argv[1], sys.argv[2]).model_copy(update={"transaction_timeout_seconds": 600})
loop.run(Cluster(settings), adding(settings), tell=Heard(), stop=threading.Event())
"""


KILLED_GIVING_UP = """
import os, signal, sys, threading
from brentwatch.stream import loop
from brentwatch.stream.clients import group_consumer
from brentwatch.stream.clients.cluster import Cluster
from tests.kafka.jobs import echo
from tests.kafka.patience import quick
from tests.kafka.tools import Heard

def dies(self, revoked):
    os.kill(os.getpid(), signal.SIGKILL)

group_consumer._Listener.on_partitions_revoked = dies
settings = quick(sys.argv[1], sys.argv[2])
loop.run(Cluster(settings), echo(settings), tell=Heard(), stop=threading.Event())
"""


def test_what_is_answered_is_committed_and_the_group_is_left_at_the_stop(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in", 3), make_topic(settings, "out")
    for partition in range(3):
        write_values(settings, source, b"a", b"b", partition=partition)
    with beside(settings, echo(settings)):
        await_true(lambda: place(settings) == {0: 2, 1: 2, 2: 2}, "all is committed")
        assert replicas(settings) == 1
    assert sorted(value or b"" for value in values(settings, out)) == [b"a", b"a", b"a", b"b", b"b", b"b"]
    assert replicas(settings) == 0


def test_a_process_killed_between_acknowledgement_and_commit_answers_again(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in"), make_topic(settings, "out")
    write_values(settings, source, b"a")
    with process("-c", KILLED_BETWEEN, settings.bootstrap, settings.topic_prefix) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    assert values(settings, out) == [b"a"]
    assert place(settings) == {}
    with beside(settings, echo(settings)):
        await_true(lambda: place(settings) == {0: 1}, "the record is committed")
    assert values(settings, out) == [b"a", b"a"]


def made(settings: KafkaSettings) -> tuple[str, str]:
    """The topics of a sum: what comes in, what goes out."""
    make_topic(settings, "state", cleanup_policy="compact")
    return make_topic(settings, "in"), make_topic(settings, "out")


def test_state_is_taken_up_where_it_was_kept_and_nothing_is_answered_twice(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    first, second = Sum(settings), Sum(settings)
    with beside(settings, adding(settings, first)):
        await_true(lambda: len(values(settings, out)) == 2, "two are answered")
    write_values(settings, source, b"3")
    with beside(settings, adding(settings, second)) as running:
        await_true(lambda: len(values(settings, out)) == 3, "the third is answered")
    assert values(settings, out) == [b"1", b"3", b"6"]
    assert (first.restored, second.restored) == ([(0, None)], [(3, 2)])
    assert len(running.heard.of(Restored)) == 1


def test_a_process_killed_inside_a_transaction_leaves_nothing_behind(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    with process("-c", KILLED_INSIDE, settings.bootstrap, settings.topic_prefix) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 2}, "both are answered")
    assert values(settings, out) == [b"1", b"3"]


def test_a_process_that_is_back_without_its_partition_ends_what_it_left_open(
    settings: KafkaSettings,
) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    with process("-c", KILLED_INSIDE, settings.bootstrap, settings.topic_prefix) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    other = settings.model_copy(update={"replica": "other"})
    with beside(other, adding(other)) as successor:
        await_true(lambda: successor.heard.of(Restoring), "the session of the killed one is over")
        with beside(settings, adding(settings)):
            await_true(lambda: place(settings) == {0: 2}, "both are answered")
    assert values(settings, out) == [b"1", b"3"]


def test_a_rebuild_recreates_the_state_once_and_forgets_what_is_stale(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 2}, "both are answered")
    write(settings, Outgoing(topic=settings.topic("state"), partition=0, key=b"total", value=b"77"))
    write(settings, Outgoing(topic=settings.topic("state"), partition=0, key=b"stale", value=b"1"))
    rebuilt = Sum(settings)
    with beside(settings, adding(settings, rebuilt, rebuild=True)):
        write_values(settings, source, b"4")
        await_true(lambda: place(settings) == {0: 3}, "the third is answered")
    assert values(settings, out) == [b"1", b"3", b"7"]
    assert (rebuilt.refolded, rebuilt.restored) == (2, [])
    assert kept(settings) == {b"total": b"7", b"place": b"3"}


def test_a_second_process_of_the_same_name_shuts_the_first_one_out_which_says_so(
    settings: KafkaSettings,
) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1")
    first = Beside(settings, adding(settings), Heard())
    await_true(lambda: values(settings, out) == [b"1"], "the first answers")
    with beside(settings, adding(settings)):
        write_values(settings, source, b"2")
        await_true(lambda: values(settings, out) == [b"1", b"3"], "the second answers")
        await_true(lambda: first.ended, "the first has ended")
    with pytest.raises(
        SettingsError, match=r"another process has joined .* run: brentwatch .*kafka.replica="
    ):
        first.stop()
    assert values(settings, out) == [b"1", b"3"]


def test_a_member_that_its_group_gave_up_holds_nothing_and_commits_nothing(settings: KafkaSettings) -> None:
    make_topic(settings, "in", 2)
    with joined(settings, "one") as consumer:
        await_true(lambda: [consumer.poll(0.1, 1), consumer.is_member][1], "it is a member")
        assert [type(change) for change in consumer.collect_changes()] == [Assigned, Assigned]
        assert consumer.membership.generation_id > 0
        give_up(settings, "one")
        await_true(lambda: consumer._client.group_metadata().generation_id < 0, "it has heard of it")
        assert [type(change) for change in consumer.collect_changes()] == [Revoked, Revoked]
        assert consumer._client.assignment() == set()
        (assignor,) = consumer._client.config["partition_assignment_strategy"]
        assert assignor.metadata(["in"]).owned_partitions == []
        with pytest.raises(Unavailable, match="has removed"):
            consumer.membership  # noqa: B018 - it is asked for


def test_a_partition_is_read_on_after_a_pause_in_which_others_were_read(settings: KafkaSettings) -> None:
    source = make_topic(settings, "in", 2)
    for number in range(2):
        write_values(settings, source, *[b"1"] * 100, partition=number)
    with joined(settings, "one") as consumer:
        read = list[Record]()

        def read_on() -> int:
            read.extend(each for each in consumer.poll(0.1, 10) if isinstance(each, Record))
            return len(read)

        await_true(read_on, "the first records come")
        paused = read[0].partition
        consumer.pause(paused, resume_at=0)
        read.clear()
        await_true(lambda: read_on() == 100, "the other partition is read")
        assert paused not in {record.partition for record in read}
        consumer.resume(paused)
        await_true(lambda: read_on() == 200, "the first is read again")
    assert [record.offset for record in read if record.partition == paused] == list(range(100))


def joined(settings: KafkaSettings, name: str) -> closing[group_consumer.GroupConsumer]:
    """A member of the group of the tests that somebody has to poll."""
    group, topic = settings.group("test"), settings.topic("in")
    return closing(group_consumer.GroupConsumer(settings, group=group, topics=[topic], member=name))


def give_up(settings: KafkaSettings, name: str) -> None:
    """Let the group do what it does with a member that is silent for too long."""
    gone = MemberToRemove(member_id="", group_instance_id=name)
    with closing(KafkaAdminClient(bootstrap_servers=settings.bootstrap)) as client:
        client.remove_group_members(settings.group("test"), [gone])


def test_a_partition_whose_owner_died_handing_it_on_is_found(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in", 2), make_topic(settings, "out")
    two = settings.model_copy(update={"replica": "two"})
    with process("-c", KILLED_GIVING_UP, settings.bootstrap, settings.topic_prefix) as killed:
        await_true(lambda: replicas(settings) == 1, "the first is a member")
        with beside(two, echo(two)):
            assert killed.wait(60) == -signal.SIGKILL
            with beside(settings, echo(settings)) as back:
                write_values(settings, source, b"a", partition=0)
                write_values(settings, source, b"b", partition=1)
                await_true(lambda: place(settings) == {0: 1, 1: 1}, "both partitions are answered")
                (orphaned,) = back.heard.of(Orphaned)
    assert len(orphaned.partitions) == 1
    assert sorted(value or b"" for value in values(settings, out)) == [b"a", b"b"]


def test_records_that_were_deleted_with_all_behind_them_are_missed_too(settings: KafkaSettings) -> None:
    source, _ = made(settings)
    at_work, go_on = threading.Event(), threading.Event()

    def answer(_: Record) -> Sequence[Outgoing]:
        at_work.set()
        go_on.wait(PATIENCE_SECONDS)
        return []

    write_values(settings, source, b"a")
    running = Beside(settings, job(settings, lambda _: Stateless(answer)), Heard())
    await_true(at_work.is_set, "the first is at work")
    write_values(settings, source, b"b")
    delete_before(settings, source, 2)
    go_on.set()
    await_true(lambda: running.ended, "the loop ends")
    with pytest.raises(
        SettingsError, match=r"at offset 1 of .*, but offset 1 was deleted, 1 record is missing"
    ):
        running.stop()


def kept(settings: KafkaSettings) -> dict[bytes | None, bytes]:
    """What stands under each key of the state topic."""
    found: dict[bytes | None, bytes] = {}
    for record in read(settings, settings.topic("state")):
        found.pop(record.key, None)
        if record.value is not None:
            found[record.key] = record.value
    return found


def test_an_unreachable_broker_is_said_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match=r"Kafka at 127.0.0.1:1 failed while connecting: .*refused"):
        loop.Life(Cluster(quick("127.0.0.1:1", "")), echo(quick("127.0.0.1:1", "")), Heard(), set())


def delete_before(settings: KafkaSettings, topic: str, offset: int) -> None:
    with closing(Admin(settings)) as admin:
        admin._client.delete_records({TopicPartition(topic, 0): offset})
