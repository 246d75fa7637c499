"""The loop on a real broker: offsets only after acknowledgement, state restored, places checked."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.admin import MemberToRemove
from tests.kafka.jobs import Sum, adding, echo, is_ready, job, place, replicas
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
from brentwatch.stream import loop
from brentwatch.stream.clients import group_consumer
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.connection import ask_until_ready
from brentwatch.stream.clients.group_consumer import Assigned, Revoked
from brentwatch.stream.clients.producer import TransactionalProducer
from brentwatch.stream.facts import (
    Behind,
    Broken,
    DeadLettered,
    Delivered,
    Orphaned,
    Rebalanced,
    Restored,
    Restoring,
    Stopped,
    Turned,
    WentOnWithout,
)
from brentwatch.stream.job import Stateless, Unclaimed
from brentwatch.stream.records import Outgoing, Partition, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.stream.clients.group_consumer import Change
    from brentwatch.stream.job import Job
    from brentwatch.stream.settings import KafkaSettings

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


def test_nothing_is_committed_while_the_answer_is_not_acknowledged(settings: KafkaSettings) -> None:
    source = make_topic(settings, "in")
    write_values(settings, source, b"a")
    with beside(settings, echo(settings, to="later")) as running:
        await_true(lambda: running.heard.of(Broken), "the missing topic is noticed")
        assert place(settings) == {}
        later = make_topic(settings, "later")
        await_true(lambda: place(settings) == {0: 1}, "the record is answered")
    assert values(settings, later) == [b"a"]
    assert "later does not exist on Kafka at" in running.heard.of(Broken)[0].reason


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


def test_what_takes_long_is_delivered_in_parts(
    settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_LONGEST_SECONDS", 0.0)
    source, out = made(settings)
    write_values(settings, source, b"1", b"2", b"3")
    with beside(settings, adding(settings)) as running:
        await_true(lambda: place(settings) == {0: 3}, "all three are answered")
    assert values(settings, out) == [b"1", b"3", b"6"]
    assert running.heard.of(Delivered) == [Delivered(3)] * 3


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


def test_a_place_that_does_not_belong_to_what_was_kept_stops_the_service(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 2}, "both are answered")
    move_group(settings, source, 1)
    with pytest.raises(SettingsError, match=r"has come to offset 2 .* at offset 1; .*run: .* --from-state"):
        until_it_ends(settings, adding(settings))
    with beside(settings, adding(settings, from_state=True)):
        await_true(lambda: place(settings) == {0: 2}, "the group stands where the state does")
    write_values(settings, source, b"4")
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 3}, "the third is answered")
    assert values(settings, out) == [b"1", b"3", b"7"]


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


def test_a_worker_is_told_when_nothing_waits_to_be_read(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1")
    worker = Sum(settings)
    with beside(settings, adding(settings, worker)):
        await_true(lambda: worker.idled > 1, "the worker was idle")
    assert values(settings, out) == [b"1"]


def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_the_loop_goes_on(
    settings: KafkaSettings,
) -> None:
    (source, out), dead = made(settings), make_topic(settings, "dead")
    write(settings, *(Outgoing(topic=source, key=b"k", value=value) for value in (b"1", b"bad", b"2")))
    with beside(settings, adding(settings)) as running:
        await_true(lambda: place(settings) == {0: 3}, "all three are answered")
    assert values(settings, out) == [b"1", b"3"]
    (letter,) = read(settings, dead)
    assert (letter.key, letter.value) == (b"k", b"bad")
    assert letter.headers == (
        ("reason", b"schema"),
        ("detail", b"'bad' is not a number"),
        ("topic", source.encode()),
        ("partition", b"0"),
        ("offset", b"1"),
    )
    assert [told.reason for told in running.heard.of(DeadLettered)] == ["schema"]


def test_a_rebuild_passes_over_what_became_a_dead_letter(settings: KafkaSettings) -> None:
    (source, out), dead = made(settings), make_topic(settings, "dead")
    write_values(settings, source, b"1", b"bad", b"2")
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 3}, "all three are answered")
    write_values(settings, source, b"3")
    with beside(settings, adding(settings, rebuild=True)):
        await_true(lambda: place(settings) == {0: 4}, "the fourth is answered")
    assert values(settings, out) == [b"1", b"3", b"6"]
    assert len(values(settings, dead)) == 1


def test_a_partition_that_nobody_claims_is_left_alone(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in", 2), make_topic(settings, "out")
    write_values(settings, source, b"1", partition=0)
    write_values(settings, source, b"1", partition=1)
    claimed = Stateless(lambda record: [Outgoing(topic=out, value=record.value)])
    with beside(settings, job(settings, lambda at: Unclaimed() if at.number else claimed)) as running:
        await_true(lambda: place(settings) == {0: 1}, "the claimed one is answered")
        turns = len(running.heard.of(Turned))
        await_true(lambda: len(running.heard.of(Turned)) > turns + 5, "the loop has gone round")
    assert values(settings, out) == [b"1"]
    assert place(settings) == {0: 1}


def test_a_partition_is_ready_only_when_it_is_restored(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, *[b"1"] * 2000)
    with beside(settings, adding(settings)):
        await_true(lambda: place(settings) == {0: 2000}, "all are answered")
    with beside(settings, adding(settings)) as running:
        await_true(lambda: is_ready(running), "the loop is ready")
        facts = list(running.heard.facts)
    ready = next(place for place, fact in enumerate(facts) if isinstance(fact, Turned) and fact.ready)
    restored = next(place for place, fact in enumerate(facts) if isinstance(fact, Restored))
    assert restored < ready
    assert len(values(settings, out)) == 2000


def test_a_member_without_partitions_stands_by_and_takes_over(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1")
    work, two = adding(settings), settings.model_copy(update={"replica": "two"})
    with beside(settings, work) as one, beside(two, work) as other:
        await_true(lambda: replicas(settings) == 2, "both are members")
        await_true(lambda: is_ready(one) and is_ready(other), "both are ready")
        await_true(lambda: len(values(settings, out)) == 1, "one of them answers")
        holder, standby = (one, other) if one.heard.of(Restored) else (other, one)
        assert not standby.heard.of(Restored)
        holder.stop()
        write_values(settings, source, b"2")
        await_true(lambda: len(values(settings, out)) == 2, "the other answers")
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
        with pytest.raises(Unavailable, match="has given up"):
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
    return closing(group_consumer.GroupConsumer(settings, group=group, topic=topic, member=name))


def give_up(settings: KafkaSettings, name: str) -> None:
    """Let the group do what it does with a member that is silent for too long."""
    gone = MemberToRemove(member_id="", group_instance_id=name)
    with closing(KafkaAdminClient(bootstrap_servers=settings.bootstrap)) as client:
        client.remove_group_members(settings.group("test"), [gone])


def test_what_one_poll_brings_and_takes_away_again_is_left_to_the_other(
    settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(group_consumer.GroupConsumer):
        """Tells what came only when some of it has been taken away again."""

        held: tuple[Change, ...] = ()
        told = False

        def collect_changes(self) -> list[Change]:
            self.held += tuple(super().collect_changes())
            if "two" not in self._member and not (
                self.told or any(isinstance(it, Revoked) for it in self.held)
            ):
                return []
            held, self.held, self.told = self.held, (), True
            return list(held)

    monkeypatch.setattr(loop, "GroupConsumer", Late)
    source, out = make_topic(settings, "in", 2), make_topic(settings, "out")
    two = settings.model_copy(update={"replica": "two"})
    stateless = Stateless(lambda record: [Outgoing(topic=out, value=record.value)])
    for opened in (stateless, Unclaimed()):
        with beside(settings, job(settings, lambda _: opened)):  # noqa: B023 - called within the turn
            await_true(lambda: replicas(settings) == 1, "the first is a member")
            with beside(two, job(two, lambda _: stateless)) as other:
                await_true(lambda: other.heard.of(Rebalanced), "the second is given a partition")
                write_values(settings, source, b"1", partition=0)
                write_values(settings, source, b"1", partition=1)
                await_true(lambda: len(values(settings, out)) >= 1, "it answers")
    assert set(values(settings, out)) == {b"1"}


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


def test_records_deleted_before_they_were_read_stop_the_service(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in"), make_topic(settings, "out")
    write_values(settings, source, b"a")
    with beside(settings, echo(settings)):
        await_true(lambda: place(settings) == {0: 1}, "the first is answered")
    write_values(settings, source, b"b", b"c")
    delete_before(settings, source, 3)
    with pytest.raises(
        SettingsError, match=r"at offset 1 of partition 0 of .*in: offsets 1 to 2 were deleted, 2 records"
    ):
        until_it_ends(settings, echo(settings))
    write_values(settings, source, b"d")
    with beside(settings, replace(echo(settings), partial=True)) as running:
        await_true(lambda: place(settings) == {0: 4}, "what is left is answered")
    assert values(settings, out) == [b"a", b"d"]
    assert running.heard.of(WentOnWithout) == [WentOnWithout(Partition(source, 0), 3)]


def test_records_deleted_before_they_were_read_while_it_runs_stop_the_service(
    settings: KafkaSettings,
) -> None:
    source, _ = made(settings)
    at_work, go_on = threading.Event(), threading.Event()

    def answer(_: Record) -> Sequence[Outgoing]:
        at_work.set()
        go_on.wait(PATIENCE_SECONDS)
        return []

    write_values(settings, source, b"a")
    running = Beside(settings, job(settings, lambda _: Stateless(answer)), Heard())
    await_true(at_work.is_set, "the first is at work")
    write_values(settings, source, b"b", b"c", b"d")
    delete_before(settings, source, 3)
    go_on.set()
    await_true(lambda: running.ended, "the loop ends")
    with pytest.raises(SettingsError, match=r"at offset 1 of .*: offsets 1 to 2 were deleted, 2 records"):
        running.stop()


def test_at_rest_nothing_waits_behind_transactions(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in"), make_topic(settings, "out")
    with closing(TransactionalProducer(settings, f"{settings.topic_prefix}writer")) as writer:
        for value in (b"a", b"b"):
            writer.transact([Outgoing(topic=source, partition=0, value=value)], {}, None)
    with beside(settings, echo(settings)) as running:
        await_true(lambda: place(settings) == {0: 4}, "the group has passed the last marker")
        await_true(lambda: running.heard.of(Behind)[-1].records == 0, "nothing waits")
        with closing(Admin(settings)) as admin:
            assert admin.count_behind(settings.group("test"), source) == 0
    assert values(settings, out) == [b"a", b"b"]


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
    with pytest.raises(SettingsError, match=r"at offset 1 of .*: offset 1 was deleted, 1 record is missing"):
        running.stop()


def test_a_place_beyond_the_end_stops_the_service(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in"), make_topic(settings, "out")
    write_values(settings, source, b"a", b"b")
    move_group(settings, source, 5)
    with pytest.raises(SettingsError, match=r"at offset 5 of partition 0 of .*in, which ends at offset 2"):
        until_it_ends(settings, echo(settings))
    with beside(settings, replace(echo(settings), partial=True)):
        await_true(lambda: place(settings) == {0: 2}, "the topic is read anew")
    assert values(settings, out) == [b"a", b"b"]


def test_a_state_whose_beginning_was_deleted_cannot_be_rebuilt(settings: KafkaSettings) -> None:
    source, out = made(settings)
    write_values(settings, source, b"1", b"2")
    delete_before(settings, source, 1)
    with pytest.raises(SettingsError, match=r"offset 0 was deleted, 1 record is missing, .* --partial"):
        until_it_ends(settings, adding(settings, rebuild=True))
    worker = Sum(settings)
    with beside(settings, adding(settings, worker, rebuild=True, partial=True)):
        await_true(lambda: place(settings) == {0: 2}, "what is left is answered")
    assert worker.is_partial
    assert values(settings, out) == [b"2"]


def test_a_partition_that_lacks_its_beginning_does_not_stop_the_others(settings: KafkaSettings) -> None:
    source, out = make_topic(settings, "in", 2), make_topic(settings, "out")
    make_topic(settings, "state", 2, cleanup_policy="compact")
    write_values(settings, source, b"1", b"2")
    write_values(settings, source, b"5", partition=1)
    delete_before(settings, source, 1)
    sums = job(settings, lambda each: Sum(settings, each.number), state_topic=settings.topic("state"))
    with beside(settings, sums) as running:
        await_true(lambda: place(settings) == {1: 1}, "the whole partition is answered")
        await_true(lambda: running.heard.of(Stopped), "the other one is told")
        assert not is_ready(running)
    assert values(settings, out) == [b"5"]
    (stopped,) = running.heard.of(Stopped)
    assert stopped.partition == Partition(source, 0)
    assert "offset 0 was deleted, 1 record is missing" in stopped.reason


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


def move_group(settings: KafkaSettings, topic: str, offset: int) -> None:
    with closing(Admin(settings)) as admin:
        places = {TopicPartition(topic, 0): OffsetAndMetadata(offset)}
        client, group = admin._client, settings.group("test")
        ask_until_ready(settings, "moving a group", lambda: client.alter_group_offsets(group, places))


def delete_before(settings: KafkaSettings, topic: str, offset: int) -> None:
    with closing(Admin(settings)) as admin:
        admin._client.delete_records({TopicPartition(topic, 0): offset})


def until_it_ends(settings: KafkaSettings, work: Job) -> None:
    """Run a loop that is expected to end by itself, by raising."""
    with beside(settings, work) as running:
        await_true(lambda: running.ended, "the loop ends")
