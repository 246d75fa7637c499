"""The dead-letter limit with the action "stop": it holds the loop back, through restarts, until accepted."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaProducer
from tests.kafka.jobs import is_ready, job, number, place, replicas
from tests.kafka.patience import await_true
from tests.kafka.tools import Heard, beside, make_topic, read, values, write, write_values

from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.dead_letters import guard as dead_guard
from brentwatch.stream.dead_letters.guard import Guard
from brentwatch.stream.dead_letters.notes import Reached, build_accepted_note, build_limit_note, parse_note
from brentwatch.stream.dead_letters.topic import parse_letter
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.facts import (
    DeadLettered,
    LimitOpen,
    LimitReached,
    LimitUnknown,
    StrangersFound,
    Turned,
)
from brentwatch.stream.job import Stateless
from brentwatch.stream.records import Outgoing, Partition, Record, build_dead_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.kafka.tools import Beside

    from brentwatch.stream.dead_letters.notes import Note
    from brentwatch.stream.job import Job
    from brentwatch.stream.settings import KafkaSettings

pytestmark = pytest.mark.kafka

THREE_IN_A_ROW = Limits(ratio=1, over=10, consecutive=3, action="stop")
A_FIFTH = Limits(ratio=0.2, over=10, consecutive=1_000, action="stop")


@pytest.fixture(autouse=True)
def _topics(settings: KafkaSettings) -> None:
    make_topic(settings, "in", 2)
    make_topic(settings, "out")
    make_topic(settings, "dead")
    make_topic(settings, "dead.notes")


def limited(settings: KafkaSettings, limits: Limits = THREE_IN_A_ROW) -> Job:
    """A job that answers each number with itself, and takes everything else for unreadable."""

    def answer(record: Record) -> Sequence[Outgoing]:
        return [Outgoing(topic=settings.topic("out"), value=str(number(record)).encode())]

    return replace(job(settings, lambda _: Stateless(answer)), dead_limit=limits)


def arrive(settings: KafkaSettings, *messages: bytes, partition: int = 0) -> None:
    write_values(settings, settings.topic("in"), *messages, partition=partition)


def accept(settings: KafkaSettings) -> None:
    """Accept every letter and every limit."""
    through, limits = len(read(settings, settings.topic("dead"))), len(notes(settings))
    write(settings, build_accepted_note(settings.topic("dead.notes"), through - 1, limits - 1))


def notes(settings: KafkaSettings) -> list[Note | None]:
    return [parse_note(record) for record in read(settings, settings.topic("dead.notes"))]


def letters(settings: KafkaSettings) -> list[bytes | None]:
    """What was moved to the dead letters."""
    records = read(settings, settings.topic("dead"))
    return [record.value for record in records if parse_letter(record) is not None]


def out(settings: KafkaSettings) -> list[bytes | None]:
    return values(settings, settings.topic("out"))


def await_reached(running: Beside) -> None:
    await_true(lambda: running.heard.of(LimitReached), "the limit is reached")


def await_turns(running: Beside) -> None:
    """Wait until the loop has gone round a few more times."""
    before = len(running.heard.of(Turned))
    await_true(lambda: len(running.heard.of(Turned)) > before + 5, "the loop goes round")


def test_below_the_limit_the_stream_goes_on(settings: KafkaSettings) -> None:
    arrive(settings, b"1", b"x", b"x", b"2", b"x", b"x", b"3")
    with beside(settings, limited(settings)) as running:
        await_true(lambda: place(settings) == {0: 7}, "all are answered")
        await_true(lambda: is_ready(running), "the loop is ready")
    assert out(settings) == [b"1", b"2", b"3"]
    assert letters(settings) == [b"x"] * 4
    assert (len(running.heard.of(LimitOpen)), running.heard.of(LimitReached)) == (1, [])


def test_at_the_limit_what_came_before_is_delivered_and_the_rest_waits(settings: KafkaSettings) -> None:
    arrive(settings, b"1", b"x1", b"x2", b"x3", b"x4", b"2")
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        await_true(lambda: place(settings) == {0: 3}, "what came before is committed")
        await_turns(running)
        assert replicas(settings) == 1
        assert not is_ready(running)
    assert place(settings) == {0: 3}
    assert out(settings) == [b"1"]
    assert letters(settings) == [b"x1", b"x2"]
    assert [told.reason for told in running.heard.of(LimitReached)] == [
        f"dead-letter limit: 3 in a row, the last at offset 3 of partition 0 of {settings.topic('in')}; "
        "look with `brentwatch dead list`, go on with `brentwatch dead accept`"
    ]
    assert len(running.heard.of(DeadLettered)) == 2
    assert isinstance(notes(settings)[-1], Reached)


def test_the_share_of_the_newest_reaches_the_limit_too(settings: KafkaSettings) -> None:
    arrive(settings, *[b"1", b"x"] * 10)
    with beside(settings, limited(settings, A_FIFTH)) as running:
        await_reached(running)
        await_true(lambda: place(settings) == {0: 9}, "what came before is committed")
    assert (len(out(settings)), len(letters(settings))) == (5, 4)


def test_a_row_counts_over_all_partitions_of_the_process(settings: KafkaSettings) -> None:
    for partition in (0, 1):
        arrive(settings, b"x", b"x", partition=partition)
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        await_turns(running)
    assert len(letters(settings)) == 2


def test_records_of_every_partition_wait_and_none_is_lost(settings: KafkaSettings) -> None:
    arrive(settings, b"x", b"x", b"x", b"1", partition=0)
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        arrive(settings, b"2", b"3", partition=1)
        await_turns(running)
        assert out(settings) == []
        accept(settings)
        await_true(lambda: place(settings) == {0: 4, 1: 2}, "all are answered")
    assert sorted(value or b"" for value in out(settings)) == [b"1", b"2", b"3"]
    assert letters(settings) == [b"x"] * 3


def test_a_restart_moves_nothing_however_often(settings: KafkaSettings) -> None:
    arrive(settings, *[b"x"] * 9, partition=0)
    arrive(settings, *[b"1"] * 9, partition=1)
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        await_true(lambda: letters(settings), "letters are delivered")
    before, committed, answered = notes(settings), place(settings), out(settings)
    moved = letters(settings)
    for _ in range(3):
        with beside(settings, limited(settings)) as running:
            await_reached(running)
            await_true(lambda: replicas(settings) == 1, "it is a member")
            await_turns(running)
        assert not any(turn.ready for turn in running.heard.of(Turned))
    assert (notes(settings), place(settings), out(settings)) == (before, committed, answered)
    assert letters(settings) == moved


def test_what_was_counted_below_the_limit_is_found_again_after_a_restart(settings: KafkaSettings) -> None:
    arrive(settings, b"1", b"x", b"x")
    with beside(settings, limited(settings)):
        await_true(lambda: place(settings) == {0: 3}, "all are answered")
    arrive(settings, b"x")
    with beside(settings, limited(settings)) as running:
        await_reached(running)
    assert (len(letters(settings)), place(settings)) == (2, {0: 3})


def test_once_accepted_the_stream_goes_on_and_the_limit_starts_anew(settings: KafkaSettings) -> None:
    arrive(settings, b"x1", b"x2", b"x3", b"x4", b"1", b"x5", b"x6", b"x7", b"2")
    with beside(settings, limited(settings)) as running:
        await_true(lambda: len(notes(settings)) == 1, "the limit is written down")
        accept(settings)
        await_true(lambda: len(running.heard.of(LimitReached)) == 2, "the limit is reached again")
        await_true(lambda: place(settings) == {0: 7}, "what came before is committed")
        assert letters(settings) == [b"x1", b"x2", b"x3", b"x4", b"x5", b"x6"]
        assert out(settings) == [b"1"]
        accept(settings)
        await_true(lambda: place(settings) == {0: 9}, "all are answered")
        await_true(lambda: is_ready(running), "the loop is ready")
    assert out(settings) == [b"1", b"2"]
    assert letters(settings)[-1] == b"x7"


def test_what_was_accepted_while_it_was_down_lets_it_go_on(settings: KafkaSettings) -> None:
    arrive(settings, b"x", b"x", b"x", b"1")
    with beside(settings, limited(settings)):
        await_true(lambda: len(notes(settings)) == 1, "the limit is written down")
    accept(settings)
    with beside(settings, limited(settings)) as running:
        await_true(lambda: place(settings) == {0: 4}, "all are answered")
    assert running.heard.of(LimitReached) == []


def test_to_accept_the_letters_alone_does_not_open_the_limit(settings: KafkaSettings) -> None:
    arrive(settings, b"x", b"x", b"x")
    with beside(settings, limited(settings)) as running:
        await_true(lambda: len(notes(settings)) == 1, "the limit is written down")
        write(settings, build_accepted_note(settings.topic("dead.notes"), 1))
        await_turns(running)
        assert not is_ready(running)
    assert len(letters(settings)) == 2


def test_one_that_reaches_the_limit_holds_back_its_whole_group(settings: KafkaSettings) -> None:
    two = settings.model_copy(update={"replica": "two"})
    with beside(settings, limited(settings)) as one, beside(two, limited(settings)) as other:
        await_true(lambda: replicas(settings) == 2 and is_ready(one) and is_ready(other), "both are ready")
        arrive(settings, b"x", b"x", b"x", partition=0)
        await_reached(one)
        await_reached(other)
        arrive(settings, b"1", partition=1)
        await_turns(one)
        await_turns(other)
        assert out(settings) == []
        one.stop()
        await_true(lambda: replicas(settings) == 1, "the other is alone")
        await_turns(other)
        assert len(letters(settings)) == 2
        accept(settings)
        await_true(lambda: place(settings) == {0: 3, 1: 1}, "the other answers all")
    assert (out(settings), len(letters(settings))) == ([b"1"], 3)


def test_a_transaction_that_nobody_ends_holds_it_back_no_longer_than_brokers_take_to_end_one(
    settings: KafkaSettings,
) -> None:
    quick = settings.model_copy(update={"transaction_timeout_seconds": 1.0, "request_timeout_seconds": 3.0})
    hanging = KafkaProducer(
        bootstrap_servers=settings.bootstrap,
        transactional_id=f"{settings.group('test')}-hanging",
        transaction_timeout_ms=600_000,
    )
    with closing(hanging):
        hanging.init_transactions()
        hanging.begin_transaction()
        hanging.send(settings.topic("dead"), value=b"never ended", partition=0).get(10)
        arrive(settings, b"1", b"2")
        with beside(quick, limited(quick)) as running:
            await_true(lambda: running.heard.of(Turned), "it goes round")
            assert out(settings) == []
            await_true(lambda: place(settings) == {0: 2}, "all are answered", 40)
            (unknown,) = running.heard.of(LimitUnknown)
            arrive(settings, b"3", partition=1)
            await_true(lambda: place(settings) == {0: 2, 1: 1}, "what comes later is answered", 40)
        assert not running.heard.of(LimitReached)
        assert len(running.heard.of(LimitUnknown)) == 1
        hanging.abort_transaction()
    assert "can be read up to offset 0 of 1: a transaction there does not end" in unknown.reason
    assert sorted(value or b"" for value in out(settings)) == [b"1", b"2", b"3"]


def test_a_note_of_another_group_holds_nobody_back(settings: KafkaSettings) -> None:
    write(settings, build_limit_note(settings.topic("dead.notes"), "another", "3 in a row"))
    arrive(settings, b"1")
    with beside(settings, limited(settings)):
        await_true(lambda: place(settings) == {0: 1}, "it is answered")


def test_a_message_cannot_pass_for_an_acceptance_or_a_limit(settings: KafkaSettings) -> None:
    topic = settings.topic("in")
    forged = [(("accepted", b"99"),), (("limit", settings.group("test").encode()),), ()]
    write(settings, *(Outgoing(topic=topic, value=b"x", headers=each, partition=0) for each in forged))
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        await_turns(running)
        assert not is_ready(running)
    assert len(letters(settings)) == 2
    assert [type(each) for each in notes(settings)] == [Reached]


@pytest.mark.attack
def test_a_forged_note_on_the_dead_topic_neither_holds_a_service_back_nor_lets_it_go_on(
    settings: KafkaSettings,
) -> None:
    dead, group = settings.topic("dead"), settings.group("test")
    write(settings, build_limit_note(dead, group, "forged"))
    arrive(settings, b"1", b"x", b"x", b"x")
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        assert out(settings) == [b"1"]
        write(settings, *(build_accepted_note(dead, through, through) for through in (2, 3, 10**17)))
        await_turns(running)
        assert not is_ready(running)
    with beside(settings, limited(settings)) as running:
        await_reached(running)
        await_turns(running)
        assert not is_ready(running)
    assert len(letters(settings)) == 2
    assert sum(each.records for each in running.heard.of(StrangersFound)) == 4


class Consumer:
    """Takes down which partitions were paused, where, and which were resumed."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def pause(self, partition: Partition, resume_at: int) -> None:
        self.log.append((partition.number, resume_at))

    def resume(self, partition: Partition) -> None:
        self.log.append(partition.number)


