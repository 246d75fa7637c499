"""What a service has to say to the loop: which topic it reads as which group, and how it answers a record.

A worker that cannot read a record raises `InvalidMessage`: the loop makes a dead letter of it and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.stream.records import Outgoing, Partition, Record

if TYPE_CHECKING:
    from brentwatch.stream.dead_limit import Limits

Handle = Callable[[Record], Sequence[Outgoing]]


@dataclass(frozen=True, slots=True)
class Stateless:
    """`handle` gives what a record leads to, and remembers nothing that would be missed after a restart."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class Folded:
    """`handle` gives what a record leads to, given all records before it.

    After a start `restore` is told of every record that was answered before, from the first of the partition;
    what it leads to is not written again.
    """

    handle: Handle
    restore: Callable[[Record], None]


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Nobody works on this partition: it is not read, and its place in the group stays as it is."""


Worker = Stateless | Folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One service on the stream. `open` makes a new worker for a partition; topics are named in full.

    Where `dead_limit` is None, nothing is too much for the dead letters.
    """

    group: str
    topic: str
    dead_topic: str
    open: Callable[[Partition], Worker | Unclaimed]
    dead_limit: Limits | None = None
