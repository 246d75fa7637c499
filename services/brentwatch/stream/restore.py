"""Restores the saved state of one partition, or recreates it from the first record.

The loop goes on meanwhile: it gives the restore a slice of time in each turn, and reads the partition itself
only when the restore is done. The saved state is read up to its end when the restore began, including open
transactions: its last values are in the same transaction as the offset that the group committed.
"""

from collections.abc import Sequence
from contextlib import ExitStack, closing

from brentwatch.core.errors import STOPPING, SettingsError
from brentwatch.stream import resuming
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.consumer import MOST_RECORDS
from brentwatch.stream.facts import RestoreHeld
from brentwatch.stream.job import Job, Stateful
from brentwatch.stream.records import Outgoing, Partition, Record

_SLICE_SECONDS = 0.2
_MOST_FOLDED = 100
"""Records in one slice that are folded: with a slow one at some ten milliseconds the process stays alive."""


class Restore:
    """The restore of one partition from the state topic; `start` is known once it is done."""

    def __init__(self, cluster: Cluster, job: Job, offsets: resuming.Offsets, worker: Stateful) -> None:
        self.partition = offsets.partition
        self.worker = worker
        self.records = 0
        self.start = resuming.StartPoint(offsets.committed or 0)
        self._job = job
        self._offsets = offsets
        self._now = cluster.now
        self._began = cluster.now()
        self._slices = _Slices(cluster, find_state_place(job, offsets), None)
        self._kept: dict[bytes, bytes] = {}
        self._is_replaced = False

    def turn(self) -> bool:
        """Continue to read; True once the state is restored.

        Raises:
            Unavailable: if Kafka fails.
            SettingsError: if it cannot begin: see `start_from_state`.
        """
        for record in self._slices.read_next():
            self.records += 1
            _keep(self._kept, record)
        if not self._slices.are_done:
            return False
        self.start = resuming.start_from_state(self._job, self._offsets, self._take_up())
        if self.start.partial:
            self.worker.mark_partial()
        return True

    def _take_up(self) -> int | None:
        """The offset that the state has come to, which the worker has now."""
        try:
            self.worker.restore(self._kept)
            return self.worker.find_saved_place(self._kept)
        except SettingsError as error:
            raise resuming.explain_unusable_state(self._job, self._offsets, error) from error

    def begin_anew(self, worker: Stateful) -> None:
        """Start at the first record with a worker that has no state, instead of the saved state."""
        self.worker = worker
        self.start = resuming.StartPoint(self._offsets.first, moved=True)
        self._is_replaced = True

    def collect_answers(self) -> Sequence[Outgoing]:
        """What must be written before the first record is read, if the group's offset differs."""
        if self._is_replaced:
            return self.worker.recreate(self._kept, self.start.place)
        return self.worker.collect_changes(self.start.place) if self.start.moved else ()

    def take_held(self) -> RestoreHeld | None:
        """Where it waits for a transaction that never ended; returned once."""
        return self._slices.take_held()

    @property
    def seconds(self) -> float:
        """Since the restore began."""
        return self._now() - self._began

    def close(self) -> None:
        """Give up the connection."""
        self._slices.close()


class Rebuild:
    """The state of one partition, recreated from its records before `start` instead of the saved state.

    Raises:
        SettingsError: if its beginning was deleted.
    """

    def __init__(self, cluster: Cluster, job: Job, offsets: resuming.Offsets, worker: Stateful) -> None:
        self.partition = offsets.partition
        self.worker = worker
        self.records = 0
        self.start = resuming.start_of_rebuild(job, offsets)
        if self.start.partial:
            worker.mark_partial()
        self._now = cluster.now
        self._began = cluster.now()
        self._old = _Slices(cluster, find_state_place(job, offsets), None)
        self._all = _Slices(cluster, offsets.partition, self.start.place, _MOST_FOLDED)
        self._kept: dict[bytes, bytes] = {}
        self._job, self._offsets = job, offsets
        self._is_prepared = False

    def turn(self) -> bool:
        """Continue to read; True once the state is recreated and `collect_answers` can be written.

        Raises:
            Unavailable: if Kafka fails.
            SettingsError: if what was kept may not be replaced.
        """
        if not self._is_prepared:
            for record in self._old.read_next():
                _keep(self._kept, record)
            if self._old.are_done:
                self._prepare()
            return False
        for record in self._all.read_next():
            self.records += 1
            self._refold(record)
        return self._all.are_done

    def _prepare(self) -> None:
        try:
            self.worker.prepare(self._kept)
        except SettingsError as error:
            raise resuming.explain_unusable_state(self._job, self._offsets, error) from error
        self._is_prepared = True

    def _refold(self, record: Record) -> None:
        """A record that is rejected now became a dead letter before, and changed nothing then either."""
        try:
            self.worker.refold(record)
        except STOPPING:
            raise
        except Exception:  # noqa: BLE001 - as in the loop: one bad record stays one bad record
            return

    def collect_answers(self) -> Sequence[Outgoing]:
        """The whole state, to stand in the place of what was kept."""
        return self.worker.recreate(self._kept, self.start.place)

    def take_held(self) -> RestoreHeld | None:
        """Where it waits for a transaction that never ended; returned once."""
        return (self._all if self._is_prepared else self._old).take_held()

    @property
    def seconds(self) -> float:
        """Since the rebuild began."""
        return self._now() - self._began

    def close(self) -> None:
        """Give up the connections."""
        self._old.close()
        self._all.close()


class _Slices:
    """A partition up to `end` (exclusive), by default its current end, in slices of `most` records."""

    def __init__(
        self, cluster: Cluster, partition: Partition, end: int | None, most: int = MOST_RECORDS
    ) -> None:
        with ExitStack() as opened:
            self._reader = opened.enter_context(closing(cluster.open_reader(partition, 0)))
            first, newest = self._reader.fetch_bounds()
            opened.pop_all()
        self._partition = partition
        self._end = newest if end is None else end
        self._most = most
        self._now, self._patience = cluster.now, cluster.settings.longest_transaction_seconds
        self._place, self._moved_at = first, cluster.now()
        self._is_held_told = False
        self.are_done = self._end <= first

    def read_next(self) -> list[Record]:
        """The next records; none once they `are_done`."""
        if self.are_done:
            return []
        read = self._reader.poll(_SLICE_SECONDS, self._most)
        records = [record for record in read if record.offset < self._end]
        place = self._reader.position
        if place > self._place:
            self._place, self._moved_at = place, self._now()
        self.are_done = place >= self._end
        return records

    def take_held(self) -> RestoreHeld | None:
        """Where it waits longer than any transaction may last; returned once."""
        waited = self._now() - self._moved_at
        if self.are_done or self._is_held_told or waited <= self._patience:
            return None
        self._is_held_told = True
        return RestoreHeld(self._partition, self._place, waited)

    def close(self) -> None:
        self._reader.close()


def _keep(kept: dict[bytes, bytes], record: Record) -> None:
    """The newest value of a key counts; a tombstone deletes it."""
    if record.value is None:
        kept.pop(record.key or b"", None)
    else:
        kept[record.key or b""] = record.value


def find_state_place(job: Job, offsets: resuming.Offsets) -> Partition:
    """Where the state of a partition is kept: at its own number."""
    if job.state_topic is None:
        raise TypeError(f"{job.group} keeps a state, and names no topic for it")
    return Partition(job.state_topic, offsets.partition.number)