def test_a_partition_is_paused_once_and_anew_when_it_went_and_came_again(settings: KafkaSettings) -> None:
    one, two = (Partition(settings.topic("in"), number) for number in (0, 1))
    write(settings, build_limit_note(settings.topic("dead.notes"), settings.group("test"), "3 in a row"))
    consumer = Consumer()
    with closing(Guard(Cluster(settings), limited(settings), THREE_IN_A_ROW, Heard())) as guard:
        assert guard.hold_back(consumer, {}), "also who holds no partition yet knows it, and is not ready"
        assert guard.hold_back(consumer, {one: 4})
        assert guard.hold_back(consumer, {one: 4, two: 7})
        assert consumer.log == [(0, 4), (1, 7)]
        guard.forget(one)
        assert guard.hold_back(consumer, {one: 5, two: 7})
        assert consumer.log[2:] == [(0, 5)]
        accept(settings)
        await_true(lambda: not guard.hold_back(consumer, {two: 7}), "the limit is accepted")
    assert consumer.log[3:] == [1]


def test_letters_behind_those_that_were_accepted_are_read_before_the_limit_starts_anew(
    settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_guard, "_LETTERS_SECONDS", math.inf)  # no turn reads them by the way
    one, dead = Partition(settings.topic("in"), 0), settings.topic("dead")
    records = [Record(partition=one, offset=offset, value=b"x") for offset in range(4)]
    with closing(Guard(Cluster(settings), limited(settings), THREE_IN_A_ROW, Heard())) as guard:
        await_true(lambda: not guard.hold_back(Consumer(), {one: 0}), "both topics are read")
        write(settings, *(build_dead_letter(dead, record, "schema", "") for record in records[:3]))
        write(settings, build_accepted_note(settings.topic("dead.notes"), 0))
        await_true(
            lambda: not guard.hold_back(Consumer(), {one: 3}) and guard._topic.accepted, "it is accepted"
        )
        assert guard.report_dead(records[3]) is not None, (
            "two letters behind it and this one are three in a row"
        )
