"""The only place where answers are written and offsets are committed.

`AtLeastOnce` writes the answers, waits for the acknowledgement, and then commits the offsets. A process
that dies in between answers the same records again after its restart, and readers drop duplicates by id.

`ExactlyOnce` writes both in one transaction, with the group metadata of this member, so that a member which
the group has removed is fenced. If a process dies in between, readers of committed records see nothing of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from brentwatch.core.errors import Unavailable
from brentwatch.stream import facts
from brentwatch.stream.clients.connection import Fenced
from brentwatch.stream.records import Outgoing, Partition

_MOST_PUT_OFF = 10


class Sender(Protocol):
    """Writes records and returns when they are acknowledged."""

    def send(self, records: Sequence[Outgoing], /) -> object:
        """Write them in their order."""


class Committer(Protocol):
    """Commits offsets; False means "not now, the group rebalances"."""

    def commit(self, positions: Mapping[Partition, int], /) -> bool:
        """Commit the offsets to be read next."""


class Transactor(Protocol):
    """Writes records and offsets together, or neither."""

    def transact(
        self, records: Sequence[Outgoing], positions: Mapping[Partition, int], membership: Any, /
    ) -> None:
        """Write them in their order, and commit."""

    def close(self) -> None:
        """Give up the connection."""


class Member(Protocol):
    """A member of a group."""

    @property
    def membership(self) -> Any:
        """What the group knows of it."""


class Delivery(Protocol):
    """Hands over what a batch led to."""

    def open(self) -> None:
        """Abort what a predecessor left open, before the offsets of the group are read."""

    def deliver(self, outgoing: Sequence[Outgoing], answered: Mapping[Partition, int]) -> None:
        """Write `outgoing`, and commit `answered`: offsets to be read next.

        Raises:
            Unavailable: if something was not acknowledged: then nothing was committed.
        """

    def forget(self, partition: Partition) -> None:
        """Give up a partition that now has another owner."""

    def close(self) -> None:
        """Give up what was opened."""


class AtLeastOnce:
    """Remembers which offsets are answered but not yet committed.

    `is_lazy`: offsets are committed once nothing waits to be answered, or after ten deliveries. Answers
    arrive a little sooner, and there are more duplicates to drop after a crash.
    """

    def __init__(self, sender: Sender, committer: Committer, *, is_lazy: bool = False) -> None:
        self._sender = sender
        self._committer = committer
        self._most_put_off = _MOST_PUT_OFF if is_lazy else 0
        self._put_off = 0
        self._answered: dict[Partition, int] = {}

    def open(self) -> None:
        """There is nothing to abort."""

    def deliver(self, outgoing: Sequence[Outgoing], answered: Mapping[Partition, int]) -> None:
        """Write `outgoing`, wait for its acknowledgement, then commit; see `is_lazy`."""
        if outgoing:
            self._sender.send(outgoing)
        self._answered |= answered
        if outgoing and self._put_off < self._most_put_off:
            self._put_off += 1
        elif self._answered and self._committer.commit(self._answered):
            self._answered, self._put_off = {}, 0

    def forget(self, partition: Partition) -> None:
        """Its offset is not committed any more."""
        self._answered.pop(partition, None)

    def close(self) -> None:
        """The sender is closed by who opened it."""


class ExactlyOnce:
    """Opens its producer once this process is a member: it has then fenced the process that had its name."""

    def __init__(self, transactor: Callable[[], Transactor], member: Member, tell: facts.Tell) -> None:
        self._make = transactor
        self._member = member
        self._tell = tell
        self._opened: Transactor | None = None

    def open(self) -> None:
        """End the transaction that a predecessor of the same name may have left open."""
        self._open_producer()

    def deliver(self, outgoing: Sequence[Outgoing], answered: Mapping[Partition, int]) -> None:
        """All of it in one transaction; nothing where there is nothing."""
        if not outgoing and not answered:
            return
        try:
            self._open_producer().transact(outgoing, answered, self._member.membership)
        except Unavailable as error:
            self._tell(facts.TransactionEnded("fenced" if isinstance(error, Fenced) else "failed"))
            raise
        self._tell(facts.TransactionEnded("committed"))

    def forget(self, partition: Partition) -> None:
        """Nothing is open: each delivery is complete."""

    def close(self) -> None:
        """Close the producer."""
        if self._opened is not None:
            self._opened.close()

    def _open_producer(self) -> Transactor:
        if self._opened is None:
            self._opened = self._make()
        return self._opened
