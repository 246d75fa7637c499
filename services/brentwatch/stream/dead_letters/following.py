"""Reads the new records of a topic, and says whether it reached the end of the topic at the time of the call.

A transaction that never ends would block the end of the topic for ever. So after the time in which brokers
abort abandoned transactions, and some more, the rest counts as unknown. (Kafka 4.4 can leave such a
transaction if its only broker is killed during a commit: it treats partitions without a leader as deleted and
writes no end marker.)
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.consumer import Reader
from brentwatch.stream.facts import LimitUnknown, Tell
from brentwatch.stream.records import Partition, Record

_SLICE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The topic is to be read up to `end`, and stands at `place` since a time of the monotonic clock."""

    end: int
    place: int
    since: float


class Following:
    """One partition, whose records go to `take`; it begins with the `newest` records, or with all.

    Raises:
        Unavailable: if Kafka fails.
    """

    def __init__(
        self,
        cluster: Cluster,
        place: Partition,
        take: Callable[[Iterable[Record]], bool],
        tell: Tell,
        newest: int | None = None,
    ) -> None:
        self._cluster = cluster
        self._place = place
        self._take = take
        self._tell = tell
        self._reader = _open_reader(cluster, place, newest)
        self._ahead: _Ahead | None = None
        self._given_up_at = -1

    def follow(self, seconds: float) -> bool:
        """Read on; what `take` says of it."""
        return self._take(self._reader.poll(seconds))

    def has_caught_up(self) -> bool:
        """Read what there is.

        True at the end, or if nothing has arrived for so long that nothing will.
        """
        now = self._cluster.now()
        ahead = self._ahead = self._ahead or _Ahead(
            self._reader.fetch_bounds()[1], self._reader.position, now
        )
        slice_ends = now + _SLICE_SECONDS
        while (place := self._reader.position) < ahead.end and self._cluster.now() < slice_ends:
            self.follow(_SLICE_SECONDS)
        if place > ahead.place:
            ahead = self._ahead = _Ahead(ahead.end, place, self._cluster.now())
        if place < ahead.end and place != self._given_up_at:
            if self._cluster.now() < ahead.since + self._patience:
                return False
            self._give_up(place, ahead.end)
        self._ahead = None
        return True

    def close(self) -> None:
        """Give up the connection."""
        self._reader.close()

    @property
    def _patience(self) -> float:
        settings = self._cluster.settings
        return settings.longest_transaction_seconds + settings.request_timeout_seconds

    def _give_up(self, place: int, end: int) -> None:
        self._given_up_at = place
        self._tell(
            LimitUnknown(
                f"{self._place} can only be read up to offset {place} of {end}, because a transaction there "
                "does not end. Later dead letters are not counted, and the service continues. End the "
                "transaction with kafka-transactions.sh find-hanging and abort"
            )
        )


def _open_reader(cluster: Cluster, place: Partition, newest: int | None) -> Reader:
    with closing(cluster.open_reader(place, 0)) as reader:
        first, end = reader.fetch_bounds()
    return cluster.open_reader(place, first if newest is None else max(first, end - newest))
