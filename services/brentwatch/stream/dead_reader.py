"""Reads the dead letters and the notes on them as they are now: at a glance, or some letters whole."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from brentwatch.stream.dead_topic import DeadTopic, parse_letter
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Partition
from brentwatch.stream.topics import DEAD, DEAD_NOTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from brentwatch.stream.dead_topic import Letter
    from brentwatch.stream.settings import KafkaSettings


def read_dead_topic(settings: KafkaSettings) -> DeadTopic:
    """All letters, without their bytes, and what was decided about them.

    Raises:
        Unavailable: if Kafka fails.
    """
    topic = DeadTopic()
    topic.take(read_partition(settings, _place(settings)))
    topic.take_notes(read_partition(settings, Partition(settings.topic(DEAD_NOTES), 0)))
    return topic


def read_letters(settings: KafkaSettings, offsets: Collection[int]) -> Iterator[Letter]:
    """The letters at these offsets, by offset; an offset that holds none is passed over.

    Raises:
        Unavailable: if Kafka fails.
    """
    if not offsets:
        return
    last = max(offsets)
    with closing(read_partition(settings, _place(settings), start=min(offsets))) as records:
        for record in records:
            if record.offset in offsets and (letter := parse_letter(record)) is not None:
                yield letter
            if record.offset >= last:
                return


def _place(settings: KafkaSettings) -> Partition:
    return Partition(settings.topic(DEAD), 0)
