"""What goes in and out: records as bytes, with the place where they stand.

Those that come in their hundred thousands a second are Structs, which are made in a tenth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]

HISTORY = "brentwatch-history"
"""The header of an event that a history plays, with its name: histories are studied whole."""

FEED = "brentwatch-feed"
"""The header of an event that one of our feeds wrote, with the feed's name: it resumes from these alone."""


class Partition(Struct, frozen=True, order=True):
    """One partition of a topic, by the topic's full name (prefix included)."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"partition {self.number} of {self.topic}"


class Record(Struct, frozen=True, kw_only=True):
    """A record as it stands on the broker; a record without a value is called a tombstone.

    `timestamp` is in milliseconds since 1970: of the broker where `is_append_time`, else as whoever wrote the
    record says, and then it may be nonsense.
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

    Without a value it is a tombstone: a compacted topic forgets its key.
    """

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()
