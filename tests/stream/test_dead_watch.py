"""The dead-letter limit with the action "continue", on a fake cluster: it is told, and holds nothing back."""

import time
from collections.abc import Iterable

import pytest
from tests.stream.fake_group import SETTINGS, FakeBroker
from tests.stream.processes import (
    DEAD,
    GROUP,
    NOTES,
    ONE,
    TWO,
    make_broker,
    places,
    read,
    start,
    values,
    write,
)
from tests.stream.test_dead_guard import limited

from brentwatch.stream.dead_letters.notes import build_accepted_note, build_limit_note
from brentwatch.stream.dead_limit import QUIET_SECONDS, Limits
from brentwatch.stream.facts import LimitExceeded, LimitOpen, LimitReached, LoopFact, Turned

JOB = limited(Limits(ratio=0.5, over=10, consecutive=3))


def changes(facts: Iterable[LoopFact]) -> list[type]:
    return [type(fact) for fact in facts if isinstance(fact, LimitExceeded | LimitOpen | LimitReached)]


def exceeded(partitions: int = 1) -> FakeBroker:
    """A broker with three letters of the first partition, and a good record behind them, all answered."""
    broker = make_broker(partitions)
    write(broker, *[b"x"] * 3, b"1")
    with start(broker, JOB) as process:
        assert changes(process.heard.facts) == [LimitOpen, LimitExceeded]
    return broker


def test_an_excess_is_told_once_and_ends_by_itself() -> None:
    broker = make_broker()
    write(broker, b"1", *[b"x"] * 7, b"2")
    with start(broker, JOB) as process:
        assert process.is_ready()
        assert changes(process.heard.facts) == [LimitOpen, LimitExceeded]
        (told,) = process.heard.of(LimitExceeded)
        assert told.reason.startswith(
            "dead-letter limit: 3 in a row, the last at offset 3 of partition 0 of in; each bad message"
        )
        write(broker, *[b"3"] * 10)
        process.turn()
        assert changes(process.heard.facts)[2:] == [LimitOpen]
        assert all(turn.ready for turn in process.heard.of(Turned))
    assert values(broker) == [b"1", b"2", *[b"3"] * 10]
    assert (values(broker, DEAD), read(broker, NOTES)) == ([b"x"] * 7, [])


def test_an_excess_ends_an_hour_after_the_last_letter_without_another_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = make_broker()
    write(broker, *[b"x"] * 3)
    with start(broker, JOB) as process:
        assert changes(process.heard.facts) == [LimitOpen, LimitExceeded]
        later = time.time() + QUIET_SECONDS + 1.0
        monkeypatch.setattr("brentwatch.stream.dead_letters.watch.time.time", lambda: later)
        process.turn()
        assert changes(process.heard.facts)[2:] == [LimitOpen]


def test_an_excess_is_found_again_and_ends_when_it_is_accepted() -> None:
    broker = exceeded()
    with start(broker, JOB) as process:
        assert changes(process.heard.facts) == [LimitExceeded]
        broker.append([build_accepted_note(NOTES.topic, 2)])
        broker.clock += 1.1
        process.turn()
        assert changes(process.heard.facts) == [LimitExceeded, LimitOpen]
    with start(broker, JOB) as process:
        assert changes(process.heard.facts) == [LimitOpen]
    assert broker.open_clients == 0


def test_notes_are_looked_at_once_a_second_while_there_is_an_excess() -> None:
    broker = exceeded()
    with start(broker, JOB) as process:
        broker.append([build_accepted_note(NOTES.topic, 2)])
        process.turn()
        assert process.heard.of(LimitOpen) == []


def test_a_reached_limit_of_the_action_stop_holds_nothing_back() -> None:
    broker = make_broker()
    broker.append([build_limit_note(NOTES.topic, JOB.group, "3 in a row")])
    write(broker, b"1")
    with start(broker, JOB) as process:
        assert process.is_ready()
    assert places(broker) == {0: 1}


def test_where_a_topic_cannot_be_read_it_counts_without_it() -> None:
    broker = exceeded()
    broker.delete_topic(NOTES.topic)
    write(broker, b"2")
    with start(broker, JOB) as process:
        assert changes(process.heard.facts) == [LimitOpen]
        assert process.is_ready()
        write(broker, *[b"x"] * 3)
        process.turn(2)
        assert changes(process.heard.facts) == [LimitOpen, LimitExceeded]
    assert values(broker) == [b"1", b"2"]
    assert broker.open_clients == 0


def test_a_start_does_not_wait_for_a_transaction_that_nobody_ends() -> None:
    broker = exceeded()
    broker.leave_transaction_open("hanging", DEAD, b"half")
    began = broker.clock
    with start(broker, JOB) as process:
        assert broker.clock - began < 5
        assert changes(process.heard.facts) == [LimitExceeded]


def test_letters_of_partitions_that_come_later_do_not_count() -> None:
    broker = exceeded(2)
    group = broker.groups[GROUP]
    group.remove(SETTINGS.name_member(GROUP))
    broker.orphan(GROUP, ONE)
    with start(broker, JOB, turns=1) as process:
        assert process.life._ready.keys() == {TWO}
        assert changes(process.heard.facts) == [LimitOpen]
        group.orphaned.clear()
        group.share_out()
        process.turn(2)
        assert process.life._ready.keys() == {ONE, TWO}
        assert changes(process.heard.facts) == [LimitOpen]
