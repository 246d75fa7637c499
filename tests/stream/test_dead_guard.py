"""The dead-letter limit with the action "stop", on a fake cluster: it holds the loop back until accepted."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Literal

import pytest
from tests.kafka.jobs import job, number
from tests.kafka.tools import Heard
from tests.stream.fake_group import SETTINGS, FakeBroker, FakeCluster
from tests.stream.processes import (
    DEAD,
    GROUP,
    NOTES,
    ONE,
    OUT,
    TWO,
    make_broker,
    places,
    read,
    start,
    values,
    write,
)

from brentwatch.core.errors import Unavailable
from brentwatch.stream import CANARY, Job, Outgoing, Partition, Record, Stateless
from brentwatch.stream.dead_letters.guard import Guard
from brentwatch.stream.dead_letters.notes import (
    Note,
    Reached,
    build_accepted_note,
    build_limit_note,
    parse_note,
)
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.facts import (
    DeadLettered,
    LimitExceeded,
    LimitOpen,
    LimitReached,
    LimitUnknown,
    StrangersFound,
)
from brentwatch.stream.records import build_dead_letter

THREE_IN_A_ROW = Limits(ratio=1, over=10, consecutive=3, action="stop")
A_FIFTH = Limits(ratio=0.2, over=10, consecutive=1_000, action="stop")


def limited(limits: Limits = THREE_IN_A_ROW) -> Job:
    """A job that answers each number with itself, and takes everything else for unreadable."""

    def answer(record: Record) -> Sequence[Outgoing]:
        return [Outgoing(topic=OUT.topic, value=str(number(record)).encode())]

    return replace(job(SETTINGS, lambda _: Stateless(answer)), dead_limit=limits)


def notes(broker: FakeBroker) -> list[Note | None]:
    return [parse_note(record) for record in read(broker, NOTES)]


def accept(broker: FakeBroker) -> None:
    """Accept every letter and every limit."""
    through, limits = len(read(broker, DEAD)), len(notes(broker))
    broker.append([build_accepted_note(NOTES.topic, through - 1, limits - 1)])


def test_below_the_limit_the_stream_goes_on() -> None:
    broker = make_broker()
    write(broker, b"1", b"x", b"x", b"2", b"x", b"x", b"3")
    with start(broker, limited()) as process:
        assert process.is_ready()
        assert (len(process.heard.of(LimitOpen)), process.heard.of(LimitReached)) == (1, [])
    assert (values(broker), values(broker, DEAD)) == ([b"1", b"2", b"3"], [b"x"] * 4)
    assert places(broker) == {0: 7}


def test_at_the_limit_what_came_before_is_delivered_and_the_rest_waits() -> None:
    broker = make_broker(2)
    write(broker, b"1", b"x1", b"x2", b"x3", b"x4", b"2")
    with start(broker, limited()) as process:
        assert not process.is_ready()
        write(broker, b"5", to=TWO)
        process.turn(3)
        assert [told.reason for told in process.heard.of(LimitReached)] == [
            "dead-letter limit: 3 in a row, the last at offset 3 of partition 0 of in; "
            "see `brentwatch dead list`, then run `brentwatch dead accept` to continue"
        ]
        assert len(process.heard.of(DeadLettered)) == 2
        assert list(broker.groups[GROUP].members) == [SETTINGS.name_member(GROUP)]
    assert places(broker) == {0: 3}
    assert (values(broker), values(broker, DEAD)) == ([b"1"], [b"x1", b"x2"])
    assert [type(each) for each in notes(broker)] == [Reached]


def test_records_whose_bytes_are_damaged_reach_the_limit_too() -> None:
    broker = make_broker()
    write(broker, b"1", b"?", b"?", b"?", b"2")
    for offset in (1, 2, 3):
        broker.damage(ONE, offset, "wrong checksum")
    with start(broker, limited()) as process:
        assert (values(broker), places(broker)) == ([b"1"], {0: 3})
        accept(broker)
        process.turn(3)
    assert (values(broker), places(broker)) == ([b"1", b"2"], {0: 5})


def test_the_share_of_the_newest_reaches_the_limit_too() -> None:
    broker = make_broker()
    write(broker, *[b"1", b"x"] * 10)
    with start(broker, limited(A_FIFTH)) as process:
        assert len(process.heard.of(LimitReached)) == 1
    assert places(broker) == {0: 9}
    assert (len(values(broker)), len(values(broker, DEAD))) == (5, 4)


def test_a_row_counts_over_all_partitions_of_the_process() -> None:
    broker = make_broker(2)
    for partition in (ONE, TWO):
        write(broker, b"x", b"x", to=partition)
    with start(broker, limited()) as process:
        assert len(process.heard.of(LimitReached)) == 1
    assert len(values(broker, DEAD)) == 2


def test_no_record_is_lost_that_waited() -> None:
    broker = make_broker(2)
    write(broker, b"x", b"x", b"x", b"1", to=ONE)
    with start(broker, limited()) as process:
        write(broker, b"2", b"3", to=TWO)
        process.turn(2)
        assert values(broker) == []
        accept(broker)
        process.turn(3)
        assert process.is_ready()
    assert sorted(value or b"" for value in values(broker)) == [b"1", b"2", b"3"]
    assert (values(broker, DEAD), places(broker)) == ([b"x"] * 3, {0: 4, 1: 2})


def test_a_restart_moves_nothing_however_often() -> None:
    broker = make_broker(2)
    write(broker, *[b"x"] * 9, to=ONE)
    write(broker, *[b"1"] * 9, to=TWO)
    with start(broker, limited()):
        pass
    before = notes(broker), places(broker), values(broker), values(broker, DEAD)
    for _ in range(3):
        with start(broker, limited()) as process:
            assert len(process.heard.of(LimitReached)) == 1
            assert not process.is_ready()
    assert (notes(broker), places(broker), values(broker), values(broker, DEAD)) == before


def test_a_partition_that_went_and_came_again_waits_and_loses_nothing() -> None:
    broker = make_broker()
    write(broker, b"x", b"x", b"x", b"1")
    with start(broker, limited()) as process:
        broker.give_up(GROUP, SETTINGS.name_member(GROUP))
        for _ in range(2):  # between two turns it goes and comes
            process.life._consumer.poll(0, 0)
        process.turn(4)
        assert not process.is_ready()
        assert (values(broker), len(values(broker, DEAD))) == ([], 2)
        accept(broker)
        process.turn(3)
    assert (values(broker), len(values(broker, DEAD))) == ([b"1"], 3)


def test_what_was_counted_below_the_limit_is_found_again_after_a_restart() -> None:
    broker = make_broker()
    write(broker, b"1", b"x", b"x")
    with start(broker, limited()):
        assert places(broker) == {0: 3}
    write(broker, b"x")
    with start(broker, limited()) as process:
        assert len(process.heard.of(LimitReached)) == 1
    assert (len(values(broker, DEAD)), places(broker)) == (2, {0: 3})


def test_once_accepted_the_stream_goes_on_and_the_limit_starts_anew() -> None:
    broker = make_broker()
    write(broker, b"x1", b"x2", b"x3", b"x4", b"1", b"x5", b"x6", b"x7", b"2")
    with start(broker, limited()) as process:
        assert len(notes(broker)) == 1
        accept(broker)
        process.turn(3)
        assert len(process.heard.of(LimitReached)) == 2
        assert len(process.heard.of(LimitOpen)) == 2
        assert values(broker, DEAD) == [b"x1", b"x2", b"x3", b"x4", b"x5", b"x6"]
        assert (values(broker), places(broker)) == ([b"1"], {0: 7})
        accept(broker)
        process.turn(3)
        assert process.is_ready()
    assert values(broker) == [b"1", b"2"]
    assert values(broker, DEAD)[-1] == b"x7"


def test_what_was_accepted_while_it_was_down_lets_it_go_on() -> None:
    broker = make_broker()
    write(broker, b"x", b"x", b"x", b"1")
    with start(broker, limited()):
        pass
    accept(broker)
    with start(broker, limited()) as process:
        assert process.heard.of(LimitReached) == []
    assert places(broker) == {0: 4}


def test_to_accept_the_letters_alone_does_not_open_the_limit() -> None:
    broker = make_broker()
    write(broker, b"x", b"x", b"x")
    with start(broker, limited()) as process:
        broker.append([build_accepted_note(NOTES.topic, 1)])
        process.turn(3)
        assert not process.is_ready()
    assert len(values(broker, DEAD)) == 2


def test_one_that_reaches_the_limit_holds_back_its_whole_group() -> None:
    broker = make_broker(2)
    with start(broker, limited()) as one, start(broker, limited(), "two", 1) as two:
        one.turn(2)
        two.turn(2)
        (moved,) = two.life._ready
        write(broker, b"x", b"x", b"x", to=ONE if moved == TWO else TWO)
        one.turn()
        two.turn()
        write(broker, b"1", to=moved)
        for each in (one, two):
            each.turn(2)
            assert not each.is_ready()
        assert values(broker) == []
        one.life.leave()
        two.turn(3)
        assert len(values(broker, DEAD)) == 2
        accept(broker)
        two.turn(3)
    assert (values(broker), len(values(broker, DEAD))) == ([b"1"], 3)


def test_a_note_of_another_group_holds_nobody_back() -> None:
    broker = make_broker()
    broker.append([build_limit_note(NOTES.topic, "another", "3 in a row")])
    write(broker, b"1")
    with start(broker, limited()):
        assert places(broker) == {0: 1}


def test_a_message_cannot_pass_for_an_acceptance_or_a_limit() -> None:
    broker = make_broker()
    forged = [(("accepted", b"99"),), (("limit", GROUP.encode()),), ()]
    broker.append(Outgoing(topic=ONE.topic, value=b"x", headers=each, partition=0) for each in forged)
    with start(broker, limited()) as process:
        process.turn(3)
        assert not process.is_ready()
    assert len(values(broker, DEAD)) == 2
    assert [type(each) for each in notes(broker)] == [Reached]


@pytest.mark.attack
def test_a_forged_note_on_the_dead_topic_neither_holds_a_service_back_nor_lets_it_go_on() -> None:
    broker = make_broker()
    broker.append([build_limit_note(DEAD.topic, GROUP, "forged")])
    write(broker, b"1", b"x", b"x", b"x")
    with start(broker, limited()) as process:
        assert values(broker) == [b"1"]
        broker.append(build_accepted_note(DEAD.topic, through, through) for through in (2, 3, 10**17))
        broker.clock += 2.0
        process.turn(3)
        assert not process.is_ready()
        assert [each.records for each in process.heard.of(StrangersFound)] == [1, 3]
    with start(broker, limited()) as process:
        assert not process.is_ready()
        assert [each.records for each in process.heard.of(StrangersFound)] == [4]
    assert values(broker, DEAD).count(b"x") == 2


def test_who_has_not_read_the_letters_to_their_end_holds_back_and_is_not_ready() -> None:
    broker = make_broker()
    broker.leave_transaction_open("hanging", DEAD, b"half")
    write(broker, b"1")
    with start(broker, limited()) as process:
        assert not process.is_ready()
        assert (values(broker), process.heard.of(LimitOpen)) == ([], [])
        broker.abort("hanging")
        process.turn(2)
        assert process.is_ready()
    assert values(broker) == [b"1"]


def test_a_transaction_that_nobody_ends_holds_back_no_longer_than_brokers_take_to_end_one() -> None:
    broker = make_broker()
    broker.leave_transaction_open("hanging", DEAD, b"never ended")
    patience = SETTINGS.longest_transaction_seconds + SETTINGS.request_timeout_seconds
    write(broker, b"1", b"2")
    with start(broker, limited(), turns=1) as process:
        began = broker.clock
        while not values(broker):
            process.turn()
        assert patience <= broker.clock - began <= patience + 2
        (unknown,) = process.heard.of(LimitUnknown)
        assert (
            "can only be read up to offset 0 of 1, because a transaction there does not end" in unknown.reason
        )
        assert not process.heard.of(LimitReached)
        write(broker, b"3")
        process.turn()
        assert len(process.heard.of(LimitUnknown)) == 1
    assert values(broker) == [b"1", b"2", b"3"]


class Consumer:
    """Takes down which partitions were paused, where, and which were resumed."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def pause(self, partition: Partition, resume_at: int) -> None:
        self.log.append((partition.number, resume_at))

    def resume(self, partition: Partition) -> None:
        self.log.append(partition.number)


