"""The topics that are the record of an installation, read completely and written again.

Everything else on Kafka can be recreated from these three: the monitor derives its state, studies and alerts
from the timeline and the voided records, and the notifier its state from the deliveries.

A restored record has its old partition and its old time: the append time of a delivery is the only clock of
the notifier's decisions. So a topic is made with times of the producer, and gets append times when its
records are there. On the timeline a record also has its old offset, by which records are voided. No offset is
left out there, since nobody writes to the timeline in transactions.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Outgoing, Partition
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import DELIVERIES, TIMELINE, VOIDED, Topic
from brentwatch.wire.record_copy import RecordCopy

SAVED = (TIMELINE, VOIDED, DELIVERIES)

_BATCH = 1_000
_TIME_TYPE = "message.timestamp.type"


def read_topic(settings: KafkaSettings, name: str, partitions: int) -> Iterator[RecordCopy]:
    """Every committed record of a topic, named without its prefix, one partition after the other.

    Raises:
        Unavailable: if Kafka fails.
        InvalidInput: if records of the timeline are missing.
    """
    for number in range(partitions):
        records = read_partition(settings, Partition(settings.topic(name), number))
        for place, record in enumerate(records):
            if name == TIMELINE and record.offset != place:
                raise InvalidInput(
                    f"offset {place} of {record.partition} is missing; expected a complete timeline, because "
                    "studies would differ: copy the disks of the broker, or mirror the topic"
                )
            yield RecordCopy(
                partition=number,
                offset=record.offset,
                time=record.timestamp,
                key=record.key,
                value=record.value,
                headers=record.headers,
            )


def refuse_existing(topics: Iterable[Topic], admin: Admin) -> None:
    """Make sure that nothing is mixed with what is restored.

    Raises:
        SettingsError: if one of the topics exists.
    """
    if found := sorted(admin.count_partitions(topic.name for topic in topics)):
        raise SettingsError(
            f"topic {found[0]} exists; expected none of the restored topics to exist: use another "
            "kafka.topic_prefix or another broker, or delete it"
        )


def restore_topic(
    settings: KafkaSettings, topic: Topic, name: str, records: Iterator[RecordCopy], admin: Admin
) -> int:
    """Make the topic, and write the records to it; gives how many they were.

    Raises:
        Unavailable: if Kafka fails; what was written stays.
        SettingsError: if somebody else writes to the topic.
    """
    admin.create(topic.name, topic.partitions, {**topic.config, _TIME_TYPE: "CreateTime"})
    count = 0
    with closing(Producer(settings)) as producer:
        while batch := list(islice(records, _BATCH)):
            places = producer.send([_build_outgoing(topic.name, each) for each in batch])
            if name == TIMELINE:
                _check_places(batch, [offset for _, offset in places])
            count += len(batch)
    admin.configure(topic.name, {_TIME_TYPE: topic.config[_TIME_TYPE]})
    return count


def _build_outgoing(topic: str, saved: RecordCopy) -> Outgoing:
    return Outgoing(
        topic=topic,
        partition=saved.partition,
        key=saved.key,
        value=saved.value,
        headers=saved.headers,
        timestamp=saved.time,
    )


def _check_places(batch: Iterable[RecordCopy], offsets: Iterable[int]) -> None:
    for saved, offset in zip(batch, offsets, strict=True):
        if saved.offset != offset:
            raise SettingsError(
                f"offset {saved.offset} of partition {saved.partition} of the timeline was written at offset "
                f"{offset}; expected no other writers: stop all services of this prefix, delete the topic, "
                "and restore again"
            )
