"""Copies the notes that older versions wrote among the letters to the topic of notes, once.

What is copied is what they add up to: the letters and limits that were accepted, the limits that wait, the
letters that were sent back. A note says that this was done: without it the copying is done again, which
changes nothing.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.dead_notes import (
    Accepted,
    Reached,
    Replayed,
    build_accepted_note,
    build_copied_note,
    build_limit_note,
    build_replayed_note,
    parse_note,
)
from brentwatch.stream.dead_reader import read_dead_topic
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Partition
from brentwatch.stream.topics import DEAD, DEAD_NOTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.stream.records import Outgoing, Record
    from brentwatch.stream.settings import KafkaSettings


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

    There a note that letters were accepted spoke of the limits before it too: all stood in one order.
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