def make_guard(broker: FakeBroker) -> closing[Guard]:
    return closing(Guard(FakeCluster(broker), limited(), THREE_IN_A_ROW, Heard()))


def test_a_partition_is_paused_once_and_anew_when_it_went_and_came_again() -> None:
    broker, consumer = make_broker(2), Consumer()
    broker.append([build_limit_note(NOTES.topic, GROUP, "3 in a row")])
    with make_guard(broker) as guard:
        assert guard.hold_back(consumer, {}), "also who holds no partition yet knows it, and is not ready"
        assert guard.hold_back(consumer, {ONE: 4})
        assert guard.hold_back(consumer, {ONE: 4, TWO: 7})
        assert consumer.log == [(0, 4), (1, 7)]
        guard.forget(ONE)
        assert guard.hold_back(consumer, {ONE: 5, TWO: 7})
        assert consumer.log[2:] == [(0, 5)]
        accept(broker)
        assert not guard.hold_back(consumer, {TWO: 7})
    assert consumer.log[3:] == [1]


def test_letters_behind_those_that_were_accepted_are_read_before_the_limit_starts_anew() -> None:
    broker = make_broker()
    records = [Record(partition=ONE, offset=offset, value=b"x") for offset in range(4)]
    with make_guard(broker) as guard:
        assert not guard.hold_back(Consumer(), {ONE: 0})
        assert not guard.hold_back(Consumer(), {ONE: 0})
        broker.append(build_dead_letter(DEAD.topic, record, "schema", "") for record in records[:3])
        broker.append([build_accepted_note(NOTES.topic, 0)])
        assert not guard.hold_back(Consumer(), {ONE: 3})
        assert guard.report_dead(records[3]) is not None, "two letters behind it and this are three in a row"


