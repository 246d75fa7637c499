"""Records on a real broker: read to the end, and dead letters of whatever size."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaProducer
from tests.kafka.tools import make_topic, read, values, write, write_values

from brentwatch.core.errors import Unavailable
from brentwatch.stream import DEAD, EVENTS, Outgoing, Partition, load_topics, read_partition
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.records import INPUT_LIMIT, build_dead_letter
from brentwatch.stream.topics import apply, plan

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka


def test_a_partition_is_read_from_the_start_to_its_end(settings: KafkaSettings) -> None:
    topic = make_topic(settings, "t", 2)
    write_values(settings, topic, b"1", b"2", b"3", partition=1)
    assert [record.offset for record in read_partition(settings, Partition(topic, 1), start=1)] == [1, 2]
    assert values(settings, topic, 1) == [b"1", b"2", b"3"]
    assert values(settings, topic, 0) == []


def test_everything_about_a_record_comes_back(settings: KafkaSettings) -> None:
    topic = make_topic(settings, "t")
    sent = Outgoing(topic=topic, key=b"k", value=b"v", headers=(("a", b"1"), ("a", b"2")))
    assert write(settings, sent) == [(Partition(topic, 0), 0)]
    (record,) = read(settings, topic)
    assert (record.key, record.value, record.headers) == (sent.key, sent.value, sent.headers)


def test_a_topic_that_does_not_exist_cannot_be_written(settings: KafkaSettings) -> None:
    with pytest.raises(Unavailable, match=r"nowhere does not exist on Kafka at"):
        write(settings, Outgoing(topic=settings.topic("nowhere"), value=b"1"))


def test_the_largest_record_that_can_arrive_can_be_sent_to_the_dead_letters(settings: KafkaSettings) -> None:
    wanted = load_topics(settings, [0])
    with closing(Admin(settings)) as admin:
        apply(plan([wanted[EVENTS], wanted[DEAD]], admin).steps, admin)
    arrive_compressed(settings, wanted[EVENTS].name, [b"x" * (INPUT_LIMIT - 200), b"x" * (8 * INPUT_LIMIT)])
    arrived = read(settings, wanted[EVENTS].name)
    write(settings, *(build_dead_letter(wanted[DEAD].name, record, "too_large", "why") for record in arrived))
    kept, cut = read(settings, wanted[DEAD].name)
    assert kept.value == arrived[0].value
    assert cut.value == b"x" * INPUT_LIMIT
    assert (
        dict(cut.headers)["truncated"]
        == f"0 bytes of key, {8 * INPUT_LIMIT} bytes of value, 0 headers".encode()
    )


def arrive_compressed(settings: KafkaSettings, topic: str, values: list[bytes]) -> None:
    """Write as a stranger would, whose client allows larger records than ours."""
    with closing(
        KafkaProducer(bootstrap_servers=settings.bootstrap, max_request_size=2**25, compression_type="gzip")
    ) as producer:
        for value in values:
            producer.send(topic, value=value, partition=0).get(timeout=20)
