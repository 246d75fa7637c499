"""The interface between a service and the loop: its topic, its group, and how it answers a record.

A worker that cannot read a record raises `InvalidMessage`: the loop makes a dead letter of it and goes on.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Event

from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import PLAIN, CommandLine

Handle = Callable[[Record], Sequence[Outgoing]]


@dataclass(frozen=True, slots=True)
class Stateless:
    """`handle` gives what a record leads to, and remembers nothing that would be missed after a restart."""

    handle: Handle


class Stateful(ABC):
    """A worker whose state is kept on the state topic of its job, at the partition's own number.

    Its answers, the changes of its state and its offset are written in one transaction.
    """

    @abstractmethod
    def handle(self, record: Record) -> Sequence[Outgoing]:
        """What a record leads to, given all records before it."""

    @abstractmethod
    def collect_changes(self, place: int) -> Sequence[Outgoing]:
        """The changes of the state since the last call, to be saved with the offset of the next record."""

    @abstractmethod
    def idle(self) -> None:
        """Called if no record waits: prepare for the next ones. It must not change any answer."""

    @abstractmethod
    def find_saved_place(self, kept: Mapping[bytes, bytes]) -> int | None:
        """The offset that the saved state has reached; None if no state is saved.

        Raises:
            SettingsError: if it cannot be read.
        """

    @abstractmethod
    def restore(self, kept: Mapping[bytes, bytes]) -> None:
        """Restore the state from the saved values by key.

        Raises:
            SettingsError: if a value cannot be read.
        """

    @abstractmethod
    def void(self, offsets: Collection[int]) -> None:
        """Pass over the records at these offsets; asked for before anything is restored or read."""

    @abstractmethod
    def mark_partial(self) -> None:
        """Label every result from now on: records before the next one are missing. The state keeps that."""

    @abstractmethod
    def prepare(self, kept: Mapping[bytes, bytes]) -> None:
        """Look at the saved values, by key, before records are folded again; they may be damaged.

        Raises:
            SettingsError: if it may not be replaced.
        """

    @abstractmethod
    def refold(self, record: Record) -> None:
        """Fold a record that was answered before, because the state is recreated from the first record."""

    @abstractmethod
    def recreate(self, kept: Mapping[bytes, bytes], place: int) -> Sequence[Outgoing]:
        """The whole state, which replaces the saved one, once all records before `place` were folded."""

    @abstractmethod
    def committed(self) -> None:
        """What was handled so far is committed: what it asks for outside of Kafka may be done now.

        Called after each delivery and after a restore, but not before all records are handled that were
        there when the partition was assigned: those may say that it is done already.
        """

    @abstractmethod
    def renew_lease(self, seconds: float) -> None:
        """The partition belongs to this process for at least `seconds`; 0: revoked, or this life ended.

        Called in each turn, but not while the group is silent. Nothing outside of Kafka may be done without
        a lease.
        """


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Nobody works on this partition: it is not read, and its place in the group stays as it is."""


Worker = Stateless | Stateful


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One service on the stream. `open` makes a new worker for a partition; topics are named in full.

    With a `state_topic` every delivery is a transaction; without one it is made at least once. Notes on
    `voided_topic` say which records of `topic` are passed over. `rebuild` asks for the state to be recreated
    from the topic itself, once, before a partition is taken up; `partial` and `from_state` are the operator's
    leave to begin where it would stop otherwise: see `resuming`.
    If `dead_limit` is None, there is no dead-letter limit. `command` is printed in remedies.

    `further_topics` are read beside `topic` by the same member of the group; a job with a state has none.

    A `tolerant` job never stops because its offset and its state or topic disagree: it goes on from its
    state, or without one from the first record; where it keeps no state it commits when nothing waits. A
    group that never committed begins at the end of a partition where `begins_at_end` says so when asked.
    """

    group: str
    topic: str
    dead_topic: str
    open: Callable[[Partition], Worker | Unclaimed]
    further_topics: tuple[str, ...] = ()
    state_topic: str | None = None
    voided_topic: str | None = None
    rebuild: bool = False
    partial: bool = False
    from_state: bool = False
    tolerant: bool = False
    begins_at_end: Callable[[Partition], bool] = lambda _: False
    dead_limit: Limits | None = None
    command: CommandLine = PLAIN

    @property
    def notes_topic(self) -> str:
        """Where notes on its dead letters stand."""
        return f"{self.dead_topic}.notes"

    @property
    def read_topics(self) -> tuple[str, ...]:
        """Those that its group reads, the main one first."""
        return (self.topic, *self.further_topics)

    @property
    def topics(self) -> frozenset[str]:
        """Those that it reads, and where its dead letters go and the notes on them."""
        notes = None if self.dead_limit is None else self.notes_topic
        return frozenset(
            filter(None, (*self.read_topics, self.dead_topic, self.state_topic, self.voided_topic, notes))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobGroup:
    """Jobs that one process runs side by side, and `run`, which runs in parallel until the event is set.

    The flags of the operator apply to `main`.
    """

    main: Job
    beside: tuple[Job, ...] = ()
    run: Callable[[Event], None] | None = None


@dataclass(frozen=True, slots=True)
class Poller:
    """A service without a consumer group: `run` polls others and writes to `topic` until the event is set."""

    topic: str
    run: Callable[[Event], None]
