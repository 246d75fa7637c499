"""The loop of a service: poll, answer, deliver, and start again when Kafka fails.

Rules. (1) A rebalance is acted on after the poll that brought it, before any of its records. (2) A partition
whose state must be restored is paused until it is; records that came too early are read again. (3) A batch
is delivered whole before the next poll, in parts where it is large or takes long. (4) Any `Unavailable` ends
this life of the clients: they are closed, the state is dropped, and the next life begins where the group
committed. (5) A stop ends the loop between two batches; the group is left at once, so that another member
takes over. (6) A record that cannot be read becomes a dead letter, in the same delivery, and the loop goes
on; so does one that brings about an unexpected error, with the reason `internal`. (7) Where the job's
dead-letter limit is reached and its action is `stop`, what came before is delivered, and the record that
reached it waits, with all behind it, until somebody accepts: see `dead_guard`. With `continue` nothing
waits: see `dead_watch`. (8) A process whose name
another one has taken ends: two would answer in turn, each shutting the other out. (9) A partition that the
group has left to nobody is claimed: see `GroupConsumer.claim_orphans`. (10) A worker hears that its answers
are committed once it has passed all records that were there when it took the partition up, and in each turn
for how long the partition is its own, which runs out by itself while no broker answers; 0 seconds when it
went. (11) A tolerant job goes on where state and
offset disagree, and says so.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from threading import Event
from typing import Self

from brentwatch.core.errors import (
    STOPPING,
    NewerState,
    SettingsError,
    Unavailable,
    describe_internal,
    format_traceback,
)
from brentwatch.stream import facts
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.connection import Fenced
from brentwatch.stream.clients.consumer import MOST_RECORDS
from brentwatch.stream.clients.group_consumer import Assigned, Revoked
from brentwatch.stream.dead_letters.guard import open_guard
from brentwatch.stream.dead_letters.voids import read_voids
from brentwatch.stream.delivery import AtLeastOnce, Delivery, ExactlyOnce
from brentwatch.stream.job import Job, Stateful, Unclaimed, Worker
from brentwatch.stream.records import (
    CANARY,
    CORRUPT,
    Outgoing,
    Partition,
    Record,
    Unreadable,
    build_dead_letter,
    find_write_time,
)
from brentwatch.stream.restore import Rebuild, Restore
from brentwatch.stream.resuming import Offsets, StartPoint, describe_missing_before, start_without_state
from brentwatch.stream.settings import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS
from brentwatch.web.failures import Backoff
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

_POLL_SECONDS = 0.2
_FEWEST_RECORDS = 50
_MOST_BYTES = 8 * 1024 * 1024
"""Limit of answers in one delivery: a transaction must end within its timeout."""

_LOOK_BEATS = 2
_QUIET_BEATS = 100
_LONGEST_SECONDS = 1.0
"""Limit of work in one delivery: what was read at once may take longer than a process may be silent."""


def run(cluster: Cluster, job: Job, *, tell: facts.Tell, stop: Event) -> None:
    """Do a job until `stop` is set; after failures of Kafka it retries with back-off, up to 4 seconds.

    Raises:
        SettingsError: if none of its partitions can begin where the group stands: see `resuming`; if another
            process has taken this one's name.
    """
    waits, failures, rebuilt = Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS), 0, set[Partition]()
    while not stop.is_set():
        try:
            with Life(cluster, job, tell, rebuilt) as life:
                while not stop.is_set():
                    life.turn()
                    failures = 0
                life.leave()
        except Unavailable as error:
            failures += 1
            wait = waits.draw_wait(failures)
            tell(facts.Broken(str(cluster.explain(job.topics, error)), wait))
            stop.wait(wait)


class Life:
    """One life of the clients and of the state that depends on them; `rebuilt` outlives it."""

    def __init__(self, cluster: Cluster, job: Job, tell: facts.Tell, rebuilt: set[Partition]) -> None:
        self._cluster = cluster
        self._settings = settings = cluster.settings
        self._job = job
        self._tell = tell
        self._ready: dict[Partition, Worker] = {}
        self._restores: dict[Partition, Restore | Rebuild] = {}
        self._stopped: dict[Partition, SettingsError] = {}
        self._moved: set[Partition] = set()
        self._rebuilt = rebuilt
        self._next: dict[Partition, int] = {}
        self._read_at: dict[Partition, float] = {}
        self._ends: dict[Partition, int] = {}
        self._most = _FEWEST_RECORDS
        self._look_seconds = _LOOK_BEATS * settings.beat_seconds
        self._look_at = self._cluster.now() + self._look_seconds
        self._quiet_until = self._cluster.now() + _QUIET_BEATS * settings.beat_seconds
        with ExitStack() as opened:
            self._consumer = opened.enter_context(closing(cluster.join(job.group, job.read_topics)))
            self._delivery = self._open_delivery(opened)
            self._guard = opened.enter_context(closing(open_guard(cluster, job, tell)))
            self._clients = opened.pop_all()

    def _open_delivery(self, opened: ExitStack) -> Delivery:
        if self._job.state_topic is None:
            producer = opened.enter_context(closing(self._cluster.open_producer()))
            return AtLeastOnce(producer, self._consumer, is_lazy=self._job.tolerant)
        group = self._job.group
        delivery = ExactlyOnce(
            lambda: self._cluster.open_transactional_producer(group), self._consumer, self._tell
        )
        return opened.enter_context(closing(delivery))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for partition in [*self._ready]:
            self._end_lease(partition)
        for restore in self._restores.values():
            self._clients.enter_context(closing(restore))
        with suppress(Unavailable):  # the error that ended this life has been reported already
            self._clients.close()

    def turn(self) -> None:
        """Go round once.

        Raises:
            Unavailable: if Kafka fails.
            SettingsError: see `run`.
        """
        try:
            self._turn()
        except Fenced:
            if self._consumer.is_fenced_within_a_beat():
                raise self._explain_displacement() from None
            raise  # it came too late, after a pause of the process

    def leave(self) -> None:
        """Give up the place in the group."""
        self._consumer.leave()

    def _explain_displacement(self) -> SettingsError:
        name = self._settings.name_member(self._job.group)
        other = f"{self._settings.own_name}-2"
        return SettingsError(
            f"another process has joined group {self._job.group} as {name} and replaced this one; expected "
            "a different name for each process. To run under another name, run: "
            f"{self._job.command.format_with_setting('kafka.replica', other)}"
        )

    def _turn(self) -> None:
        if self._consumer.is_fenced:
            raise self._explain_displacement()
        # A restore wants its turns, but a join that is under way wants a poll that lasts as long as it does.
        restoring = self._restores and self._consumer.is_member
        records = self._consumer.poll(0.001 if restoring else _POLL_SECONDS, self._most)
        self._moved.clear()
        self._apply_changes()
        if self._consumer.is_member:  # also without a partition: a predecessor may hold up who has it now
            self._delivery.open()
        held = self._guard.hold_back(self._consumer, {each: self._next[each] for each in self._ready})
        if held:
            records = []  # they are read again
        elif not records:
            self._pass_markers()
        began = self._cluster.now()
        self._answer(records)
        self._adjust_pace(len(records), self._cluster.now() - began)
        self._restore()
        lease = self._settings.session_timeout_seconds / 2 - self._consumer.measure_silence()
        for partition, worker in self._ready.items():
            if isinstance(worker, Stateful):
                if lease > 0.0:
                    worker.renew_lease(lease)
                if not records:
                    worker.idle()
            behind = self._consumer.count_behind(partition)
            self._tell(facts.Behind(partition, behind, self._read_at.get(partition)))
        restored = self._consumer.is_member and not self._restores
        self._end_where_nothing_is_left(restored)
        self._expect_topics(bool(records))
        if restored and self._cluster.now() > self._look_at:
            self._look_for_orphans()
        ready = restored and not self._stopped and not self._guard.is_shut
        self._tell(facts.Turned(len(records), ready=ready))

    def _end_where_nothing_is_left(self, restored: bool) -> None:
        """A partition that cannot begin does not stop the others; without others, the service ends."""
        if restored and self._stopped and not self._ready:
            raise SettingsError(*map(str, self._stopped.values()))

    def _expect_topics(self, is_busy: bool) -> None:
        """After a long time without records, check that the topics exist."""
        now = self._cluster.now()
        if now > self._quiet_until and not is_busy:
            self._consumer.expect_topics()
        if is_busy or now > self._quiet_until:
            self._quiet_until = now + _QUIET_BEATS * self._settings.beat_seconds

    def _look_for_orphans(self) -> None:
        """Once, some heartbeats after the start: before that, a rebalance may be under way."""
        orphans = self._consumer.claim_orphans()
        self._look_at = self._cluster.now() + self._look_seconds if orphans is None else math.inf
        if orphans:
            self._tell(facts.Orphaned(orphans))

    def _adjust_pace(self, records: int, seconds: float) -> None:
        """Read as much at once as is answered in a second: a group that rebalances waits for each member."""
        if records:
            self._most = min(MOST_RECORDS, max(_FEWEST_RECORDS, int(records / max(seconds, 0.001))))

    def _apply_changes(self) -> None:
        changes = self._consumer.collect_changes()
        for change in changes:
            match change:
                case Revoked(partition):
                    self._drop(partition)
                case Assigned(partition):
                    self._take(partition)
        if changes:
            came = frozenset(change.partition for change in changes if isinstance(change, Assigned))
            went = frozenset(change.partition for change in changes if isinstance(change, Revoked))
            self._tell(facts.Rebalanced(came, went))

    def _take(self, partition: Partition) -> None:
        first, end = self._consumer.fetch_bounds(partition)
        self._delivery.open()
        committed = self._consumer.fetch_committed(partition)
        offsets = Offsets(partition=partition, first=first, end=end, committed=committed)
        place = self._next[partition] = first if committed is None else committed
        self._ends[partition] = end
        match self._job.open(partition):
            case Stateful() as worker:
                self._consumer.pause(partition, resume_at=place)
                self._begin_restore(offsets, worker)
            case Unclaimed():
                self._consumer.pause(partition, resume_at=place)
            case worker:
                start = start_without_state(self._job, offsets)
                self._begin_at(partition, start)
                self._ready[partition] = worker
                if start.moved:
                    self._delivery.deliver((), {partition: start.place})

    def _begin_restore(self, offsets: Offsets, worker: Stateful) -> None:
        partition = offsets.partition
        again = self._job.rebuild and partition not in self._rebuilt
        kind = Rebuild if again else Restore
        if self._job.voided_topic is not None:
            worker.void(read_voids(self._settings, self._job.voided_topic, partition))
        try:
            self._restores[partition] = kind(self._cluster, self._job, offsets, worker)
        except SettingsError as error:
            self._stop(partition, error)
            return
        self._tell(facts.Restoring(partition, self._next[partition]))

    def _begin_at(self, partition: Partition, start: StartPoint) -> None:
        """Read from there on, whatever offset the group has committed."""
        if start.moved:
            self._next[partition] = start.place
            self._moved.add(partition)
            self._consumer.pause(partition, resume_at=start.place)
            self._consumer.resume(partition)
        if start.partial:
            self._tell(facts.WentOnWithout(partition, start.place))

    def _stop(self, partition: Partition, error: SettingsError) -> None:
        """Stop one partition: it stays paused, and its committed offset stays as it is."""
        self._stopped[partition] = error
        self._tell(facts.Stopped(partition, str(error)))

    def _end_lease(self, partition: Partition) -> None:
        if isinstance(worker := self._ready.pop(partition, None), Stateful):
            worker.renew_lease(0.0)

    def _drop(self, partition: Partition) -> None:
        self._end_lease(partition)
        self._stopped.pop(partition, None)
        self._read_at.pop(partition, None)
        self._delivery.forget(partition)
        self._guard.forget(partition)
        if restore := self._restores.pop(partition, None):
            restore.close()

    def _restore(self) -> None:
        for restore in [each for each in self._restores.values() if self._is_over(each)]:
            partition, start = restore.partition, restore.start
            del self._restores[partition]
            restore.close()
            if partition in self._stopped:
                continue
            if start.moved:
                self._delivery.deliver(restore.collect_answers(), {partition: start.place})
            if isinstance(restore, Rebuild):
                self._rebuilt.add(partition)
            self._tell(facts.Restored(partition, restore.records, restore.seconds))
            self._ready[partition] = restore.worker
            self._begin_at(partition, start)
            self._consumer.resume(partition)
            self._report_committed(partition)

    def _begin_anew(self, restore: Restore | Rebuild, error: SettingsError) -> bool:
        """Continue without the state, which cannot be used; False if the job does not allow that."""
        worker = self._job.open(restore.partition)
        if isinstance(restore, Rebuild) or not isinstance(worker, Stateful):
            return False
        restore.begin_anew(worker)
        self._report_disagreement(restore, str(error))
        return True

    def _report_disagreement(self, restore: Restore, reason: str) -> None:
        self._tell(facts.Disagreed(restore.partition, restore.start.place, reason))

    def _is_over(self, restore: Restore | Rebuild) -> bool:
        """True if the state is restored, or the partition was stopped with a reason."""
        try:
            is_over = restore.turn()
        except SettingsError as error:
            is_newer = isinstance(error.__cause__, NewerState)
            if is_newer or not self._job.tolerant or not self._begin_anew(restore, error):
                self._stop(restore.partition, error)
            return True
        if is_over and self._job.tolerant and restore.start.moved and isinstance(restore, Restore):
            self._report_disagreement(restore, "its group stands elsewhere")
        if held := restore.take_held():
            self._tell(held)
        return is_over

    def _answer(self, records: Sequence[Record | Unreadable]) -> None:
        batch = _Batch(self._cluster.now)
        for record in records:
            worker = self._ready.get(record.partition)
            if worker and record.partition not in self._moved:  # else it came too early, and comes again
                place = batch.answered.get(record.partition, self._next[record.partition])
                self._expect_nothing_deleted(record.partition, place, record.offset)
                answers = self._answer_record(worker, record)
                if self._guard.is_shut:  # not answered: it waits with all behind it
                    batch.outgoing += answers
                    break
                batch.add(answers, record)
                if batch.is_full:
                    self._finish(batch)
                    self._tell(facts.Delivered(len(batch.outgoing)))
                    batch = _Batch(self._cluster.now)
        self._finish(batch)
        self._remember_times(records)

    def _finish(self, batch: "_Batch") -> None:
        """Deliver a batch, and report how long its records took."""
        handled = batch.measure_age()
        self._deliver(batch)
        if batch.answered:
            self._tell(facts.StageEnded("handle", handled))
            self._tell(facts.StageEnded("deliver", batch.measure_age() - handled))

    def _remember_times(self, records: Sequence[Record | Unreadable]) -> None:
        newest = {record.partition: record for record in records if isinstance(record, Record)}
        for partition, record in newest.items():
            self._read_at[partition] = find_write_time(record) / 1000.0

    def _pass_markers(self) -> None:
        """Commit the offsets of transactions that ended: they hold no record, and tools would count them."""
        batch = _Batch(self._cluster.now)
        for partition in self._ready:
            place = self._consumer.find_position(partition)
            if place is not None and place > self._next[partition]:
                self._expect_nothing_deleted(partition, self._next[partition], place)
                batch.answered[partition] = place
        self._deliver(batch)

    def _expect_nothing_deleted(self, partition: Partition, place: int, came: int) -> None:
        """If records were deleted meanwhile, the client continues at the oldest one left and does not say so.

        Offsets without a record, such as transaction markers, do not count as deleted.

        Raises:
            Unavailable: if some were: the next life begins where the group stands, and says what is missing.
        """
        if came > place and (first := self._consumer.fetch_bounds(partition)[0]) > place:
            raise Unavailable(f"{partition}: {describe_missing_before(first, place)}")

    def _deliver(self, batch: "_Batch") -> None:
        for partition, place in batch.answered.items():
            if isinstance(worker := self._ready[partition], Stateful):
                batch.outgoing += worker.collect_changes(place)
        self._delivery.deliver(batch.outgoing, batch.answered)
        self._next |= batch.answered
        for partition in batch.answered:
            self._report_committed(partition)

    def _report_committed(self, partition: Partition) -> None:
        """Tell a worker that what it handled is committed, once it knows what was there when it began."""
        worker = self._ready[partition]
        if isinstance(worker, Stateful) and self._next[partition] >= self._ends[partition]:
            worker.committed()

    def _answer_record(self, worker: Worker, record: Record | Unreadable) -> Sequence[Outgoing]:
        if isinstance(record, Unreadable):
            return [self._reject(record, CORRUPT, record.detail)]
        try:
            answers = worker.handle(record)
        except InvalidMessage as error:
            return [self._reject(record, error.reason, str(error))]
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - one bad record stays one bad record
            return [
                self._reject(
                    record, DeadLetterReason.INTERNAL, describe_internal(error), format_traceback(error)
                )
            ]
        if not record.headers or record.headers[0][0] != CANARY:  # one would hide bad messages around it
            self._guard.report_read()
        return answers

    def _reject(self, record: Record | Unreadable, reason: str, detail: str, trace: str = "") -> Outgoing:
        if note := self._guard.report_dead(record):
            return note
        self._tell(facts.DeadLettered(record, reason, detail, trace))
        return build_dead_letter(self._job.dead_topic, record, reason, detail)


class _Batch:
    """What goes out at once: answers, and the offsets to be read next."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.outgoing: list[Outgoing] = []
        self.answered: dict[Partition, int] = {}
        self.size = 0
        self._now = now
        self._began = now()

    @property
    def is_full(self) -> bool:
        """True when it is large enough to go out, or took long enough."""
        return self.size > _MOST_BYTES or self.measure_age() > _LONGEST_SECONDS

    def measure_age(self) -> float:
        """Seconds since it began."""
        return self._now() - self._began

    def add(self, answers: Sequence[Outgoing], to: Record | Unreadable) -> None:
        """The answers to one record."""
        self.answered[to.partition] = to.offset + 1
        self.outgoing += answers
        self.size += sum(len(each.value or b"") for each in answers)
