"""The real clients on a real broker pass the contract test that the fake cluster passes."""

from contextlib import closing

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from tests.kafka.tools import make_topic
from tests.stream.contract import ClientsContract, World

from brentwatch.stream import KafkaSettings, Partition
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster

pytestmark = pytest.mark.kafka


class RealWorld(World):
    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.group, self.source = settings.group("test"), settings.topic("in")

    def enter(self, replica: str = "one") -> Cluster:
        return Cluster(self.settings.model_copy(update={"replica": replica}))

    def make_topic(self, name: str, partitions: int) -> None:
        make_topic(self.settings, name.removeprefix(self.settings.topic_prefix), partitions)

    def delete_before(self, partition: Partition, offset: int) -> None:
        with closing(Admin(self.settings)) as admin:
            admin._client.delete_records({TopicPartition(partition.topic, partition.number): offset})

    def give_up(self, name: str) -> None:
        gone = MemberToRemove(
            member_id="", group_instance_id=self.enter(name).settings.name_member(self.group)
        )
        with closing(KafkaAdminClient(bootstrap_servers=self.settings.bootstrap)) as client:
            client.remove_group_members(self.group, [gone])

    def leave_transaction_open(self, name: str, partition: Partition) -> None:
        client = KafkaProducer(
            bootstrap_servers=self.settings.bootstrap, transactional_id=name, transaction_timeout_ms=600_000
        )
        with closing(client):
            client.init_transactions()
            client.begin_transaction()
            client.send(partition.topic, value=b"half", partition=partition.number).get(10)


class TestRealClients(ClientsContract):
    """On a broker."""

    @pytest.fixture
    def world(self, settings: KafkaSettings) -> RealWorld:
        return RealWorld(settings)
