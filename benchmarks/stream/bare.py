"""Bare loops of kafka-python, with which ours are compared.

    python -m benchmarks.stream.bare BOOTSTRAP HOP

HOP is `once:GROUP:FROM:TO` (exactly once) or `least:GROUP:FROM:TO` (at least once): it copies each record
from one topic to the other until the process ends. `post:GROUP:FROM:TO:PORT` copies exactly once, and then
posts each record to that port of this machine.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

from benchmarks.stream.installation import BATCHES, READING, partitions
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata
from tests.kafka.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_RECORDS = 2000
POLL_MILLISECONDS = 200
_MOST_EMPTY_POLLS = 150


def consumed(bootstrap: str, topic: str, count: int, records: int) -> float:
    """Records a second of a loop that polls a topic of `count` partitions until it has `records` records.

    Raises:
        TimeoutError: if the topic has fewer.
    """
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, **READING)) as consumer:
        consumer.assign(partitions(topic, count))
        started = time.perf_counter()
        seen = first = _some(consumer, topic)
        began = time.perf_counter()
        if first >= records:
            return first / (began - started)
        while seen < records:
            seen += _some(consumer, topic)
        return (seen - first) / (time.perf_counter() - began)


def _some(consumer: Any, topic: str) -> int:
    """The number of records of the next poll that has any."""
    for _ in range(_MOST_EMPTY_POLLS):
        if found := _polled(consumer):
            return found
    raise TimeoutError(f"{topic} has fewer records than expected")


def _polled(consumer: Any) -> int:
    found = consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=MOST_RECORDS)
    return sum(map(len, found.values()))


@contextmanager
def running(bootstrap: str, *hops: str) -> Iterator[None]:
    """Hops that run during the benchmark, each in a process of its own, like services."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.stream.bare", bootstrap]
    children = [subprocess.Popen([*command, hop], cwd=CHECKOUT, stderr=subprocess.DEVNULL) for hop in hops]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def once(bootstrap: str, group: str, source: str, to: str) -> None:
    """Consume, produce and commit in one transaction, for ever."""
    consumer, producer = _opened(bootstrap, group, source, transactional_id=group)
    producer.init_transactions()
    while True:
        found = consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=MOST_RECORDS)
        if found:
            producer.begin_transaction()
            for record in (record for records in found.values() for record in records):
                producer.send(to, value=record.value)
            producer.send_offsets_to_transaction(_places(found), consumer.group_metadata())
            producer.commit_transaction()


def post(bootstrap: str, group: str, source: str, to: str, port: str) -> None:
    """Consume, produce and commit in one transaction, then post each record, for ever."""
    consumer, producer = _opened(bootstrap, group, source, transactional_id=group)
    producer.init_transactions()
    while True:
        found = consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=MOST_RECORDS)
        values = [record.value for records in found.values() for record in records]
        if values:
            producer.begin_transaction()
            for value in values:
                producer.send(to, value=value)
            producer.send_offsets_to_transaction(_places(found), consumer.group_metadata())
            producer.commit_transaction()
        for value in values:
            with closing(HTTPConnection("127.0.0.1", int(port))) as asked:
                asked.request("POST", "/", value)
                asked.getresponse().read()


def least(bootstrap: str, group: str, source: str, to: str) -> None:
    """Consume, produce, wait for the acknowledgement and commit, for ever."""
    consumer, producer = _opened(bootstrap, group, source)
    while True:
        found = consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=MOST_RECORDS)
        if found:
            sent = [producer.send(to, value=record.value) for records in found.values() for record in records]
            for future in sent:
                future.get(timeout=10)
            consumer.commit(_places(found))


def _opened(bootstrap: str, group: str, source: str, **more: Any) -> tuple[Any, Any]:
    consumer = KafkaConsumer(source, bootstrap_servers=bootstrap, group_id=group, **READING)
    return consumer, KafkaProducer(bootstrap_servers=bootstrap, **BATCHES, **more)


def _places(found: Any) -> Any:
    return {tp: OffsetAndMetadata(records[-1].offset + 1) for tp, records in found.items()}


if __name__ == "__main__":
    bootstrap, hop = sys.argv[1:]
    kind, *words = hop.split(":")
    hops: dict[str, Callable[..., None]] = {"once": once, "least": least, "post": post}
    hops[kind](bootstrap, *words)
