"""The fake cluster passes the contract test of the real clients."""

import pytest
from tests.stream.contract import ClientsContract, World
from tests.stream.fake_group import SETTINGS, FakeBroker, FakeCluster

from brentwatch.stream import Partition


class FakeWorld(World):
    group = SETTINGS.group("test")
    source = SETTINGS.topic("in")

    def __init__(self) -> None:
        self.broker = FakeBroker()

    def enter(self, replica: str = "one") -> FakeCluster:
        return FakeCluster(self.broker, replica)

    def make_topic(self, name: str, partitions: int) -> None:
        self.broker.make_topic(name, partitions)

    def delete_before(self, partition: Partition, offset: int) -> None:
        self.broker.delete_before(partition, offset)

    def give_up(self, name: str) -> None:
        self.broker.give_up(self.group, self.enter(name).settings.name_member(self.group))

    def leave_transaction_open(self, name: str, partition: Partition) -> None:
        self.broker.leave_transaction_open(name, partition, b"half")


class TestFakeClients(ClientsContract):
    """In memory."""

    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld()
