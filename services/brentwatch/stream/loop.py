"""The loop of a service: poll, answer, deliver, and start anew when Kafka fails.

Rules. (1) A rebalance is acted on after the poll that brought it, before any of its records. (2) A partition
whose state must be restored is paused until it is; records that came too early are read again. (3) A batch
is delivered whole before the next poll. (4) Any `Unavailable` ends this life of the clients: they are closed,
the state is dropped, and the next life begins where the group committed. (5) A stop ends the loop between two
batches; the group is left at once, so that another member takes over. (6) A record that cannot be read
becomes a dead letter, in the same delivery, and the loop goes on. (7) Where the job's dead-letter limit is
reached, what came before is delivered, and the record that reached it waits, with all behind it, until
somebody accepts: see `dead_guard`.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Self

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients.consumers import Assigned, GroupConsumer, Revoked
from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.dead_guard import guard
from brentwatch.stream.dead_letters import CORRUPT, dead_letter
from brentwatch.stream.delivery import Delivery
from brentwatch.stream.facts import (
    Behind,
    Broken,
    DeadLettered,
    Rebalanced,
    Restored,
    Restoring,
    Tell,
    Turned,
)
from brentwatch.stream.job import Folded, Unclaimed
from brentwatch.stream.restore import Restore, check_place, check_whole
from brentwatch.wire.dead_letter import InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from brentwatch.stream.job import Job, Worker
    from brentwatch.stream.records import Outgoing, Partition, Record, Unreadable
    from brentwatch.stream.settings import KafkaSettings

_POLL_SECONDS = 0.2
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 30.0


def run(settings: KafkaSettings, job: Job, *, tell: Tell, stop: Event) -> None:
    """Do a job until `stop` is set; failures of Kafka are waited out, ever longer up to half a minute.

    Raises:
        SettingsError: if the group's place on the topic is gone: see `restore.check_place`.
    """
    wait = _FIRST_WAIT_SECONDS
    while not stop.is_set():
        try:
            with Life(settings, job, tell) as life:
                while not stop.is_set():
                    life.turn()
                    wait = _FIRST_WAIT_SECONDS
        except Unavailable as error:
            tell(Broken(str(error), wait))
            stop.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)


class Life:
    """One life of the clients and of the state that hangs on them."""

    def __init__(self, settings: KafkaSettings, job: Job, tell: Tell) -> None:
        self._settings = settings
        self._job = job
        self._tell = tell
        self._ready: dict[Partition, Worker] = {}
        self._restores: dict[Partition, Restore] = {}
        self._next: dict[Partition, int] = {}
        with ExitStack() as opened:
            self._consumer = opened.enter_context(
                closing(GroupConsumer(settings, group=job.group, topic=job.topic))
            )
            producer = opened.enter_context(closing(Producer(settings)))
            self._delivery = Delivery(producer, self._consumer)
            self._guard = opened.enter_context(closing(guard(settings, job, tell)))
            self._clients = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for restore in self._restores.values():
            self._clients.enter_context(closing(restore))
        with suppress(Unavailable):  # what brought the life to its end has been told already
            self._clients.close()

    def turn(self) -> None:
        """Go round once.

        Raises:
            Unavailable: if Kafka fails.
            SettingsError: if the group's place on the topic is gone.
        """
        # A restore wants its turns, but a join that is under way wants a poll that lasts as long as it does.
        restoring = self._restores and self._consumer.is_member
        records, unreadable = self._consumer.poll(0.001 if restoring else _POLL_SECONDS)
        self._rebalance()
        if self._guard.holds(self._consumer, {each: self._next[each] for each in self._ready}):
            records, unreadable = [], []  # they are read again
        self._answer(records, unreadable)
        self._restore()
        for partition in self._ready:
            waiting = self._consumer.high(partition) - self._next[partition]
            self._tell(Behind(partition, max(0, waiting)))
        restored = self._consumer.is_member and not self._restores
        self._tell(Turned(len(records), ready=restored and not self._guard.is_shut))

    def _rebalance(self) -> None:
        changes = self._consumer.changes()
        for change in changes:
            match change:
                case Revoked(partition):
                    self._drop(partition)
                case Assigned(partition):
                    self._take(partition)
        if changes:
            came = frozenset(change.partition for change in changes if isinstance(change, Assigned))
            went = frozenset(change.partition for change in changes if isinstance(change, Revoked))
            self._tell(Rebalanced(came, went))

    def _take(self, partition: Partition) -> None:
        first, end = self._consumer.bounds(partition)
        committed = self._consumer.committed(partition)
        place = first if committed is None else committed
        check_place(self._job.group, partition, place, (first, end))
        self._next[partition] = place
        match self._job.open(partition):
            case Folded() as worker:
                check_whole(partition, first)
                self._consumer.pause(partition, resume_at=place)
                self._restores[partition] = Restore(self._settings, partition, place, worker)
                self._tell(Restoring(partition, place))
            case Unclaimed():
                self._consumer.pause(partition, resume_at=place)
            case worker:
                self._ready[partition] = worker

    def _drop(self, partition: Partition) -> None:
        self._ready.pop(partition, None)
        self._next.pop(partition, None)
        self._delivery.forget(partition)
        self._guard.forget(partition)
        if restore := self._restores.pop(partition, None):
            restore.close()

    def _restore(self) -> None:
        done = [restore for restore in self._restores.values() if restore.turn()]
        for restore in done:
            self._tell(Restored(restore.partition, restore.records, restore.seconds))
            self._ready[restore.partition] = restore.worker
            del self._restores[restore.partition]
            restore.close()
            self._consumer.resume(restore.partition)

    def _answer(self, records: Sequence[Record], unreadable: Sequence[Unreadable]) -> None:
        outgoing: list[Outgoing] = []
        answered: dict[Partition, int] = {}
        for record in records:
            if worker := self._ready.get(record.partition):  # else it came too early, and comes again
                outgoing += self._handled(worker, record)
                if self._guard.is_shut:  # not answered: it waits with all behind it
                    break
                answered[record.partition] = record.offset + 1
        for lost in unreadable:
            outgoing.append(self._dead_letter(lost, CORRUPT, lost.detail))
            if self._guard.is_shut:
                break
            answered[lost.partition] = lost.offset + 1
        self._delivery.deliver(outgoing, answered)
        self._next |= answered

    def _handled(self, worker: Worker, record: Record) -> Sequence[Outgoing]:
        try:
            answers = worker.handle(record)
        except InvalidMessage as error:
            return [self._dead_letter(record, error.reason, str(error))]
        self._guard.read()
        return answers

    def _dead_letter(self, record: Record | Unreadable, reason: str, detail: str) -> Outgoing:
        if note := self._guard.dead(record):
            return note
        self._tell(DeadLettered(record, reason, detail))
        return dead_letter(self._job.dead_topic, record, reason, detail)
