"""Facts that the loop reports about itself, for counters, health and logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.stream.records import Partition, Record, Unreadable


@dataclass(frozen=True, slots=True)
class Turned:
    """The loop made one turn with `records` records: it is alive.

    It is ready when it is a member of its group, every partition it holds is restored, and it does not wait
    at its dead-letter limit; a member that holds no partition stands by, and is ready too.
    """

    records: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part of what was read at once is answered, with `records` records: the loop is alive."""

    records: int


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """Partitions came or went."""

    assigned: frozenset[Partition]
    revoked: frozenset[Partition]


@dataclass(frozen=True, slots=True)
class Orphaned:
    """Partitions had no owner; the group was asked to reassign them."""

    partitions: frozenset[Partition]


@dataclass(frozen=True, slots=True)
class Restoring:
    """The state of a partition is being folded again, up to `until` (an offset); it is not ready before."""

    partition: Partition
    until: int


@dataclass(frozen=True, slots=True)
class Disagreed:
    """State and offset of a partition do not belong together; a tolerant job goes on at `place`, and why."""

    partition: Partition
    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreHeld:
    """A restore waits at `offset` of a topic longer than a transaction may last: one there never ended."""

    partition: Partition
    offset: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Restored:
    """The state of a partition is there again."""

    partition: Partition
    records: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """A partition is not read until an operator acts; the others go on. `reason` says what to run."""

    partition: Partition
    reason: str


@dataclass(frozen=True, slots=True)
class WentOnWithout:
    """The operator let a partition begin at `place`, although records before it are missing."""

    partition: Partition
    place: int


@dataclass(frozen=True, slots=True)
class StageEnded:
    """A batch has gone through a stage of the loop, `handle` or `deliver`, in `seconds` seconds."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TransactionEnded:
    """A transaction was `committed`, `failed`, or was refused because this member was `fenced`."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Behind:
    """`records` records of a partition wait to be read.

    The newest one that was read was written at `read_at` (seconds since 1970); None before the first.
    """

    partition: Partition
    records: int
    read_at: float | None = None


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """A record cannot be read: its dead letter is on the way. `reason` is a word of a closed list.

    `trace` is the traceback of an unexpected error.
    """

    record: Record | Unreadable
    reason: str
    detail: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The dead-letter limit is reached, or was before the start, and the service waits.

    `reason` says by what, and what to do.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """The dead-letter limit is reached, or was before the start, and the service continues.

    `reason` says by what, and what to do.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class LimitOpen:
    """The dead-letter limit is not reached, not any more or never, or was accepted; also at the start."""


@dataclass(frozen=True, slots=True)
class LimitUnknown:
    """The end of the dead letters cannot be read, and the service goes on; `reason` says what to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class StrangersFound:
    """`records` more records on the dead-letter topic are not dead letters and are ignored."""

    records: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Kafka or another system failed: clients and state are dropped, and opened again after `seconds`."""

    reason: str
    seconds: float


LoopFact = (
    Turned
    | Delivered
    | Rebalanced
    | Orphaned
    | Restoring
    | RestoreHeld
    | Restored
    | Disagreed
    | Stopped
    | WentOnWithout
    | Disagreed
    | Behind
    | StageEnded
    | TransactionEnded
    | DeadLettered
    | LimitReached
    | LimitExceeded
    | LimitOpen
    | LimitUnknown
    | StrangersFound
    | Broken
)
Tell = Callable[[LoopFact], None]
