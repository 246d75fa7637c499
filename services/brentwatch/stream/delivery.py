"""The one place where answers leave and offsets are committed: first the one, acknowledged, then the other.

At least once: a process that dies in between answers the same records again when it is back. A transaction
that holds both would stand here, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from brentwatch.stream.records import Outgoing, Partition


class Sender(Protocol):
    """Writes records and returns when they are acknowledged."""

    def send(self, records: Sequence[Outgoing], /) -> object:
        """Write them in their order."""


class Committer(Protocol):
    """Commits offsets; False means "not now, the group rebalances"."""

    def commit(self, positions: Mapping[Partition, int], /) -> bool:
        """Commit the offsets to be read next."""


class Delivery:
    """Hands over what a batch led to, and remembers which offsets are answered but not yet committed."""

    def __init__(self, sender: Sender, committer: Committer) -> None:
        self._sender = sender
        self._committer = committer
        self._answered: dict[Partition, int] = {}

    def deliver(self, outgoing: Sequence[Outgoing], answered: Mapping[Partition, int]) -> None:
        """Write `outgoing`, wait for its acknowledgement, then commit `answered`: offsets to be read next.

        Raises:
            Unavailable: if something was not acknowledged: then nothing was committed.
        """
        if outgoing:
            self._sender.send(outgoing)
        self._answered |= answered
        if self._answered and self._committer.commit(self._answered):
            self._answered = {}

    def forget(self, partition: Partition) -> None:
        """Leave a partition to whoever holds it now."""
        self._answered.pop(partition, None)
