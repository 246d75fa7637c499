"""Watches how many messages are dead letters, and holds nothing back: the limit with the action `continue`.

At a start it reads the newest letters and the notes once, as far as they can be read at once, so that an
excess that is still going on is found again. For partitions that are assigned later, only new records count.
Neither topic is read after that, except the notes while there is an excess: an acceptance ends it. If a topic
cannot be read, the watch counts without it and stops nothing.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.consumer import Reader
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter
from brentwatch.stream.dead_limit import QUIET_SECONDS, Excess, Limits, rebuild_past
from brentwatch.stream.facts import LimitExceeded, LimitOpen, Tell
from brentwatch.stream.job import Job
from brentwatch.stream.records import Outgoing, Partition, Record, Unreadable

GOES_ON = (
    "each bad message becomes a dead letter and good ones are admitted; find the sender with "
    "`brentwatch dead list`; the warning ends by itself, or with `brentwatch dead accept`"
)

_MOST = 2_000
"""The largest number of letters that are read at a start."""

_START_SECONDS = 3.0
_POLL_SECONDS = 0.001
_LOOK_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 60.0


def measure_excess(
    letters: Iterable[Letter], places: Mapping[Partition, int], limits: Limits, now: float
) -> Excess:
    """Whether too many of the newest records were dead, as far as letters tell.

    Args:
        letters: those that are not accepted.
        places: the offset that is read next, by partition.
        limits: what is too many.
        now: seconds since 1970. Letters that were written more than an hour before count as read.
    """
    written = [(each, each.written_at.timestamp()) for each in letters if each.written_at is not None]
    newest = [(each, at) for each, at in written if now - at <= QUIET_SECONDS and each.origin in places]
    before = rebuild_past([(each.origin, each.origin_offset) for each, _ in newest], places, limits.over)
    return Excess(limits, before, min(now, max((at for _, at in newest), default=0.0)))


class Watch:
    """The limit of one process, from one start of its clients to the next; it never holds anything back."""

    is_shut = False

    def __init__(self, cluster: Cluster, job: Job, limits: Limits, tell: Tell) -> None:
        self._cluster = cluster
        self._letters = Partition(job.dead_topic, 0)
        self._notes = Partition(job.notes_topic, 0)
        self._limits = limits
        self._tell = tell
        self._excess = Excess(limits)
        self._has_places = False
        self._told: str | None = None
        self._topic = DeadTopic(keep=_MOST)
        self._reader: Reader | None = None
        self._look_at = 0.0
        self._read_topics()

    def report_read(self) -> None:
        """A record could be read."""
        self._excess.report_read()
        if self._excess.why != self._told:
            self._say()

    def report_dead(self, record: Record | Unreadable) -> Outgoing | None:
        """A record cannot be read, and becomes a letter."""
        self._excess.report_dead(time.time())
        if self._excess.why != self._told:
            self._say(f", the last at offset {record.offset} of {record.partition}")
        return None

    def forget(self, _: Partition) -> None:
        """A partition went."""

    def hold_back(self, _: object, places: Mapping[Partition, int]) -> bool:
        """False; asked in every turn, so that an excess can end without a record."""
        if places and not self._has_places:
            self._has_places = True
            self._excess = measure_excess(self._topic.list_waiting(), places, self._limits, time.time())
        self._excess.rest(time.time())
        if self._excess.why and self._is_accepted():
            self._excess = Excess(self._limits)
        if self._has_places and self._excess.why != self._told:
            self._say()
        return False

    def close(self) -> None:
        """Give up the connection."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _say(self, where: str = "") -> None:
        why = self._told = self._excess.why
        self._tell(LimitExceeded(f"dead-letter limit: {why}{where}; {GOES_ON}") if why else LimitOpen())
        if not why:
            with suppress(Unavailable, SettingsError):
                self.close()

    def _read_topics(self) -> None:
        """What stands on both topics, as far as it can be read at once."""
        ends = self._cluster.now() + _START_SECONDS
        with suppress(Unavailable, SettingsError):
            _read(self._cluster, self._notes, self._topic.take_notes, ends)
            _read(self._cluster, self._letters, self._topic.take, ends, min(self._limits.over, _MOST))

    def _is_accepted(self) -> bool:
        """Whether somebody accepted letters since it was last asked; it looks once a second."""
        now = self._cluster.now()
        if now < self._look_at:
            return False
        self._look_at = now + _LOOK_SECONDS
        try:
            if self._reader is None:
                self._reader = self._cluster.open_reader(self._notes, self._topic.notes_end)
            return self._topic.take_notes(self._reader.poll(_POLL_SECONDS))
        except (Unavailable, SettingsError):
            self._look_at = now + _LOOK_AGAIN_SECONDS
            return False


def _read(
    cluster: Cluster,
    place: Partition,
    take: Callable[[Iterable[Record]], bool],
    ends: float,
    newest: int | None = None,
) -> None:
    """Read the newest records of a partition, or all, until `ends` of the monotonic clock at the latest."""
    with closing(cluster.open_reader(place, 0)) as reader:
        first, end = reader.fetch_bounds()
    with closing(cluster.open_reader(place, first if newest is None else max(first, end - newest))) as reader:
        while reader.position < end and (left := ends - cluster.now()) > 0:
            take(reader.poll(left))
