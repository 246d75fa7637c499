"""What leaves is acknowledged before an offset is committed, and an answered offset is not forgotten."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from brentwatch.core.errors import Unavailable
from brentwatch.stream import Outgoing, Partition
from brentwatch.stream.clients.connection import Fenced
from brentwatch.stream.delivery import AtLeastOnce, ExactlyOnce
from brentwatch.stream.facts import LoopFact, TransactionEnded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ONE, TWO = Partition("t", 1), Partition("t", 2)
ANSWER = [Outgoing(topic="out", value=b"1")]


class Broker:
    """Both ends of a delivery: it keeps the order in which things reached it."""

    def __init__(self, *, acknowledges: bool = True) -> None:
        self.log: list[object] = []
        self.acknowledges = acknowledges
        self.rebalances = False

    def send(self, records: Sequence[Outgoing]) -> None:
        if not self.acknowledges:
            raise Unavailable("no acknowledgement")
        self.log.append([record.value for record in records])

    def commit(self, positions: Mapping[Partition, int]) -> bool:
        if not self.rebalances:
            self.log.append(dict(positions))
        return not self.rebalances


def test_answers_come_before_offsets() -> None:
    broker = Broker()
    AtLeastOnce(broker, broker).deliver(ANSWER, {ONE: 5})
    assert broker.log == [[b"1"], {ONE: 5}]


def test_without_acknowledgement_nothing_is_committed() -> None:
    broker = Broker(acknowledges=False)
    with pytest.raises(Unavailable):
        AtLeastOnce(broker, broker).deliver(ANSWER, {ONE: 5})
    assert broker.log == []


def test_nothing_answered_is_nothing_to_do() -> None:
    broker = Broker()
    AtLeastOnce(broker, broker).deliver([], {})
    assert broker.log == []


def test_what_a_rebalance_held_back_is_committed_afterwards() -> None:
    broker = Broker()
    delivery = AtLeastOnce(broker, broker)
    broker.rebalances = True
    delivery.deliver([], {ONE: 5, TWO: 7})
    broker.rebalances = False
    delivery.deliver([], {ONE: 6})
    delivery.deliver([], {})
    assert broker.log == [{ONE: 6, TWO: 7}]


def test_a_lazy_delivery_commits_when_nothing_waits_or_after_ten_of_them() -> None:
    broker = Broker()
    delivery = AtLeastOnce(broker, broker, is_lazy=True)
    delivery.deliver(ANSWER, {ONE: 1})
    delivery.deliver(ANSWER, {ONE: 2})
    assert broker.log == [[b"1"], [b"1"]]
    delivery.deliver([], {})
    assert broker.log[2:] == [{ONE: 2}]
    for offset in range(3, 14):
        delivery.deliver(ANSWER, {ONE: offset})
    assert broker.log[3:] == [[b"1"]] * 11 + [{ONE: 13}]


def test_a_partition_that_was_taken_away_is_not_committed() -> None:
    broker = Broker()
    delivery = AtLeastOnce(broker, broker)
    broker.rebalances = True
    delivery.deliver([], {ONE: 5, TWO: 7})
    broker.rebalances = False
    delivery.forget(TWO)
    delivery.deliver([], {})
    assert broker.log == [{ONE: 5}]


class Transactions:
    """A producer of transactions that keeps what it was given, and by which member, or fails."""

    def __init__(self, log: list[object], error: Unavailable | None = None) -> None:
        self.log, self.error = log, error
        log.append("opened")

    def transact(
        self, records: Sequence[Outgoing], positions: Mapping[Partition, int], membership: object
    ) -> None:
        if self.error:
            raise self.error
        self.log.append(([record.value for record in records], dict(positions), membership))

    def close(self) -> None:
        self.log.append("closed")


class Member:
    membership = "generation 7"


def exactly_once() -> tuple[ExactlyOnce, list[object]]:
    log: list[object] = []
    return ExactlyOnce(lambda: Transactions(log), Member(), lambda _: None), log


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "committed"), (Unavailable("away"), "failed"), (Fenced("another one came"), "fenced")],
)
def test_each_transaction_is_told_with_its_outcome(error: Unavailable | None, outcome: str) -> None:
    told: list[LoopFact] = []
    delivery = ExactlyOnce(lambda: Transactions([], error), Member(), told.append)
    with nullcontext() if error is None else pytest.raises(Unavailable):
        delivery.deliver(ANSWER, {ONE: 5})
    assert told == [TransactionEnded(outcome)]


def test_answers_and_offsets_are_one_transaction_of_this_member() -> None:
    delivery, log = exactly_once()
    delivery.deliver(ANSWER, {ONE: 5})
    delivery.deliver([], {ONE: 6})
    assert log == ["opened", ([b"1"], {ONE: 5}, "generation 7"), ([], {ONE: 6}, "generation 7")]


def test_where_there_is_nothing_there_is_no_transaction() -> None:
    delivery, log = exactly_once()
    delivery.deliver([], {})
    delivery.close()
    assert log == []


def test_what_a_predecessor_left_open_ends_before_the_place_is_asked_for() -> None:
    delivery, log = exactly_once()
    delivery.open()
    delivery.open()
    delivery.close()
    assert log == ["opened", "closed"]
