"""Holds a service back while its dead-letter limit is reached, until an operator accepts.

The limit that is reached is written down on the dead-letter topic, in the delivery of what came before it,
and the guard follows that topic to its end: so it finds the limit again after a restart and in whichever
process the partitions come to, one process that reaches it holds back all of its group, and an acceptance is
seen at once by each. A held service stays a member of its group, polls, and takes and commits nothing.

It also waits, as a held one, until that topic is read to its end at a start. A transaction that nobody ends
would keep the end away for ever, and with it every service: once brokers end those that were given up, and
longer, the guard says that it does not know the rest, and goes on. (Kafka 4.4 can leave such a one where its
only broker is killed within a commit: it takes partitions without a leader for deleted, and writes no end.)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from brentwatch.stream.clients.reader import Reader
from brentwatch.stream.dead_limit import DeadLimit, Limits, Tripped, past
from brentwatch.stream.dead_topic import DeadTopic, limit_note
from brentwatch.stream.facts import LimitOpen, LimitReached, LimitUnknown, Tell
from brentwatch.stream.records import Partition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.stream.job import Job
    from brentwatch.stream.records import Outgoing, Record, Unreadable
    from brentwatch.stream.settings import KafkaSettings

ADVICE = "look with `brentwatch dead list`, go on with `brentwatch dead accept`"

_NEWEST = 2_000
"""So many records of the dead-letter topic are read at a start; what stands before them no longer counts."""

_POLL_SECONDS = 0.001
_SLICE_SECONDS = 0.2


class Pausing(Protocol):
    """What the guard asks of the consumer."""

    def pause(self, partition: Partition, /, resume_at: int) -> None:
        """Read no more of a partition, and begin at `resume_at` once it is resumed."""

    def resume(self, partition: Partition, /) -> None:
        """Read a paused partition again."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The topic is to be read up to `end`, and stands at `place` since a time of the monotonic clock."""

    end: int
    place: int
    since: float


class NoGuard:
    """For a job without a limit: it never holds anything back."""

    is_shut = False

    def read(self) -> None:
        """A record could be read."""

    def dead(self, _: Record | Unreadable) -> Outgoing | None:
        """A record cannot be read, and becomes a letter."""
        return None

    def forget(self, _: Partition) -> None:
        """A partition went."""

    def holds(self, _: Pausing, __: Mapping[Partition, int]) -> bool:
        """Nothing is ever held back."""
        return False

    def close(self) -> None:
        """There is nothing to close."""


