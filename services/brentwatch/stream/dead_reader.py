"""Reads the dead-letter topic as it is now: all of it at a glance, or some letters whole."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from brentwatch.stream.dead_topic import DeadTopic, Letter, entry
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Partition
from brentwatch.stream.topics import DEAD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from brentwatch.stream.settings import KafkaSettings


def glance(settings: KafkaSettings) -> DeadTopic:
    """The whole topic, without the bytes of its letters.

    Raises:
        Unavailable: if Kafka fails.
    """
    topic = DeadTopic()
    topic.take(read_partition(settings, _place(settings)))
    return topic


def whole(settings: KafkaSettings, offsets: Collection[int]) -> Iterator[Letter]:
    """The letters at these offsets, by offset; an offset that holds none is passed over.

    Raises:
        Unavailable: if Kafka fails.
    """
    if not offsets:
        return
    last = max(offsets)
    with closing(read_partition(settings, _place(settings), start=min(offsets))) as records:
        for record in records:
            if record.offset in offsets and isinstance(letter := entry(record), Letter):
                yield letter
            if record.offset >= last:
                return


def _place(settings: KafkaSettings) -> Partition:
    return Partition(settings.topic(DEAD), 0)
