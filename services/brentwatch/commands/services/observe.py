"""What the loop of a service says about itself, to its metrics, its health and its log.

Stands here because the stream and the telemetry do not know each other.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import assert_never

from structlog.typing import FilteringBoundLogger

from brentwatch.stream import Partition, facts
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import Quota
from brentwatch.telemetry.metrics import Metrics

_DEGRADED_SECONDS = 3600.0
_MANY_REJECTED = 10
_MOST_REMEMBERED = 10_000
_LINES_A_MINUTE = 10
"""Log lines a minute for each reason of dead letters, so that a flood of them does not flood the log."""


class Observer:
    """Hand `tell` to the loop. `now` is the time of day in seconds since 1970."""

    def __init__(
        self,
        metrics: Metrics,
        health: Health,
        log: FilteringBoundLogger,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._metrics = metrics
        self._health = health
        self._log = log
        self._now = now
        self._rejected_at: deque[float] = deque(maxlen=_MOST_REMEMBERED)
        self._lines = Quota(_LINES_A_MINUTE, now)
        self._excess = ""
        self._stopped: dict[Partition, str] = {}
        self._measured: set[Partition] = set()

    def tell(self, fact: facts.LoopFact) -> None:
        """Take in one fact of the loop."""
        match fact:
            case facts.Turned() | facts.Delivered():
                self._report_progress(fact)
            case facts.Behind() | facts.StageEnded() | facts.TransactionEnded():
                self._measure(fact)
            case facts.Rebalanced() | facts.Orphaned():
                self._report_rebalance(fact)
            case facts.Restoring() | facts.RestoreHeld() | facts.Restored():
                self._report_restore(fact)
            case facts.Stopped() | facts.WentOnWithout() | facts.Disagreed():
                self._report_partition(fact)
            case facts.DeadLettered():
                self._report_dead_letter(fact)
            case (
                facts.LimitReached()
                | facts.LimitExceeded()
                | facts.LimitOpen()
                | facts.LimitUnknown()
                | facts.StrangersFound()
            ):
                self._report_limit(fact)
            case facts.Broken(reason=reason, seconds=seconds):
                self._report_failure(reason, seconds)
            case _:
                assert_never(fact)

    def _measure(self, fact: facts.Behind | facts.StageEnded | facts.TransactionEnded) -> None:
        match fact:
            case facts.Behind(partition=partition, records=records, read_at=read_at):
                place = _describe_place(partition)
                self._measured.add(partition)
                self._metrics.set(table.CONSUMER_LAG, records, **place)
                if not records:
                    self._metrics.set(table.CONSUMER_LAG_SECONDS, 0.0, **place)
                elif read_at is not None:
                    self._metrics.set(table.CONSUMER_LAG_SECONDS, max(0.0, self._now() - read_at), **place)
            case facts.StageEnded(stage=stage, seconds=seconds):
                self._metrics.observe(table.STAGE_DURATION, seconds, stage=stage)
            case facts.TransactionEnded(outcome=outcome):
                self._metrics.count(table.TRANSACTIONS, outcome=outcome)

    def _report_restore(self, fact: facts.Restoring | facts.RestoreHeld | facts.Restored) -> None:
        place = str(fact.partition)
        match fact:
            case facts.Restoring(until=until):
                self._health.mark_unready(f"restoring {place} up to offset {until}")
                self._log.info("restoring", partition=place, until=until)
            case facts.RestoreHeld(offset=offset, seconds=seconds):
                told = "restore waits for a transaction that does not end: see `brentwatch doctor`"
                self._log.warning(told, partition=place, offset=offset, seconds=round(seconds))
            case facts.Restored(records=records, seconds=seconds):
                self._metrics.observe(table.RESTORE_DURATION, seconds)
                self._log.info("restored", partition=place, records=records, seconds=round(seconds, 3))

    def _report_partition(self, fact: facts.Stopped | facts.WentOnWithout | facts.Disagreed) -> None:
        match fact:
            case facts.Disagreed(partition=partition, place=place, reason=reason):
                self._metrics.count(table.STATE_DISAGREEMENTS)
                told = "saved state and committed offset differ: continuing from the state, or from the start"
                self._log.error(told, partition=str(partition), offset=place, reason=reason)
            case facts.Stopped(partition=partition, reason=reason):
                self._stopped[partition] = reason
                self._log.error("partition stopped", partition=str(partition), reason=reason)
            case facts.WentOnWithout(partition=partition, place=place):
                self._log.warning("continuing without older records", partition=str(partition), offset=place)

    def _report_limit(
        self,
        fact: facts.LimitReached
        | facts.LimitExceeded
        | facts.LimitOpen
        | facts.LimitUnknown
        | facts.StrangersFound,
    ) -> None:
        match fact:
            case facts.LimitReached(reason=reason):
                self._health.mark_unready(reason)
                self._metrics.set(table.DEAD_LETTER_LIMIT_REACHED, 1)
                self._log.error("stopped at the dead-letter limit", reason=reason)
            case facts.LimitExceeded(reason=reason):
                self._excess = reason
                self._metrics.set(table.DEAD_LETTER_LIMIT_REACHED, 1)
                self._log.warning("dead-letter limit exceeded, continuing", reason=reason)
            case facts.LimitOpen():
                self._excess = ""
                self._metrics.set(table.DEAD_LETTER_LIMIT_REACHED, 0)
                self._log.info("dead-letter check passed")
            case facts.LimitUnknown(reason=reason):
                self._log.error("dead letters cannot be read to the end, continuing", reason=reason)
            case facts.StrangersFound(records=records):
                self._metrics.count(table.DEAD_LETTER_STRANGERS, records)
                self._log.warning(
                    "ignored records on the dead-letter topic that are not dead letters; check who has Write "
                    "on the topic",
                    records=records,
                )

    def _report_progress(self, fact: facts.Turned | facts.Delivered) -> None:
        self._health.beat()
        if isinstance(fact, facts.Turned):
            self._report_turn(fact)

    def _report_turn(self, fact: facts.Turned) -> None:
        if fact.ready:
            self._health.mark_ready(self._describe_degraded() or "ready")
        elif self._stopped:
            self._health.mark_unready("; ".join(self._stopped.values()))
        elif self._health.check_readiness().well:
            self._health.mark_unready("joining the consumer group")
        self._metrics.set(table.CONSUMER_LAST_POLL, self._now())
        self._metrics.count(table.RECORDS_CONSUMED, fact.records)
        for reason, lines in self._lines.take_left_out().items():
            self._log.warning("more dead letters within a minute", reason=reason, records=lines)

    def _describe_degraded(self) -> str:
        """What to say where many records were rejected of late: it goes on, and somebody should look."""
        if self._excess:
            return f"degraded: {self._excess}"
        while self._rejected_at and self._now() - self._rejected_at[0] > _DEGRADED_SECONDS:
            self._rejected_at.popleft()
        if len(self._rejected_at) < _MANY_REJECTED:
            return ""
        many = f"{len(self._rejected_at):,} records were rejected within the last hour"
        return f"degraded: {many}; see `brentwatch dead list`"

    def _report_rebalance(self, fact: facts.Rebalanced | facts.Orphaned) -> None:
        if isinstance(fact, facts.Orphaned):
            lost = _list_names(fact.partitions)
            self._log.warning("partitions without an owner are reassigned", partitions=lost)
            return
        self._metrics.count(table.REBALANCES)
        for partition in fact.revoked:
            self._stopped.pop(partition, None)
            self._forget_lag(partition)
        self._log.info("rebalanced", assigned=_list_names(fact.assigned), revoked=_list_names(fact.revoked))

    def _forget_lag(self, partition: Partition) -> None:
        """Another process now reads the partition, or its lag will be measured again."""
        self._measured.discard(partition)
        for metric in (table.CONSUMER_LAG, table.CONSUMER_LAG_SECONDS):
            self._metrics.forget(metric, **_describe_place(partition))

    def _report_dead_letter(self, fact: facts.DeadLettered) -> None:
        partition, offset = fact.record.partition, fact.record.offset
        self._metrics.count(table.DEAD_LETTERS, topic=partition.topic, reason=fact.reason)
        self._rejected_at.append(self._now())
        if not self._lines.admit_line(fact.reason):
            return
        said = {"partition": str(partition), "offset": offset, "reason": fact.reason, "detail": fact.detail}
        if fact.trace:
            self._log.error("dead letter", traceback=fact.trace, **said)
        else:
            self._log.warning("dead letter", **said)

    def _report_failure(self, reason: str, seconds: float) -> None:
        """Waiting for Kafka counts as progress, because a restart would not help."""
        self._health.beat()
        self._stopped.clear()  # the next life finds out again
        for partition in list(self._measured):
            self._forget_lag(partition)
        self._health.mark_unready(reason)
        self._metrics.count(table.BROKER_FAILURES)
        self._log.warning("Kafka failed, reconnecting", reason=reason, again_in_seconds=seconds)


def _list_names(partitions: Iterable[Partition]) -> list[str]:
    return sorted(map(str, partitions))


def _describe_place(partition: Partition) -> dict[str, str]:
    return {"topic": partition.topic, "partition": str(partition.number)}
