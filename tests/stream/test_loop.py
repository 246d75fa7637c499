"""The rules of the loop on a fake cluster; `tests/kafka/test_loop.py` holds what needs a broker."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from tests.kafka.jobs import Sum, adding, echo, job
from tests.stream.fake_group import SETTINGS, FakeBroker, FakeCluster
from tests.stream.processes import (
    DEAD,
    GROUP,
    IN,
    ONE,
    OUT,
    STATE,
    TWO,
    Process,
    make_broker,
    places,
    read,
    run_until,
    start,
    values,
    write,
)

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import Outgoing, Partition, Record, Stateless, Unclaimed
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.facts import (
    Behind,
    Broken,
    DeadLettered,
    Delivered,
    Disagreed,
    Orphaned,
    Rebalanced,
    Restored,
    RestoreHeld,
    Restoring,
    StageEnded,
    Stopped,
    TransactionEnded,
    Turned,
    WentOnWithout,
)

BEAT = SETTINGS.beat_seconds
LIMITS = Limits(ratio=1, over=10, consecutive=3, action="stop")


# Rule 1: a rebalance is acted on after the poll that brought it, before any of its records.


def test_records_that_come_with_their_partition_are_answered_in_the_same_turn() -> None:
    broker = make_broker()
    write(broker, b"a", b"b")
    with start(broker, echo(SETTINGS), turns=1) as process:
        assert values(broker) == [b"a", b"b"]
        assert places(broker) == {0: 2}
        kinds = [type(fact) for fact in process.heard.facts]
    assert kinds == [Rebalanced, StageEnded, StageEnded, Behind, Turned]
    assert process.heard.of(Rebalanced) == [Rebalanced(frozenset({ONE}), frozenset())]


def test_a_partition_that_went_is_answered_and_committed_by_its_new_owner_alone() -> None:
    broker = make_broker(2)
    with start(broker, echo(SETTINGS)) as one, start(broker, echo(SETTINGS), "two", 1) as two:
        write(broker, b"a", to=ONE)
        write(broker, b"b", to=TWO)
        one.turn(2)
        two.turn(2)
        (gone,) = one.heard.of(Rebalanced)[1].revoked
        assert two.heard.of(Rebalanced) == [Rebalanced(frozenset({gone}), frozenset())]
    assert sorted(value or b"" for value in values(broker)) == [b"a", b"b"]
    assert places(broker) == {0: 1, 1: 1}


def test_what_one_poll_brings_and_takes_away_again_is_left_to_the_other() -> None:
    broker = make_broker(2)
    workers: list[Stateless | Unclaimed] = [Stateless(lambda _: []), Unclaimed()]
    for opened in workers:
        with start(broker, job(SETTINGS, lambda _: opened), turns=0) as one:  # noqa: B023 - called at once
            one.life._consumer.poll(0, 1)  # it is assigned both, and has not said so
            with start(broker, echo(SETTINGS), "two", 1) as two:
                one.turn()
                two.turn()
                assert {type(change) for change in one.heard.facts} >= {Rebalanced}
                assert len(one.heard.of(Rebalanced)[0].revoked) == 1
                one.life.leave()
                two.life.leave()


# Rule 2: a partition is paused until its state is restored; records that came too early are read again.


def test_records_that_came_before_the_state_are_read_again_and_answered_once() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS), turns=1) as process:
        assert [type(fact) for fact in process.heard.facts] == [
            Restoring,
            Rebalanced,
            Restored,
            Behind,
            Turned,
        ]
        assert values(broker) == []
        assert broker.clock == 0.0, "there is no state to wait for"
        process.turn()
        assert values(broker) == [b"1", b"3"]


def test_a_partition_is_not_read_and_nobody_is_ready_while_its_state_is_behind_an_open_transaction() -> None:
    broker = make_broker()
    broker.leave_transaction_open("hanging", STATE, b"half")
    write(broker, b"1")
    with start(broker, adding(SETTINGS)) as process:
        assert not process.is_ready()
        assert (values(broker), process.heard.of(Restored)) == ([], [])
        assert process.heard.of(RestoreHeld) == []
        process.turn(200)
        (held,) = process.heard.of(RestoreHeld)
        assert (held.partition, held.offset) == (STATE, 0)
        assert held.seconds > SETTINGS.longest_transaction_seconds
        broker.abort("hanging")
        process.turn(2)
        assert process.is_ready()
        assert process.heard.of(Restored)[0].seconds > 0
        assert values(broker) == [b"1"]


def test_the_state_is_taken_up_where_it_was_saved() -> None:
    broker, first, second = make_broker(), Sum(SETTINGS), Sum(SETTINGS)
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS, first)):
        write(broker, b"3")
    with start(broker, adding(SETTINGS, second)) as process:
        assert values(broker) == [b"1", b"3", b"6"]
        assert process.heard.of(Restoring)[0].until == 2
        assert process.heard.of(Restored)[0].records == 2
    assert (first.restored, second.restored) == ([(0, None)], [(3, 2)])


def test_what_was_forgotten_of_the_state_is_not_taken_up() -> None:
    broker, worker = make_broker(), Sum(SETTINGS)
    write(broker, b"1", b"2")
    for key, value in ((b"total", b"77"), (b"place", b"1"), (b"total", None)):
        broker.append([Outgoing(topic=STATE.topic, partition=0, key=key, value=value)])
    broker.join_group(GROUP, IN).committed[ONE] = 1
    with start(broker, adding(SETTINGS, worker)):
        assert worker.restored == [(0, 1)]
        assert values(broker) == [b"2"]


def test_a_partition_that_goes_during_its_restore_is_left_alone() -> None:
    broker = make_broker(2)
    broker.leave_transaction_open("hanging", STATE, b"half")
    work = job(SETTINGS, lambda each: Sum(SETTINGS, each.number), state_topic=STATE.topic)
    with start(broker, work) as one, start(broker, work, "two", 1) as two:
        one.turn()
        two.turn(2)
        broker.abort("hanging")
        one.turn(2)
        two.turn(2)
        restored = [fact.partition for each in (one, two) for fact in each.heard.of(Restored)]
        assert sorted(restored) in ([ONE, TWO], [ONE, TWO, TWO])
        assert one.is_ready()
        assert two.is_ready()


def test_a_rebuild_recreates_the_state_once_in_all_lives() -> None:
    broker, worker = make_broker(), Sum(SETTINGS)
    write(broker, b"1", b"bad", b"2")
    with start(broker, adding(SETTINGS)):
        pass
    broker.append([Outgoing(topic=STATE.topic, partition=0, key=b"total", value=b"77")])
    broker.append([Outgoing(topic=STATE.topic, partition=0, key=b"stale", value=b"1")])
    with start(broker, adding(SETTINGS, worker, rebuild=True)) as process:
        write(broker, b"4")
        process.turn()
        assert values(broker) == [b"1", b"3", b"7"]
        assert process.rebuilt == {ONE}
        (restored,) = process.heard.of(Restored)
        assert restored.records == 3
        assert restored.seconds == pytest.approx(0.0, abs=0.01)  # it waits for nothing
    assert (worker.refolded, worker.restored) == (2, [])
    kept = {record.key: record.value for record in read(broker, STATE)}
    assert kept == {b"total": b"7", b"place": b"4", b"stale": None}
    assert len(values(broker, DEAD)) == 1


def test_a_rebuild_is_not_repeated_by_the_next_life_of_the_same_process() -> None:
    broker = make_broker()
    write(broker, b"1")
    sums = [Sum(SETTINGS), Sum(SETTINGS)]
    broken: list[int] = []

    def break_once() -> bool:
        if not broken and places(broker) == {0: 1}:
            broken.append(1)
            broker.is_away = True
        return bool(sums[1].restored)

    run_until(broker, adding(SETTINGS, *sums, rebuild=True), break_once, lambda: return_to(broker))
    assert [each.restored for each in sums] == [[], [(1, 1)]]


def return_to(broker: FakeBroker) -> None:
    """The broker is back."""
    broker.is_away = False


@pytest.mark.parametrize("saved", [2, 4])
def test_a_place_moved_by_the_operator_is_committed_with_the_state(
    saved: int,
) -> None:
    broker = make_broker()
    write(broker, b"1", b"2", b"4", b"8")
    with start(broker, adding(SETTINGS)):
        pass
    for key, value in ((b"total", b"3"), (b"place", str(saved).encode())):
        broker.append([Outgoing(topic=STATE.topic, partition=0, key=key, value=value)])
    broker.groups[GROUP].committed[ONE] = 1
    broker.transactions.clear()
    with start(broker, adding(SETTINGS, from_state=True)):
        assert broker.transactions[0][1] == {0: saved}
        assert values(broker)[4:] == [b"7", b"15"][saved - 2 :]


# Rule 3: a batch is delivered whole before the next poll, in parts where it is large or takes long.


def test_a_batch_is_one_delivery() -> None:
    broker = make_broker(2)
    write(broker, b"1", b"2")
    write(broker, b"5", to=TWO)
    work = job(SETTINGS, lambda each: Sum(SETTINGS, each.number), state_topic=STATE.topic)
    with start(broker, work):
        pass
    assert [offsets for _, offsets in broker.transactions] == [{0: 2, 1: 1}]


def answering(answer: Callable[[Record], Sequence[Outgoing]]) -> Stateless:
    return Stateless(answer)


def test_what_takes_long_is_delivered_in_parts() -> None:
    broker = make_broker()
    write(broker, b"1", b"2", b"3")

    def answer_slowly(record: Record) -> Sequence[Outgoing]:
        broker.clock += 0.6
        assert len(values(broker)) == record.offset // 2 * 2, "two together took longer than a second"
        return [Outgoing(topic=OUT.topic, value=record.value)]

    with start(broker, job(SETTINGS, lambda _: answering(answer_slowly)), turns=1) as process:
        assert process.heard.of(Delivered) == [Delivered(2)]
        assert len(values(broker)) == 3


def test_what_leads_to_nothing_and_takes_long_is_committed_in_parts() -> None:
    broker = make_broker()
    write(broker, b"1", b"2", b"3")
    seen = list[dict[int, int]]()

    def answer(_: Record) -> Sequence[Outgoing]:
        seen.append(places(broker))
        broker.clock += 1.5
        return []

    with start(broker, job(SETTINGS, lambda _: Stateless(answer)), turns=1):
        assert [*seen, places(broker)] == [{}, {0: 1}, {0: 2}, {0: 3}]


def test_what_is_large_is_delivered_in_parts() -> None:
    broker, large = make_broker(), bytes(5 * 1024 * 1024)
    write(broker, b"1", b"2", b"3", b"4")
    work = job(SETTINGS, lambda _: Stateless(lambda _: [Outgoing(topic=OUT.topic, value=large)]))
    with start(broker, work, turns=1) as process:
        assert process.heard.of(Delivered) == [Delivered(2)] * 2
        assert places(broker) == {0: 4}


def test_as_much_is_read_at_once_as_is_answered_in_a_second_and_at_least_fifty() -> None:
    broker = make_broker()
    write(broker, *[b"1"] * 2_000)

    def answer(_: Record) -> Sequence[Outgoing]:
        broker.clock += 1 / 128
        return []

    with start(broker, job(SETTINGS, lambda _: Stateless(answer)), turns=3) as process:
        assert [fact.records for fact in process.heard.of(Turned)] == [50, 128, 128]
    with start(broker, echo(SETTINGS), turns=2) as process:
        assert [fact.records for fact in process.heard.of(Turned)] == [50, 1_644]
    write(broker, *[b"1"] * 60)

    def answer_slowly(_: Record) -> Sequence[Outgoing]:
        broker.clock += 0.1
        return []

    with start(broker, job(SETTINGS, lambda _: Stateless(answer_slowly)), turns=2) as process:
        assert [fact.records for fact in process.heard.of(Turned)] == [50, 10]


def test_a_record_that_leads_to_nothing_is_committed_too() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, job(SETTINGS, lambda _: Stateless(lambda _: [])), turns=1):
        assert places(broker) == {0: 2}


def test_what_a_rebalance_holds_up_is_committed_later() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS)) as process:
        broker.groups[GROUP].is_rebalancing = True
        write(broker, b"a")
        process.turn()
        assert (values(broker), places(broker)) == ([b"a"], {})
        broker.groups[GROUP].is_rebalancing = False
        process.turn()
        assert (values(broker), places(broker)) == ([b"a"], {0: 1})


# Rule 4: any `Unavailable` ends this life: clients closed, state dropped; the next one begins anew.


def test_a_failure_closes_every_client_and_the_next_life_begins_where_the_group_committed() -> None:
    broker, sums = make_broker(), [Sum(SETTINGS), Sum(SETTINGS)]
    write(broker, b"1", b"2")
    open_clients: list[int] = []

    def fail_once() -> bool:
        if not open_clients and places(broker) == {0: 2}:
            write(broker, b"4")
            broker.is_away = True
        return len(values(broker)) == 3

    def meanwhile() -> None:
        open_clients.append(broker.open_clients)
        broker.is_away = len(open_clients) < 3

    heard, stop = run_until(broker, adding(SETTINGS, *sums), fail_once, meanwhile)
    assert open_clients == [0, 0, 0]
    assert broker.open_clients == 0
    assert values(broker) == [b"1", b"3", b"7"]
    assert [each.restored for each in sums] == [[(0, None)], [(3, 2)]]
    assert [broken.seconds for broken in heard.of(Broken)] == stop.waits
    assert "the broker is away" in heard.of(Broken)[0].reason


def test_failures_in_a_row_are_waited_out_ever_longer_up_to_four_seconds_and_a_turn_ends_the_row() -> None:
    broker = make_broker()
    broker.is_away = True
    seen: list[int] = []

    def meanwhile() -> None:
        seen.append(1)
        broker.is_away = len(seen) % 6 != 0

    def turn_once() -> bool:
        broker.is_away = len(seen) < 12
        return len(seen) >= 12

    _, stop = run_until(broker, echo(SETTINGS), turn_once, meanwhile)
    for wait, full in zip(stop.waits, [0.5, 1, 2, 4, 4, 4] * 2, strict=True):
        assert 0.75 * full <= wait <= full


def test_answers_that_are_not_acknowledged_are_not_committed_and_come_again() -> None:
    broker = make_broker()
    write(broker, b"a")
    heard, _ = run_until(
        broker,
        echo(SETTINGS, to="later"),
        lambda: places(broker) == {0: 1},
        lambda: broker.make_topic("later"),
    )
    assert "topic later does not exist" in heard.of(Broken)[0].reason
    assert broker.groups[GROUP].committed == {ONE: 1}


def test_a_member_that_its_group_gave_up_drops_what_it_held_and_joins_again() -> None:
    broker, sums = make_broker(), [Sum(SETTINGS), Sum(SETTINGS)]
    write(broker, b"1")
    with start(broker, adding(SETTINGS, *sums)) as process:
        broker.give_up(GROUP, SETTINGS.name_member(GROUP))
        write(broker, b"2")
        process.turn()
        assert not process.is_ready()
        assert process.heard.of(Rebalanced)[1].revoked == {ONE}
        process.turn(2)
        assert process.is_ready()
    assert values(broker) == [b"1", b"3"]
    assert sums[1].restored == [(1, 1)]


def test_a_settings_error_ends_the_loop_and_closes_its_clients() -> None:
    broker = make_broker()
    broker.delete_before(ONE, 1)
    write(broker, b"1", b"2")
    with pytest.raises(SettingsError, match="offset 0 was deleted, 1 record is missing"):
        run_until(broker, adding(SETTINGS, rebuild=True), lambda: False)
    assert broker.open_clients == 0


def test_clients_are_closed_where_one_of_them_cannot_be_opened() -> None:
    broker = make_broker()
    broker.delete_topic(DEAD.topic)
    work = replace(echo(SETTINGS), dead_limit=LIMITS)
    with pytest.raises(Unavailable, match="topic dead does not exist"):
        Process(broker, work)
    assert broker.open_clients == 0


def test_a_topic_that_is_deleted_is_noticed_when_it_is_quiet_for_long() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS)) as process:
        broker.delete_topic(IN)
        process.life._ready.clear()
        broker.clock += 99 * BEAT
        process.turn()
        broker.clock += 2 * BEAT
        with pytest.raises(Unavailable, match="topic in does not exist"):
            process.turn()


def test_a_busy_loop_does_not_look_for_its_topic() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS)) as process:
        for _ in range(3):
            broker.clock += 60 * BEAT
            write(broker, b"a")
            process.turn()
        broker.clock += 99 * BEAT
        broker.delete_topic(IN)
        process.life._ready.clear()
        process.turn()


def test_records_deleted_before_they_were_read_end_the_life_and_the_next_says_what_is_missing() -> None:
    broker = make_broker()
    write(broker, b"a")
    with start(broker, echo(SETTINGS)) as process:
        write(broker, b"b", b"c", b"d")
        broker.delete_before(ONE, 3)
        with pytest.raises(Unavailable, match="offsets 1 to 2 were deleted, 2 records"):
            process.turn()
    with pytest.raises(SettingsError, match=r"at offset 1 of .*, but offsets 1 to 2 were deleted, 2 records"):
        Process(broker, echo(SETTINGS)).turn()
    with start(broker, replace(echo(SETTINGS), partial=True)) as process:
        assert process.heard.of(WentOnWithout) == [WentOnWithout(ONE, 3)]
    assert values(broker) == [b"a", b"d"]
    assert places(broker) == {0: 4}


def test_records_deleted_with_all_behind_them_are_missed_too() -> None:
    broker = make_broker()
    write(broker, b"a")
    with start(broker, echo(SETTINGS)) as process:
        write(broker, b"b")
        broker.delete_before(ONE, 2)
        with pytest.raises(Unavailable, match="offset 1 was deleted, 1 record"):
            process.turn()


def test_records_deleted_after_they_were_answered_are_not_missed() -> None:
    broker = make_broker()
    write(broker, b"a", b"b")
    with start(broker, echo(SETTINGS)) as process:
        broker.delete_before(ONE, 2)
        write(broker, b"c")
        process.turn()
    assert values(broker) == [b"a", b"b", b"c"]


def test_a_place_beyond_the_end_stops_the_service_and_partial_reads_the_topic_anew() -> None:
    broker = make_broker()
    write(broker, b"a", b"b")
    broker.join_group(GROUP, IN).committed[ONE] = 5
    with pytest.raises(SettingsError, match=r"at offset 5 of partition 0 of in, which ends at offset 2"):
        run_until(broker, echo(SETTINGS), lambda: False)
    with start(broker, replace(echo(SETTINGS), partial=True)):
        assert values(broker) == [b"a", b"b"]


def test_markers_of_transactions_are_passed_and_nothing_waits_at_rest() -> None:
    broker = make_broker()
    producer = FakeCluster(broker).open_transactional_producer("writer")
    for value in (b"a", b"b"):
        producer.transact([Outgoing(topic=IN, partition=0, value=value)], {}, None)
    with start(broker, echo(SETTINGS)) as process:
        assert process.heard.of(Behind)[-1].records == 0
    assert (values(broker), places(broker)) == ([b"a", b"b"], {0: 4})


def test_it_says_how_much_waits_to_be_read() -> None:
    broker = make_broker()
    write(broker, *[b"1"] * 60)
    with start(broker, echo(SETTINGS), turns=1) as process:
        (behind,) = process.heard.of(Behind)
        assert (behind.partition, behind.records) == (ONE, 10)
        written = broker.logs[ONE][49]
        assert isinstance(written, Record)
        assert behind.read_at == written.timestamp / 1000, "the newest one that was read"


def test_before_the_first_record_nobody_knows_how_old_what_waits_is() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS), turns=1) as process:
        assert process.heard.of(Behind) == [Behind(ONE, 0, None)]


def test_each_batch_tells_how_long_its_stages_took() -> None:
    broker = make_broker()

    def work(record: Record) -> Sequence[Outgoing]:
        broker.clock += 0.25
        return [Outgoing(topic=OUT.topic, value=record.value)]

    write(broker, b"1", b"2")
    with start(broker, job(SETTINGS, lambda _: Stateless(work))) as process:
        assert process.heard.of(StageEnded) == [StageEnded("handle", 0.5), StageEnded("deliver", 0.0)]


def test_transactions_are_told_and_turns_without_records_are_none() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS), turns=5) as process:
        assert {fact.outcome for fact in process.heard.of(TransactionEnded)} == {"committed"}
        assert len(process.heard.of(StageEnded)) == 2


# Rule 5: a stop ends the loop between two batches, and the group is left at once.


def test_a_stop_ends_the_loop_after_the_batch_and_leaves_the_group() -> None:
    broker = make_broker()
    write(broker, *[b"a"] * 60)
    heard, _ = run_until(broker, echo(SETTINGS), lambda: True)
    assert len(heard.of(Turned)) == 1
    assert places(broker) == {0: 50}
    assert not broker.groups[GROUP].members
    assert broker.open_clients == 0


def test_a_process_that_only_closes_keeps_its_place_and_is_back_at_once() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS)):
        pass
    assert list(broker.groups[GROUP].members) == [SETTINGS.name_member(GROUP)]
    write(broker, b"a")
    with start(broker, echo(SETTINGS), "two") as two, start(broker, echo(SETTINGS)):
        assert two.is_ready()
        assert two.heard.of(Rebalanced) == []
    assert values(broker) == [b"a"]


def test_a_member_without_partitions_stands_by_ready_and_takes_over_when_the_other_leaves() -> None:
    broker = make_broker()
    write(broker, b"1")
    with start(broker, adding(SETTINGS)) as one, start(broker, adding(SETTINGS), "two") as two:
        assert two.is_ready()
        assert two.heard.of(Restored) == []
        write(broker, b"2")
        one.life.leave()
        two.turn(2)
    assert values(broker) == [b"1", b"3"]


# Rule 6: a record that cannot be read becomes a dead letter in the same delivery, and the loop goes on.


def test_an_invalid_record_becomes_a_dead_letter_in_the_same_delivery() -> None:
    broker = make_broker()
    broker.append(Outgoing(topic=IN, partition=0, key=b"k", value=value) for value in (b"1", b"bad", b"2"))
    with start(broker, adding(SETTINGS)) as process:
        assert [told.reason for told in process.heard.of(DeadLettered)] == ["schema"]
    assert values(broker) == [b"1", b"3"]
    (letter,) = read(broker, DEAD)
    assert (letter.key, letter.value) == (b"k", b"bad")
    assert letter.headers == (
        ("reason", b"schema"),
        ("detail", b"'bad' is not a number"),
        ("topic", b"in"),
        ("partition", b"0"),
        ("offset", b"1"),
    )
    assert broker.transactions[0][0][:3] == [b"1", b"bad", b"3"]
    assert broker.transactions[0][1] == {0: 3}


def test_an_unexpected_error_becomes_a_dead_letter_with_its_traceback() -> None:
    broker = make_broker()
    write(broker, b"a", b"boom", b"b")

    def answer(record: Record) -> Sequence[Outgoing]:
        if record.value == b"boom":
            raise ZeroDivisionError("a bug")
        return [Outgoing(topic=OUT.topic, value=record.value)]

    with start(broker, job(SETTINGS, lambda _: Stateless(answer))) as process:
        (told,) = process.heard.of(DeadLettered)
    assert (told.reason, told.record.offset) == ("internal", 1)
    assert "ZeroDivisionError" in told.detail
    assert "Traceback" in told.trace
    assert (values(broker), values(broker, DEAD)) == ([b"a", b"b"], [b"boom"])


def test_a_record_whose_bytes_are_damaged_becomes_a_dead_letter() -> None:
    broker = make_broker()
    write(broker, b"1", b"?", b"2")
    broker.damage(ONE, 1, "wrong checksum")
    with start(broker, adding(SETTINGS)) as process:
        (told,) = process.heard.of(DeadLettered)
    assert (told.reason, told.detail, told.trace) == ("corrupt", "wrong checksum", "")
    assert values(broker) == [b"1", b"3"]


@pytest.mark.parametrize("error", [Unavailable, SettingsError, MemoryError])
def test_an_error_that_is_not_of_the_record_ends_the_life(error: type[Exception]) -> None:
    broker = make_broker()
    write(broker, b"a")

    def answer(_: Record) -> Sequence[Outgoing]:
        raise error("not of the record")

    with pytest.raises(error):
        Process(broker, job(SETTINGS, lambda _: Stateless(answer))).turn()
    assert (places(broker), values(broker, DEAD)) == ({}, [])


# Rule 8: a process whose name another one has taken ends.


def test_a_process_whose_name_another_one_has_taken_ends_and_says_so() -> None:
    broker = make_broker()
    with start(broker, adding(SETTINGS)) as one, start(broker, adding(SETTINGS)) as two:
        write(broker, b"1")
        two.turn()
        with pytest.raises(
            SettingsError, match=r"another process has joined .* run: brentwatch .*kafka.replica=one-2"
        ):
            one.turn()
    assert values(broker) == [b"1"]


def test_a_process_that_is_shut_out_while_it_delivers_ends_too() -> None:
    broker = make_broker()
    others: list[Process] = []

    class Overtaken(Sum):
        def collect_changes(self, place: int) -> Sequence[Outgoing]:
            if not others:
                others.append(Process(broker, adding(SETTINGS)))
                others[0].turn()
            return super().collect_changes(place)

    with start(broker, adding(SETTINGS, Overtaken(SETTINGS))) as one:
        write(broker, b"1")
        with pytest.raises(SettingsError, match="another process has joined"):
            one.turn()
    assert values(broker) == []
    others[0].turn(2)
    assert values(broker) == [b"1"]


def test_a_process_that_comes_too_late_with_a_delivery_begins_anew() -> None:
    broker = make_broker()

    class Late(Sum):
        def collect_changes(self, place: int) -> Sequence[Outgoing]:
            if not self.restored:
                broker.give_up(GROUP, SETTINGS.name_member(GROUP))
            self.restored = []
            return super().collect_changes(place)

    with start(broker, adding(SETTINGS, Late(SETTINGS))) as one:
        write(broker, b"1")
        one.turn()
        write(broker, b"2")
        with pytest.raises(Unavailable, match="is not known to the group"):
            one.turn()


def test_what_a_predecessor_of_the_name_left_open_is_ended_by_a_member_without_partitions() -> None:
    broker = make_broker()
    broker.leave_transaction_open(SETTINGS.name_member(GROUP), OUT, b"half")
    with start(broker, adding(SETTINGS), "two", 1), start(broker, adding(SETTINGS), turns=1):
        assert broker.unended == {}


# Rule 9: a partition that the group has left to nobody is claimed.


def test_a_partition_that_was_left_to_nobody_is_claimed_once_some_beats_after_the_start() -> None:
    broker = make_broker(2)
    broker.join_group(GROUP, IN)
    broker.orphan(GROUP, TWO)
    write(broker, b"b", to=TWO)
    with start(broker, echo(SETTINGS)) as process:
        assert process.heard.of(Orphaned) == []
        broker.clock += 2 * BEAT
        process.turn(2)
        assert process.heard.of(Orphaned) == [Orphaned(frozenset({TWO}))]
        assert values(broker) == [b"b"]
        broker.groups[GROUP].owned.clear()
        broker.clock += 100 * BEAT
        process.turn()
        assert len(process.heard.of(Orphaned)) == 1


def test_a_rebalance_puts_the_look_for_orphans_off() -> None:
    broker = make_broker()
    with start(broker, echo(SETTINGS)) as process:
        group = broker.groups[GROUP]
        group.is_rebalancing, owned = True, dict(group.owned)
        group.owned.clear()
        broker.clock += 3 * BEAT
        process.turn()
        assert process.heard.of(Orphaned) == []
        group.is_rebalancing = False
        process.turn()
        assert process.heard.of(Orphaned) == []
        broker.clock += 2 * BEAT
        process.turn()
        assert process.heard.of(Orphaned) == [Orphaned(frozenset(owned))]


# Who is ready, who stands by, and who stops.


def test_a_partition_that_nobody_claims_is_left_alone() -> None:
    broker = make_broker(2)
    write(broker, b"1", to=ONE)
    write(broker, b"1", to=TWO)
    claimed = Stateless(lambda record: [Outgoing(topic=OUT.topic, value=record.value)])
    with start(broker, job(SETTINGS, lambda at: Unclaimed() if at.number else claimed)) as process:
        assert process.is_ready()
        assert [fact.partition for fact in process.heard.of(Behind)] == [ONE] * 3
    assert (values(broker), places(broker)) == ([b"1"], {0: 1})


def test_a_partition_that_cannot_begin_is_told_and_does_not_stop_the_others() -> None:
    broker = make_broker(2)
    write(broker, b"1", b"2")
    write(broker, b"5", to=TWO)
    broker.delete_before(ONE, 1)
    work = job(SETTINGS, lambda each: Sum(SETTINGS, each.number), state_topic=STATE.topic)
    for rebuild in (False, True):
        with start(broker, replace(work, rebuild=rebuild)) as process:
            (stopped,) = process.heard.of(Stopped)
            assert stopped.partition == ONE
            assert "offset 0 was deleted, 1 record is missing" in stopped.reason
            assert not process.is_ready()
    assert (values(broker), places(broker)) == ([b"5"], {1: 1})


def test_a_service_of_which_no_partition_can_begin_ends() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    broker.delete_before(ONE, 1)
    with pytest.raises(SettingsError, match="offset 0 was deleted"):
        run_until(broker, adding(SETTINGS), lambda: False)
    worker = Sum(SETTINGS)
    with start(broker, adding(SETTINGS, worker, partial=True)) as process:
        assert process.heard.of(WentOnWithout) == [WentOnWithout(ONE, 1)]
    assert worker.is_partial
    assert values(broker) == [b"2"]


def test_a_partition_that_stopped_and_went_stops_nobody() -> None:
    broker = make_broker(2)
    write(broker, b"1", b"2")
    broker.delete_before(ONE, 1)
    work = job(SETTINGS, lambda each: Sum(SETTINGS, each.number), state_topic=STATE.topic)
    with start(broker, work) as one, start(broker, work, "two", 1):
        broker.groups[GROUP].wanted = {ONE: SETTINGS.name_member(GROUP)[:-3] + "two"}
        one.turn()
        assert one.is_ready()


def test_a_worker_is_told_when_nothing_waits_to_be_read() -> None:
    broker, worker = make_broker(), Sum(SETTINGS)
    write(broker, b"1")
    with start(broker, adding(SETTINGS, worker), turns=2) as process:
        assert worker.idled == 0
        process.turn()
        assert worker.idled == 1


# Rule 10: a worker hears what is committed, and for how long the partition is its own.


def test_a_worker_hears_what_is_committed_once_it_has_passed_what_was_there() -> None:
    broker, worker = make_broker(), Sum(SETTINGS)
    write(broker, b"1", b"1")
    with start(broker, adding(SETTINGS, worker), turns=1) as process:
        for commits in ([], [2]):
            process.life._most = 1  # one record in each turn
            process.turn()
            assert worker.commits == commits
        write(broker, b"1")
        process.turn()
        assert worker.commits == [2, 3]


def test_a_worker_hears_of_what_its_predecessor_committed_after_the_restore() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS)):
        pass
    worker = Sum(SETTINGS)
    with start(broker, adding(SETTINGS, worker), turns=1):
        assert worker.commits == [3]


def test_what_is_not_committed_is_not_told() -> None:
    broker, worker = make_broker(), Sum(SETTINGS)
    with start(broker, adding(SETTINGS, worker)) as process:
        told = list(worker.commits)
        write(broker, b"1")
        records = process.life._consumer.poll(0, 10)
        broker.is_away = True
        with pytest.raises(Unavailable):
            process.life._answer(records)
        assert worker.total == 1
        assert worker.commits == told
        broker.is_away = False


def test_the_lease_is_half_the_session_after_the_last_sign_of_the_group_and_ends_with_the_partition() -> None:
    broker, worker = make_broker(2), Sum(SETTINGS)
    half = SETTINGS.session_timeout_seconds / 2
    with start(broker, adding(SETTINGS, worker, Sum(SETTINGS, 1))) as process:
        assert set(worker.leases) == {half}
        process.life._consumer.measure_silence = lambda: half - 1.0  # type: ignore[method-assign] # it is silent
        process.turn()
        assert worker.leases[-1] == 1.0
        process.life._consumer.measure_silence = lambda: 2 * half  # type: ignore[method-assign]
        renewed = len(worker.leases)
        process.turn()
        assert len(worker.leases) == renewed, "it runs out by itself"
    assert worker.leases[-1] == 0.0


@pytest.mark.parametrize("how", ["closed", "revoked"])
def test_a_lease_ends_when_the_partition_goes_or_the_life_ends(how: str) -> None:
    broker = make_broker(2)
    sums = [Sum(SETTINGS, 0), Sum(SETTINGS, 1)]
    process = Process(broker, adding(SETTINGS, *sums))
    process.turn(3)
    if how == "revoked":
        with start(broker, echo(SETTINGS), "two", 1):
            process.turn(2)
            assert sorted(each.leases[-1] > 0 for each in sums) == [False, True]
    process.close()
    assert [each.leases[-1] for each in sums] == [0.0, 0.0]


# Rule 11: a tolerant job goes on where state and offset disagree, and says so.


def test_a_job_that_is_not_tolerant_stops_where_state_and_offset_disagree() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS)):
        pass
    broker.groups[GROUP].committed[ONE] = 1
    with pytest.raises(SettingsError, match="expected the same offset"):
        run_until(broker, adding(SETTINGS), lambda: False)


def test_a_tolerant_job_follows_its_state_and_says_so() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS)):
        pass
    broker.groups[GROUP].committed[ONE] = 1
    write(broker, b"3")
    with start(broker, adding(SETTINGS, tolerant=True)) as process:
        assert [(each.partition, each.place) for each in process.heard.of(Disagreed)] == [(ONE, 2)]
    assert values(broker)[-1] == b"6"


def test_a_tolerant_job_without_its_state_begins_at_the_first_record_and_replaces_what_was_kept() -> None:
    broker = make_broker()
    write(broker, b"1", b"2")
    with start(broker, adding(SETTINGS)):
        pass
    broker.logs[STATE].clear()
    write(broker, b"3")
    for disagreements in (1, 0):
        with start(broker, adding(SETTINGS, tolerant=True)) as process:
            assert len(process.heard.of(Disagreed)) == disagreements
    assert values(broker)[-1] == b"6"


def test_a_group_that_never_committed_begins_at_the_end_where_the_job_says_so_and_commits_that() -> None:
    broker = make_broker()
    write(broker, b"a")
    work = replace(echo(SETTINGS), begins_at_end=lambda _: True)
    with start(broker, work):
        assert places(broker) == {0: 1}
        write(broker, b"b")
    with start(broker, replace(work, begins_at_end=lambda _: pytest.fail("it has committed"))):
        pass
    assert values(broker) == [b"b"]


# A job that reads several topics: one member of the group reads them all, each from its own place.


def test_a_job_reads_its_further_topics_and_each_record_goes_to_the_worker_of_its_topic() -> None:
    broker = make_broker()
    more = Partition(broker.make_topic(SETTINGS.topic("more")), 0)
    heard: list[tuple[str, bytes | None]] = []

    def remember(record: Record) -> Sequence[Outgoing]:
        heard.append((record.partition.topic, record.value))
        return []

    work = replace(
        job(SETTINGS, lambda _: Stateless(remember)),
        further_topics=(more.topic,),
        begins_at_end=lambda partition: partition == more,
    )
    write(broker, b"old")
    write(broker, b"old", to=more)
    with start(broker, work) as process:
        write(broker, b"new", to=more)
        process.turn()
        assert {each.partition for each in process.heard.of(Behind)} == {ONE, more}
    assert heard == [(IN, b"old"), (more.topic, b"new")]
    assert broker.groups[GROUP].committed == {ONE: 1, more: 2}


def test_a_further_topic_that_is_deleted_is_missed_as_the_first_one_is() -> None:
    broker = make_broker()
    work = replace(echo(SETTINGS), further_topics=(broker.make_topic("more"),))
    with start(broker, work) as process:
        broker.delete_topic("more")
        process.life._ready.clear()
        broker.clock += 101 * BEAT
        with pytest.raises(Unavailable, match="topic more does not exist"):
            process.turn()
