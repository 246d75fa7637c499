"""The admin client: describes topics and groups, creates topics, and says which topics do not exist."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from brentwatch.core.errors import BrentwatchError, SettingsError, Unavailable
from brentwatch.stream.clients import connection
from brentwatch.stream.clients.failures import is_topic_in_doubt
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import KafkaSettings

_HIDDEN = TopicAuthorizationFailedError.errno
_DONE = "OK"
"""How kafka-python says that a configuration was altered; it raises no error, but says it in this place."""


@dataclass(frozen=True, slots=True)
class ClusterDescription:
    """The id of a cluster, and how many brokers it has now."""

    cluster_id: str
    brokers: int

    def __str__(self) -> str:
        return f"cluster id {self.cluster_id}, {self.brokers} broker{'' if self.brokers == 1 else 's'}"


class Admin:
    """Describes topics and groups, and creates, changes and deletes topics."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        connection.check_connection(settings)
        with connection.translate_errors(settings, "connecting"):
            self._client = KafkaAdminClient(**connection.build_options(settings))

    def count_partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """The number of partitions of each topic that exists.

        Raises:
            SettingsError: if we may not see one of them.
        """
        described = self._describe(topics)
        hidden = sorted(name for name, each in described.items() if each["error_code"] == _HIDDEN)
        with connection.translate_errors(self._settings, f"looking at topics (Describe) {', '.join(hidden)}"):
            if hidden:
                raise TopicAuthorizationFailedError(set(hidden))
        return {name: len(each["partitions"]) for name, each in described.items() if not each["error_code"]}

    def _describe(self, topics: Iterable[str]) -> dict[str, Any]:
        with connection.translate_errors(self._settings, "describing topics"):
            return {each["name"]: each for each in self._client.describe_topics(sorted(set(topics)))}

    def list_operations(self, topics: Iterable[str]) -> dict[str, frozenset[str]]:
        """The operations that we may use on each topic, by Kafka's names such as DESCRIBE_CONFIGS.

        A topic that does not exist is left out, and so are all topics if the broker does not report
        operations. A topic that we may not see has none.
        """
        return {
            name: frozenset(each["authorized_operations"] or ())
            for name, each in self._describe(topics).items()
            if each["error_code"] == _HIDDEN or each["authorized_operations"]
        }

    def list_group_operations(self, group: str) -> frozenset[str] | None:
        """The operations that we may use on a consumer group; None if the broker does not report them."""
        doing = f"asking what we may do in group {group}"
        try:
            found = connection.ask_until_ready(
                self._settings, doing, lambda: self._client.describe_groups([group])
            )
        except SettingsError:
            return frozenset()
        described = found.get(group, {})
        if GroupAuthorizationFailedError.__name__ in str(described.get("error")):
            return frozenset()
        return frozenset(described.get("authorized_operations") or ()) or None

    def read_configs(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        """Every configuration value of each topic, by its Kafka name.

        Raises:
            SettingsError: if we may not see it; kafka-python says so by giving none.
        """
        shown = self.read_visible_configs(topics)
        with connection.translate_errors(
            self._settings, "reading the configuration of topics (DescribeConfigs)"
        ):
            if hidden := set(topics) - shown.keys():
                raise TopicAuthorizationFailedError(hidden)
        return shown

    def read_visible_configs(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        """The same of those topics whose configuration we may see."""
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        with connection.translate_errors(
            self._settings, "reading the configuration of topics (DescribeConfigs)"
        ):
            found = (
                self._client.describe_configs(resources, config_filter="all")["topic"] if resources else {}
            )
        return {
            topic: {name: str(each["value"]) for name, each in values.items()}
            for topic, values in found.items()
            if values
        }

    def create(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        """Create a topic with the broker's default number of replicas, and wait until it can be used."""
        with connection.translate_errors(self._settings, f"creating topic {topic} (Create)"):
            self._client.create_topics(
                {topic: {"num_partitions": partitions, "configs": dict(config)}}, wait_for_metadata=True
            )

    def delete(self, topic: str) -> None:
        """Delete a topic with all its records."""
        with connection.translate_errors(self._settings, f"deleting topic {topic} (Delete)"):
            self._client.delete_topics([topic])

    def grow(self, topic: str, partitions: int) -> None:
        """Give a topic more partitions."""
        with connection.translate_errors(self._settings, f"adding partitions to topic {topic} (Alter)"):
            self._client.create_partitions({topic: partitions})

    def configure(self, topic: str, config: Mapping[str, str]) -> None:
        """Set configuration values of a topic; the others stay as they are."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))
        with connection.translate_errors(self._settings, f"configuring topic {topic} (AlterConfigs)"):
            done = self._client.alter_configs([resource], raise_on_unknown=False)["topic"][topic]
            if done != _DONE:
                raise KafkaError(done)

    def fetch_committed(self, group: str) -> dict[Partition, int]:
        """Every committed offset of a group; empty for a group that is not known."""
        doing = f"asking for the offsets of group {group}"
        found = connection.ask_until_ready(
            self._settings, doing, lambda: self._client.list_group_offsets(group)
        )
        return {
            Partition(tp.topic, tp.partition): int(meta.offset)
            for tp, meta in found.get(group, {}).items()
            if meta.offset >= 0
        }

    def count_members(self, group: str) -> int:
        """How many processes are members of a group."""
        doing = f"asking for the members of group {group}"
        found = connection.ask_until_ready(
            self._settings, doing, lambda: self._client.describe_groups([group])
        )
        return len(found.get(group, {}).get("members", []))

    def list_owned(self, group: str) -> frozenset[Partition] | None:
        """The partitions assigned to the members of a group; None during a rebalance."""
        doing = f"asking for the partitions of group {group}"
        found = connection.ask_until_ready(
            self._settings, doing, lambda: self._client.describe_groups([group])
        ).get(group, {})
        if found.get("group_state") != "Stable":
            return None
        given = [
            (member["member_assignment"] or {}).get("assigned_partitions", ()) for member in found["members"]
        ]
        return frozenset(
            Partition(each["topic"], number)
            for topics in given
            for each in topics
            for number in each["partitions"]
        )

    def read_broker_version(self) -> tuple[int, ...]:
        """The newest Kafka release whose protocol both our client and the broker support."""
        with connection.translate_errors(self._settings, "asking for the broker's version"):
            broker = self._client.describe_cluster()["brokers"][0]["broker_id"]
            return tuple(self._client.get_broker_version_data(broker).broker_version)

    def describe_cluster(self) -> ClusterDescription:
        """The cluster as the broker that answers describes it."""
        with connection.translate_errors(self._settings, "asking for the cluster"):
            found = self._client.describe_cluster()
        return ClusterDescription(str(found["cluster_id"]), len(found["brokers"]))

    def find_open_transactions(
        self, partitions: Iterable[Partition], now: datetime
    ) -> dict[Partition, tuple[int, timedelta]]:
        """The partitions that hold an open transaction: its first offset, and the time since its last record.

        The partition's leader is asked. The coordinator may regard a transaction as ended although a
        partition never received the end marker, because a broker was killed during the commit.
        """
        tps = [TopicPartition(each.topic, each.number) for each in partitions]
        with connection.translate_errors(self._settings, "asking for open transactions (Read)"):
            found = self._client.describe_producers(tps)
        return {
            Partition(tp.topic, tp.partition): (
                int(each.current_transaction_start_offset),
                now - datetime.fromtimestamp(each.last_timestamp / 1000, UTC),
            )
            for tp, producers in found.items()
            for each in producers.active_producers
            if each.current_transaction_start_offset >= 0
        }

    def count_behind(self, group: str, topic: str) -> int:
        """How many records of a topic a group has not committed, over all partitions."""
        committed = self.fetch_committed(group)
        partitions = range(self.count_partitions([topic]).get(topic, 0))
        specs = {TopicPartition(topic, number): OffsetSpec.LATEST for number in partitions}
        with connection.translate_errors(self._settings, f"asking for the ends of {topic}"):
            ends = self._client.list_partition_offsets(specs) if specs else {}
        places = {tp: committed.get(Partition(topic, tp.partition), 0) for tp in ends}
        return sum(max(0, int(ends[tp].offset) - place) for tp, place in places.items())

    def close(self) -> None:
        """Close the client."""
        with connection.translate_errors(self._settings, "closing"):
            self._client.close()


class TopicsLacking(Unavailable):
    """Topics do not exist. This has been checked, so do not ask the broker again."""


def diagnose(settings: KafkaSettings, topics: Collection[str], error: Unavailable) -> Unavailable:
    """The error; if one of the `topics` does not exist, an error that says so."""
    if isinstance(error, TopicsLacking) or not is_topic_in_doubt(error.__cause__):
        return error
    missing = _find_missing(settings, topics)
    return TopicsLacking(describe_missing(settings, missing)) if missing else error


def describe_missing(settings: KafkaSettings, missing: Sequence[str]) -> str:
    """The sentence on topics that do not exist."""
    were = "was" if len(missing) == 1 else "were"
    are = f"topic {missing[0]} does" if len(missing) == 1 else f"topics {', '.join(missing)} do"
    return (
        f"{are} not exist on Kafka at {settings.bootstrap}, or {were} deleted. To create what is missing, "
        f"run: {settings.format_create_topics()}"
    )


def _find_missing(settings: KafkaSettings, topics: Collection[str]) -> list[str]:
    try:
        with closing(Admin(settings)) as admin:
            return sorted(set(topics) - admin.count_partitions(topics).keys())
    except BrentwatchError:  # it does not answer, or does not say: then the first error stands
        return []
