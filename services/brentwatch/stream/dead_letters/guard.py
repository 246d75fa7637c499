"""Holds a service back while its dead-letter limit is reached, until an operator accepts: the action `stop`.

A limit that is reached is recorded on the topic of notes, in the same delivery as the answers before it. The
guard reads that topic and the dead letters to their ends. So the limit also holds after a restart and in the
process that takes over the partitions, it holds back the whole group, and each process sees an acceptance at
once. A service that is held back stays a member of its group and polls, but reads and commits nothing. At a
start it is held back until both topics are read to their ends.
"""

from collections.abc import Mapping
from typing import Protocol

from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.dead_letters.following import Following
from brentwatch.stream.dead_letters.notes import build_limit_note
from brentwatch.stream.dead_letters.topic import DeadTopic
from brentwatch.stream.dead_letters.watch import Watch
from brentwatch.stream.dead_limit import DeadLimit, Limits, Tripped, rebuild_past
from brentwatch.stream.facts import LimitOpen, LimitReached, StrangersFound, Tell
from brentwatch.stream.job import Job
from brentwatch.stream.records import Outgoing, Partition, Record, Unreadable

ADVICE = "see `brentwatch dead list`, then run `brentwatch dead accept` to continue"

_NEWEST = 2_000
"""The number of records of the dead-letter topic that are read at a start; older ones no longer count."""

_LETTERS_SECONDS = 1.0
_POLL_SECONDS = 0.001


class Pausing(Protocol):
    """What the guard asks of the consumer."""

    def pause(self, partition: Partition, /, resume_at: int) -> None:
        """Read no more of a partition, and begin at `resume_at` once it is resumed."""

    def resume(self, partition: Partition, /) -> None:
        """Read a paused partition again."""


class NoGuard:
    """For a job without a limit: it never holds anything back."""

    is_shut = False

    def report_read(self) -> None:
        """A record could be read."""

    def report_dead(self, _: Record | Unreadable) -> Outgoing | None:
        """A record cannot be read, and becomes a letter."""
        return None

    def forget(self, _: Partition) -> None:
        """A partition went."""

    def hold_back(self, _: Pausing, __: Mapping[Partition, int]) -> bool:
        """Nothing is ever held back."""
        return False

    def close(self) -> None:
        """There is nothing to close."""


class Guard:
    """The limit of one process, from one start of its clients to the next.

    Raises:
        Unavailable: if Kafka fails.
    """

    def __init__(self, cluster: Cluster, job: Job, limits: Limits, tell: Tell) -> None:
        self._limits = limits
        self._tell = tell
        self._group = job.group
        self._notes = job.notes_topic
        self._topic = DeadTopic(keep=_NEWEST)
        self._now = cluster.now
        self._followed = self._open(cluster, job.dead_topic)
        self._is_catching_up = False
        self._letters_at = 0.0
        self._limit = DeadLimit(limits)
        self._own = ""
        self._held: set[Partition] = set()
        self._paused: set[Partition] = set()
        self._told: str | None = None
        self._strangers = 0

    def report_read(self) -> None:
        """A record could be read."""
        self._limit.report_read()

    def report_dead(self, record: Record | Unreadable) -> Outgoing | None:
        """A record cannot be read: None where it is to become a letter.

        If it reaches the limit, the note to be delivered instead; the record is read again.
        """
        match self._limit.report_dead():
            case Tripped(why):
                self._own = f"{why}, the last at offset {record.offset} of {record.partition}"
                self._say()
                return build_limit_note(self._notes, self._group, self._own)
        return None

    def forget(self, partition: Partition) -> None:
        """A partition was revoked; if it returns, it starts again."""
        self._held.discard(partition)
        self._paused.discard(partition)

    @property
    def is_shut(self) -> bool:
        """True while the limit is reached and not accepted, or it is not known yet whether it is."""
        return self._is_catching_up or bool(self._find_reason())

    def hold_back(self, consumer: Pausing, places: Mapping[Partition, int]) -> bool:
        """Whether records must wait now; asked in every turn, before they are answered.

        Args:
            consumer: its partitions are paused, and later resumed, where they are to be read on.
            places: the offset to be read next of each partition that is worked on.

        Raises:
            Unavailable: if Kafka fails.
        """
        came = self._is_catching_up or self._told is None or bool(places.keys() - self._held)
        if came and not self._has_caught_up():
            self._pause(consumer, places)
            return True
        if self._follow() or came:
            self._begin_anew(places)
        self._held = set(places)
        self._say()
        self._say_strangers()
        self._pause(consumer, places)
        return self.is_shut

    def close(self) -> None:
        """Give up the connection."""
        for each in self._followed:
            each.close()

    def _open(self, cluster: Cluster, letters: str) -> tuple[Following, Following]:
        """The letters that count, and all notes: nobody but us writes these."""
        topic, tell = self._topic, self._tell
        first = Following(cluster, Partition(letters, 0), topic.take, tell, newest=_NEWEST)
        try:
            return first, Following(cluster, Partition(self._notes, 0), topic.take_notes, tell)
        except BaseException:
            first.close()
            raise

    def _find_reason(self) -> str:
        notes = [note.why for note in self._topic.reached.values() if note.group == self._group]
        match self._limit.state:
            case Tripped() if not notes:  # our own note is on its way
                return self._own
        return notes[-1] if notes else ""

    def _begin_anew(self, places: Mapping[Partition, int]) -> None:
        letters = [(letter.origin, letter.origin_offset) for letter in self._topic.list_waiting()]
        self._limit = DeadLimit(self._limits, rebuild_past(letters, places, self._limits.over))

    def _follow(self) -> bool:
        """Read the next notes; True if something was accepted. The letters are read once a second: they are
        needed after something was accepted, and when new ones arrive.
        """
        letters, notes = self._followed
        accepted = notes.follow(_POLL_SECONDS)
        if accepted:
            letters.has_caught_up()
        elif self._now() > self._letters_at:
            self._letters_at = self._now() + _LETTERS_SECONDS
            letters.follow(_POLL_SECONDS)
        return accepted

    def _has_caught_up(self) -> bool:
        """Read what there is, so that no letter of a partition that another process had is missed."""
        caught_up = [each.has_caught_up() for each in self._followed]
        self._is_catching_up = not all(caught_up)
        return not self._is_catching_up

    def _say(self) -> None:
        """Report the current status, once."""
        why = self._find_reason()
        if why != self._told:
            self._told = why
            self._tell(LimitReached(f"dead-letter limit: {why}; {ADVICE}") if why else LimitOpen())

    def _say_strangers(self) -> None:
        if (found := self._topic.count_strangers()) > self._strangers:
            self._tell(StrangersFound(found - self._strangers))
            self._strangers = found

    def _pause(self, consumer: Pausing, places: Mapping[Partition, int]) -> None:
        wanted = set(places) if self.is_shut else set()
        for partition in wanted - self._paused:
            consumer.pause(partition, resume_at=places[partition])
        for partition in self._paused & places.keys() - wanted:
            consumer.resume(partition)
        self._paused = wanted


def open_guard(cluster: Cluster, job: Job, tell: Tell) -> Guard | Watch | NoGuard:
    """The guard of a job, by what it does at its limit.

    Raises:
        Unavailable: if Kafka fails.
    """
    if job.dead_limit is None:
        return NoGuard()
    match job.dead_limit.action:
        case "continue":
            return Watch(cluster, job, job.dead_limit, tell)
        case "stop":
            return Guard(cluster, job, job.dead_limit, tell)
