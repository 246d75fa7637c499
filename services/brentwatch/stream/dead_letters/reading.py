"""Reads the dead letters and the notes on them, and copies the notes of older versions once."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing

from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.dead_letters.notes import (
    Accepted,
    Reached,
    Replayed,
    build_accepted_note,
    build_copied_note,
    build_limit_note,
    build_replayed_note,
    parse_note,
)
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter, parse_letter
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import DEAD, DEAD_NOTES


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


def copy_notes(settings: KafkaSettings) -> int:
    """Copy the notes unless that was done, and give how many stand there now because of it.

    Raises:
        Unavailable: if Kafka fails.
    """
    letters = read_dead_topic(settings)
    if letters.copied is not None:
        return 0
    records = read_partition(settings, Partition(settings.topic(DEAD), 0))
    notes = summarise_notes(records, settings.topic(DEAD_NOTES))
    with closing(Producer(settings)) as producer:
        producer.send([*notes, build_copied_note(settings.topic(DEAD_NOTES), letters.end)])
    return len(notes)


def summarise_notes(records: Iterable[Record], topic: str) -> list[Outgoing]:
    """What the notes among the letters add up to, as notes for `topic`.

    On the dead-letter topic, a note that letters were accepted also covered the limits before it.
    """
    accepted, reached, replayed = -1, dict[int, Reached](), set[int]()
    for record in records:
        match parse_note(record):
            case Accepted(through):
                accepted = max(accepted, min(through, record.offset - 1))
                reached = {offset: each for offset, each in reached.items() if offset > accepted}
            case Reached() as limit:
                reached[record.offset] = limit
            case Replayed(letter=letter):
                replayed.add(letter)
    return [
        *([build_accepted_note(topic, accepted)] if accepted >= 0 else []),
        *(build_limit_note(topic, each.group, each.why) for each in reached.values()),
        *(build_replayed_note(topic, letter) for letter in sorted(replayed)),
    ]
