"""Records as bytes with their place and time, and the dead letter of one that cannot be read."""

import time
from dataclasses import dataclass

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]

HISTORY = "brentwatch-history"
"""The header of an event that a history plays, with its name: histories are studied whole."""

FEED = "brentwatch-feed"
"""The header of an event that one of our feeds wrote, with the feed's name: it resumes from these alone."""

CANARY = "brentwatch-canary"
"""The first header of a record that is no event and only measures the way: see `brentwatch.canary`.

The screen and the loop look at it themselves: events are many, and a call would cost 1 % of one.
"""


class Partition(Struct, frozen=True, order=True):
    """One partition of a topic, by the topic's full name (prefix included)."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"partition {self.number} of {self.topic}"


class Record(Struct, frozen=True, kw_only=True):
    """A record as it stands on the broker; a record without a value is called a tombstone.

    `timestamp` is in milliseconds since 1970: of the broker where `is_append_time`, otherwise of the
    writer, and then it may be nonsense.
    """

    partition: Partition
    offset: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    timestamp: int = -1
    is_append_time: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record whose bytes the client cannot read, or a batch of them that ends at `offset`."""

    partition: Partition
    offset: int
    detail: str


class Outgoing(Struct, frozen=True, kw_only=True):
    """A record to be written. Without `partition` the key decides (murmur2, as in the Java client).

    Without a value it is a tombstone: a compacted topic forgets its key. `timestamp` is in milliseconds since
    1970, now if unset; it holds on topics with `CreateTime` alone.
    """

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()
    timestamp: int | None = None


def find_write_time(record: Record) -> float:
    """Milliseconds since 1970: the append time of the broker, on topics with `LogAppendTime`.

    On others the record's own time counts, and our clock where that is later or missing.
    """
    if record.is_append_time:
        return float(record.timestamp)
    now = 1000.0 * time.time()
    return min(float(record.timestamp), now) if record.timestamp >= 0 else now


INPUT_LIMIT = 1024 * 1024
"""Bytes of one record on the topics that are read: `max.message.bytes` in `schemas/topics.toml`."""

HEADROOM = 64 * 1024
"""What a dead letter may need beyond its record: headers, and the framing of a batch."""

LETTER_LIMIT = INPUT_LIMIT + HEADROOM
"""Bytes of one dead letter, at most: the limit of the dead topic and of the producer."""

CORRUPT = "corrupt"
"""The reason of a record whose bytes the client refuses."""

_DETAIL_LIMIT = 8 * 1024


def build_dead_letter(topic: str, record: Record | Unreadable, reason: str, detail: str) -> Outgoing:
    """The dead letter of `record` for `topic`.

    The value is the original value; the headers are the original ones, followed by `reason` (a word),
    `detail` (sentences), `topic`, `partition` and `offset`. What cannot be kept is left out, and `truncated`
    after them says what the record had: a key over 8 KiB; the headers, before the value, where the whole
    exceeds the limit, as only what arrived compressed can.
    """
    origin = record.partition
    about: Headers = (
        ("reason", reason.encode()),
        ("detail", detail.encode()[:_DETAIL_LIMIT]),
        ("topic", origin.topic.encode()),
        ("partition", str(origin.number).encode()),
        ("offset", str(record.offset).encode()),
    )
    match record:
        case Unreadable():
            return Outgoing(topic=topic, value=b"", headers=about)
        case Record():
            return _fit_letter(topic, record, about)


def _fit_letter(topic: str, record: Record, about: Headers) -> Outgoing:
    has_key = len(record.key or b"") <= _DETAIL_LIMIT
    original = record.value or b""
    room = LETTER_LIMIT - HEADROOM // 2 - len(original)
    has_headers = sum(len(name.encode()) + len(value) + 10 for name, value in record.headers) <= room
    headers = (*record.headers, *about) if has_headers else about
    if not (has_key and has_headers):
        headers = (*headers, ("truncated", _describe_sizes(record).encode()))
    return Outgoing(
        topic=topic,
        key=record.key if has_key else None,
        value=original if has_headers else original[:INPUT_LIMIT],
        headers=headers,
    )


def _describe_sizes(record: Record) -> str:
    value, headers = len(record.value or b""), len(record.headers)
    return f"{len(record.key or b'')} bytes of key, {value} bytes of value, {headers} headers"
