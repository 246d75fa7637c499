"""What an installation of version 0.1.0 left on its broker, and putting it on another broker.

`tests/data/installation_of_0.1.0.json.xz` was made by commit d8b5d26 with the packages of its lock file on
Kafka 4.4: `brentwatch topics create`; `run screen monitor notify`; `feed` of the history abqaiq-2019 up to
16 September, after which an alert was out and sent; the notifier was stopped; `feed` of the event of 17
September and two more prices, which revised the alert; a message that is no event; `brentwatch dead accept`.
Then every topic with its configuration, the committed offsets and the settings file were written by

    python -m tests.kafka.older BOOTSTRAP PREFIX SETTINGS.toml FILE
"""

from __future__ import annotations

import json
import lzma
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafka import OffsetAndMetadata, TopicPartition
from tests.kafka.patience import await_true, quick
from tests.kafka.tools import read, write

from brentwatch.stream import Outgoing, load_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.connection import ask_until_ready

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings, Record

FILE = Path(__file__).parents[1] / "data" / "installation_of_0.1.0.json.xz"
GROUPS = ("screen", "monitor", "notify")


def save_installation(settings: KafkaSettings, settings_file: Path, file: Path) -> None:
    """Write to `file` what stands under the prefix of the settings."""
    with closing(Admin(settings)) as admin:
        known = load_topics(settings, [0])
        partitions = admin.count_partitions(topic.name for topic in known.values())
        configs = admin.read_configs(sorted(partitions))
        topics = {
            name: {
                "partitions": partitions[topic.name],
                "config": {key: configs[topic.name][key] for key in topic.config},
                "records": [
                    _describe(each)
                    for number in range(partitions[topic.name])
                    for each in read(settings, topic.name, number)
                ],
            }
            for name, topic in known.items()
            if topic.name in partitions
        }
        offsets = {group: admin.fetch_committed(settings.group(group)) for group in GROUPS}
    committed = {
        group: [
            [place.topic.removeprefix(settings.topic_prefix), place.number, offset]
            for place, offset in found.items()
        ]
        for group, found in offsets.items()
    }
    text = settings_file.read_text(encoding="utf-8")
    left = {"settings": text, "prefix": settings.topic_prefix, "committed": committed, "topics": topics}
    file.write_bytes(lzma.compress(json.dumps(left).encode(), preset=9))


def _describe(record: Record) -> list[Any]:
    key, value = (None if each is None else each.decode() for each in (record.key, record.value))
    headers = [[name, text.decode()] for name, text in record.headers]
    return [record.partition.number, record.offset, record.timestamp, key, value, headers]


class Installation:
    """The installation of 0.1.0."""

    def __init__(self) -> None:
        left = json.loads(lzma.decompress(FILE.read_bytes()))
        self.settings: str = left["settings"]
        self._prefix: str = left["prefix"]
        self._topics: dict[str, Any] = left["topics"]
        self._committed: dict[str, list[tuple[str, int, int]]] = left["committed"]

    def put(self, settings: KafkaSettings) -> None:
        """Topics, records and offsets onto the broker, under the prefix of the test.

        The times of the records are moved so that the newest is of now: a broker deletes what is older than
        its topic keeps. Markers of transactions take no offset, and the offsets of groups are counted so.
        """
        newest = max(each[2] for topic in self._topics.values() for each in topic["records"])
        for name, topic in self._topics.items():
            with closing(Admin(settings)) as admin:
                admin.create(settings.topic(name), topic["partitions"], topic["config"])
            shift = int(time.time() * 1000) - newest
            write(settings, *(self._build(settings, name, each, shift) for each in topic["records"]))
        for group in GROUPS:
            await_true(partial(self._commits, settings, group), "the group has committed")

    def _build(self, settings: KafkaSettings, name: str, record: list[Any], shift: int) -> Outgoing:
        partition, _, written, key, value, headers = record
        return Outgoing(
            topic=settings.topic(name),
            partition=partition,
            key=None if key is None else key.encode(),
            value=None if value is None else value.encode(),
            headers=tuple(
                (each, text.replace(self._prefix, settings.topic_prefix).encode()) for each, text in headers
            ),
            timestamp=written + shift,
        )

    def count(self, topic: str, partition: int = 0, before: int = sys.maxsize) -> int:
        """How many records of a partition have a lower offset."""
        records = self._topics[topic]["records"]
        return sum(each[0] == partition and each[1] < before for each in records)

    def list_values(self, topic: str) -> list[str]:
        """The values of the records of a topic."""
        return [each[4] for each in self._topics[topic]["records"]]

    def count_committed(self, group: str, topic: str) -> int:
        """How many records of a topic a group has answered."""
        return sum(self.count(*place) for place in self._committed[group] if place[0] == topic)

    def _commits(self, settings: KafkaSettings, group: str) -> bool:
        """A fresh broker passes over an offset for a topic or a group that it does not know yet."""
        places = {
            TopicPartition(settings.topic(topic), number): self.count(topic, number, offset)
            for topic, number, offset in self._committed[group]
        }
        moved = {place: OffsetAndMetadata(offset) for place, offset in places.items()}
        name = settings.group(group)
        with closing(Admin(settings)) as admin:
            ask_until_ready(
                settings, "moving a group", lambda: admin._client.alter_group_offsets(name, moved)
            )
            found = admin.fetch_committed(name)
        return {TopicPartition(at.topic, at.number): offset for at, offset in found.items()} == places


if __name__ == "__main__":
    save_installation(quick(*sys.argv[1:3]), Path(sys.argv[3]), Path(sys.argv[4]))
