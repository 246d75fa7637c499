"""Records of the timeline that an operator has voided: the fold skips them.

A note is a record on the compacted topic `impact.timeline.voided` with the key PARTITION:OFFSET; a tombstone
revokes it.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import VOIDED

_DIGITS = 19
"""Most digits of an offset."""


class Void(Struct, frozen=True):
    """Why a record is ignored, and since when (UTC)."""

    reason: str
    voided_at: datetime


def build_void_note(settings: KafkaSettings, place: Partition, offset: int, void: Void | None) -> Outgoing:
    """The note that voids a record of the timeline; without a `void`, the one that takes it back."""
    value = None if void is None else msgspec.json.encode(void)
    return Outgoing(topic=settings.topic(VOIDED), partition=0, key=_encode_key(place, offset), value=value)


def read_voids(settings: KafkaSettings, topic: str, place: Partition) -> dict[int, Void]:
    """The voided records of one partition of the timeline, by offset, as the notes on `topic` say.

    Other records are ignored.

    Raises:
        Unavailable: if Kafka fails.
    """
    return read_notes(read_partition(settings, Partition(topic, 0)), place.number)


def read_notes(records: Iterable[Record], partition: int) -> dict[int, Void]:
    """The same of records of that topic, in their order."""
    found: dict[int, Void] = {}
    for record in records:
        number, _, offset = (record.key or b"").partition(b":")
        if number != str(partition).encode() or not offset.isdigit() or len(offset) > _DIGITS:
            continue
        found.pop(int(offset), None)
        try:
            if record.value is not None:
                found[int(offset)] = msgspec.json.decode(record.value, type=Void)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def _encode_key(place: Partition, offset: int) -> bytes:
    return f"{place.number}:{offset}".encode()
