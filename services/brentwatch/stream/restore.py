"""Brings the state of one partition back: folds what was answered before, without answering it again.

State is a function of the partition's records up to the committed offset, so a restore may be broken off and
begun anew at any time. The loop goes on meanwhile: it gives the restore a slice of time in each turn, and
reads the partition itself only when the restore is done.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.stream.clients.consumers import Reader
from brentwatch.wire.dead_letter import InvalidMessage

if TYPE_CHECKING:
    from brentwatch.stream.job import Folded
    from brentwatch.stream.records import Partition
    from brentwatch.stream.settings import KafkaSettings

_SLICE_SECONDS = 0.2


class Restore:
    """The restore of one partition up to the offset `until`, exclusive."""

    def __init__(self, settings: KafkaSettings, partition: Partition, until: int, worker: Folded) -> None:
        self.partition = partition
        self.until = until
        self.worker = worker
        self.records = 0
        self._began = time.monotonic()
        self._reader = Reader(settings, partition, 0)

    def turn(self) -> bool:
        """Fold the next records; True when the state is complete.

        Raises:
            Unavailable: if Kafka fails.
        """
        for record in self._reader.poll(_SLICE_SECONDS):
            if record.offset < self.until:
                with suppress(InvalidMessage):  # it became a dead letter in its time
                    self.worker.restore(record)
                self.records += 1
        return self._reader.position >= self.until

    @property
    def seconds(self) -> float:
        """Since the restore began."""
        return time.monotonic() - self._began

    def close(self) -> None:
        """Give up the connection."""
        self._reader.close()


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
