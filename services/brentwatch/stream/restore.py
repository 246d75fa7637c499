"""Brings the state of one partition back from what was kept of it, or recreates it from the first record on.

The loop goes on meanwhile: it gives the restore a slice of time in each turn, and reads the partition itself
only when the restore is done. What was kept is read up to where it ended when the restore began, open
transactions included: the offset that the group committed came in one transaction with the last of it.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from brentwatch.core.errors import STOPPING, SettingsError
from brentwatch.stream.clients.polling import MOST_RECORDS
from brentwatch.stream.clients.reader import Reader
from brentwatch.stream.records import Partition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.stream.job import Kept
    from brentwatch.stream.records import Outgoing, Record
    from brentwatch.stream.settings import KafkaSettings

_SLICE_SECONDS = 0.2
_MOST_FOLDED = 100
"""Records in one slice that are folded: with a slow one at some ten milliseconds the process stays alive."""


class Restore:
    """The restore of one partition from the state topic, for a group that goes on at `place`."""

    def __init__(
        self,
        settings: KafkaSettings,
        partition: Partition,
        state_topic: str,
        place: int | None,
        worker: Kept,
    ) -> None:
        self.partition = partition
        self.worker = worker
        self.records = 0
        self._place = place
        self._began = time.monotonic()
        self._slices = _Slices(settings, Partition(state_topic, partition.number), None)
        self._kept: dict[bytes, bytes] = {}

    def turn(self) -> bool:
        """Read on; True when the state is there.

        Raises:
            Unavailable: if Kafka fails.
            SettingsError: if what was kept and the place of the group do not belong together.
        """
        for record in self._slices.next():
            self.records += 1
            _keep(self._kept, record)
        if not self._slices.are_done:
            return False
        self.worker.restore(self._kept, self._place)
        return True

    @property
    def seconds(self) -> float:
        """Since the restore began."""
        return time.monotonic() - self._began

    def close(self) -> None:
        """Give up the connection."""
        self._slices.close()


class Rebuild:
    """The state of one partition recreated from its records before `place`, whatever was kept of it."""

    def __init__(
        self, settings: KafkaSettings, partition: Partition, state_topic: str, place: int, worker: Kept
    ) -> None:
        self.partition = partition
        self.worker = worker
        self.records = 0
        self._place = place
        self._began = time.monotonic()
        self._old = _Slices(settings, Partition(state_topic, partition.number), None)
        self._all = _Slices(settings, partition, place, _MOST_FOLDED)
        self._kept: dict[bytes, bytes] = {}

    def turn(self) -> bool:
        """Read on; True when the state is there, and `answers` can be written.

        Raises:
            Unavailable: if Kafka fails.
        """
        for record in self._old.next():
            _keep(self._kept, record)
        for record in self._all.next():
            self.records += 1
            self._refold(record)
        return self._old.are_done and self._all.are_done

    def _refold(self, record: Record) -> None:
        """What is rejected now became a dead letter in its time, and changed nothing then either."""
        try:
            self.worker.refold(record)
        except STOPPING:
            raise
        except Exception:  # noqa: BLE001 - as in the loop: one bad record stays one bad record
            return

    def answers(self) -> Sequence[Outgoing]:
        """The whole state, to stand in the place of what was kept."""
        return self.worker.recreated(self._kept, self._place)

    @property
    def seconds(self) -> float:
        """Since the rebuild began."""
        return time.monotonic() - self._began

    def close(self) -> None:
        """Give up the connections."""
        self._old.close()
        self._all.close()


class _Slices:
    """A partition up to `end`, exclusive, or to what is its end now, in slices of `most` records."""

    def __init__(
        self, settings: KafkaSettings, partition: Partition, end: int | None, most: int = MOST_RECORDS
    ) -> None:
        with ExitStack() as opened:
            self._reader = opened.enter_context(closing(Reader(settings, partition, 0)))
            first, newest = self._reader.bounds()
            opened.pop_all()
        self._end = newest if end is None else end
        self._most = most
        self.are_done = self._end <= first

    def next(self) -> list[Record]:
        """The next records; none once they `are_done`."""
        if self.are_done:
            return []
        read = self._reader.poll(_SLICE_SECONDS, self._most)
        records = [record for record in read if record.offset < self._end]
        self.are_done = self._reader.position >= self._end
        return records

    def close(self) -> None:
        self._reader.close()


def _keep(kept: dict[bytes, bytes], record: Record) -> None:
    """The newest value of a key counts; a tombstone forgets it."""
    if record.value is None:
        kept.pop(record.key or b"", None)
    else:
        kept[record.key or b""] = record.value


def check_place(group: str, partition: Partition, committed: int, bounds: tuple[int, int]) -> None:
    """Make sure that the records which the group wants next are the ones that the broker has.

    Raises:
        SettingsError: if they were deleted unread, or the topic is not the one that the group has read.
    """
    first, end = bounds
    if committed < first:
        raise SettingsError(
            f"group {group} wants to go on at offset {committed} of {partition}, which begins at {first}: "
            f"{first - committed} records were deleted before they were read; lengthen retention.ms of the "
            "topic, and to go on without them run kafka-consumer-groups.sh --reset-offsets --to-earliest"
        )
    if committed > end:
        raise SettingsError(
            f"group {group} wants to go on at offset {committed} of {partition}, which ends at {end}: the "
            "topic lost its end or was replaced; restore it, or run kafka-consumer-groups.sh --delete for "
            "the group to read the topic anew"
        )


def check_whole(partition: Partition, first: int) -> None:
    """Make sure that a state can be folded from the first record on.

    Raises:
        SettingsError: if the beginning of the partition is gone.
    """
    if first > 0:
        raise SettingsError(
            f"{partition} begins at offset {first}; its state is folded from offset 0, and those records "
            "were deleted; set retention.ms and retention.bytes to -1 and play the past into a new topic"
        )