def test_letters_are_read_once_a_second() -> None:
    broker = make_broker()
    with make_guard(broker) as guard:
        guard.hold_back(Consumer(), {ONE: 0})
        guard.hold_back(Consumer(), {ONE: 0})
        broker.append([build_limit_note(DEAD.topic, GROUP, "a stranger")])
        guard.hold_back(Consumer(), {ONE: 0})
        assert guard._topic.count_strangers() == 0
        broker.clock += 1.1
        guard.hold_back(Consumer(), {ONE: 0})
        assert guard._topic.count_strangers() == 1


@pytest.mark.parametrize("topic", [DEAD, NOTES])
def test_a_service_whose_topics_are_missing_leaves_no_client_open(topic: Partition) -> None:
    broker = make_broker()
    broker.delete_topic(topic.topic)
    with pytest.raises(Unavailable, match=f"topic {topic.topic} does not exist"):
        Guard(FakeCluster(broker), limited(), THREE_IN_A_ROW, Heard())
    assert broker.open_clients == 0


def test_no_more_than_the_newest_letters_are_read_at_a_start() -> None:
    broker = make_broker()
    records = [Record(partition=ONE, offset=offset, value=b"x") for offset in range(2_003)]
    broker.append(build_dead_letter(DEAD.topic, record, "schema", "") for record in records)
    with make_guard(broker) as guard:
        guard.hold_back(Consumer(), {ONE: 0})
        assert sorted(guard._topic.letters) == list(range(3, 2_003))


@pytest.mark.parametrize("action", ["stop", "continue"])
def test_canaries_between_bad_records_do_not_hide_the_limit(action: Literal["stop", "continue"]) -> None:
    broker = make_broker()
    for _ in range(3):
        write(broker, b"x")
        write(broker, b"1", headers=((CANARY, b"1"),))
    with start(broker, limited(replace(THREE_IN_A_ROW, action=action))) as process:
        reached = [each.reason for each in process.heard.of(LimitReached)]
        exceeded = [each.reason for each in process.heard.of(LimitExceeded)]
        assert ["3 in a row" in reason for reason in (*reached, *exceeded)] == [True]