class Guard:
    """The limit of one process, in one life of its clients.

    Raises:
        Unavailable: if Kafka fails.
    """

    def __init__(self, settings: KafkaSettings, job: Job, limits: Limits, tell: Tell) -> None:
        self._settings = settings
        self._limits = limits
        self._tell = tell
        self._group = job.group
        self._place = Partition(job.dead_topic, 0)
        self._reader = _opened(settings, self._place)
        self._topic = DeadTopic(keep=_NEWEST)
        self._ahead: _Ahead | None = None
        self._given_up_at = -1
        self._limit = DeadLimit(limits)
        self._own = ""
        self._held: set[Partition] = set()
        self._paused: set[Partition] = set()
        self._told: str | None = None

    def read(self) -> None:
        """A record could be read."""
        self._limit.read()

    def dead(self, record: Record | Unreadable) -> Outgoing | None:
        """A record cannot be read: None where it is to become a letter.

        Where it reaches the limit, the note to be delivered in its place; it is to be read again.
        """
        match self._limit.dead():
            case Tripped(why):
                self._own = f"{why}, the last at offset {record.offset} of {record.partition}"
                self._say()
                return limit_note(self._place.topic, self._group, self._own)
        return None

    def forget(self, partition: Partition) -> None:
        """A partition went; if it comes again, it comes anew."""
        self._held.discard(partition)
        self._paused.discard(partition)

    @property
    def is_shut(self) -> bool:
        """True while the limit is reached and not accepted, or it is not known yet whether it is."""
        return self._ahead is not None or bool(self._why())

    def holds(self, consumer: Pausing, places: Mapping[Partition, int]) -> bool:
        """Whether records are to be left alone now; asked in every turn, before they are answered.

        Args:
            consumer: its partitions are paused, and later resumed, where they are to be read on.
            places: the offset to be read next of each partition that is worked on.

        Raises:
            Unavailable: if Kafka fails.
        """
        came = self._ahead is not None or self._told is None or bool(places.keys() - self._held)
        if came and not self._has_caught_up():
            self._pause(consumer, places)
            return True
        if self._follow(_POLL_SECONDS) or came:
            self._begin_anew(places)
        self._held = set(places)
        self._say()
        self._pause(consumer, places)
        return self.is_shut

    def close(self) -> None:
        """Give up the connection."""
        self._reader.close()

    def _why(self) -> str:
        notes = [note.why for note in self._topic.reached.values() if note.group == self._group]
        match self._limit.state:
            case Tripped() if not notes:  # our own note is on its way
                return self._own
        return notes[-1] if notes else ""

    def _begin_anew(self, places: Mapping[Partition, int]) -> None:
        letters = [(letter.origin, letter.origin_offset) for letter in self._topic.waiting()]
        self._limit = DeadLimit(self._limits, past(letters, places, self._limits.over))

    def _follow(self, seconds: float) -> bool:
        """Read on; True when something was accepted."""
        return self._topic.take(self._reader.poll(seconds))

    def _has_caught_up(self) -> bool:
        """Read what there is, so that no letter is missed of a partition that another process held.

        True at its end, or where nothing more came for so long that nothing will.
        """
        now = time.monotonic()
        ahead = self._ahead = self._ahead or _Ahead(self._reader.bounds()[1], self._reader.position, now)
        slice_ends = now + _SLICE_SECONDS
        while (place := self._reader.position) < ahead.end and time.monotonic() < slice_ends:
            self._follow(_SLICE_SECONDS)
        if place > ahead.place:
            ahead = self._ahead = _Ahead(ahead.end, place, time.monotonic())
        if place < ahead.end and place != self._given_up_at:
            if time.monotonic() < ahead.since + self._patience:
                return False
            self._give_up(place, ahead.end)
        self._ahead = None
        return True

    @property
    def _patience(self) -> float:
        return self._settings.longest_transaction_seconds + self._settings.request_timeout_seconds

    def _give_up(self, place: int, end: int) -> None:
        self._given_up_at = place
        self._tell(
            LimitUnknown(
                f"{self._place} can be read up to offset {place} of {end}: a transaction there does not end. "
                "Whether the dead-letter limit was reached behind it is not known, and the service goes on; "
                "end it with kafka-transactions.sh find-hanging and abort"
            )
        )

    def _say(self) -> None:
        """Tell what is so, once."""
        why = self._why()
        if why != self._told:
            self._told = why
            self._tell(LimitReached(f"dead-letter limit: {why}; {ADVICE}") if why else LimitOpen())

    def _pause(self, consumer: Pausing, places: Mapping[Partition, int]) -> None:
        wanted = set(places) if self.is_shut else set()
        for partition in wanted - self._paused:
            consumer.pause(partition, resume_at=places[partition])
        for partition in self._paused & places.keys() - wanted:
            consumer.resume(partition)
        self._paused = wanted


def guard(settings: KafkaSettings, job: Job, tell: Tell) -> Guard | NoGuard:
    """The guard of a job.

    Raises:
        Unavailable: if Kafka fails.
    """
    return NoGuard() if job.dead_limit is None else Guard(settings, job, job.dead_limit, tell)


def _opened(settings: KafkaSettings, place: Partition) -> Reader:
    """A reader of the newest records."""
    reader = Reader(settings, place, 0)
    first, end = reader.bounds()
    if end - first <= _NEWEST:
        return reader
    reader.close()
    return Reader(settings, place, end - _NEWEST)
