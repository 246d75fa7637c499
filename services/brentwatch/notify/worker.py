"""The fold of `impact.deliveries` as a worker of the loop, and what is done once its state is committed."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product

from msgspec.structs import replace

from brentwatch.core.domain import Severity
from brentwatch.core.errors import NewerState, SettingsError
from brentwatch.notify import digests, values
from brentwatch.notify.dispatch import Dispatcher
from brentwatch.notify.fold import step
from brentwatch.notify.stages import Policies
from brentwatch.notify.values import ENDS, Pending, Totals, Value, View
from brentwatch.stream import Outgoing, Record, Stateful, find_write_time
from brentwatch.telemetry import table
from brentwatch.telemetry.definition import Metric
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.deliveries import AnswerKind, AttemptOutcome, AttemptRecord, decode_delivery_record

_REBUILT = "rebuilt"


class DeliveryWorker(Stateful):
    """One life of the state; `dispatcher` outlives it. `topic` is where the state is kept."""

    def __init__(self, policies: Policies, dispatcher: Dispatcher, metrics: Metrics, topic: str) -> None:
        self._policies, self._dispatcher, self._metrics, self._topic = policies, dispatcher, metrics, topic
        self._values = values.create_values()
        self._changes: dict[tuple[str, str], Value | None] = {}
        self._to_hand = set[str]()
        self._folded = set[str]()
        self._before: values.Values | None = None
        self._counted = Totals()
        self._is_restored = True

    def handle(self, record: Record) -> Sequence[Outgoing]:
        """Step over one record; nothing is sent before that is committed.

        Raises:
            InvalidMessage: if it cannot be read.
        """
        self._step(record)
        return ()

    def _step(self, record: Record) -> None:
        decoded = decode_delivery_record(record.value or b"")
        view = View(self._values)
        at = datetime.fromtimestamp(find_write_time(record) / 1000.0, UTC)
        step(view, self._policies, decoded, at)
        self._dispatcher.note_record(decoded, at)
        values.apply_changes(self._values, view.changes)
        self._changes |= view.changes
        self._to_hand |= {name for section, name in view.changes if section == "delivery"}
        if isinstance(decoded, AttemptRecord) and decoded.outcome is not AttemptOutcome.RETRY:
            self._folded.add(decoded.delivery)

    def collect_changes(self, place: int) -> Sequence[Outgoing]:
        """What the records since the last call have changed, and the cursor."""
        changed = [self._encode(*key, value) for key, value in self._changes.items()]
        self._changes = {}
        return [*changed, self._encode_cursor(place)]

    def _encode(self, section: str, name: str, value: Value | None) -> Outgoing:
        encoded = None if value is None else values.encode_value(value)
        return self._build(values.encode_key(section, name), encoded)

    def _encode_cursor(self, place: int) -> Outgoing:
        keys = sum(map(len, self._values.values()))
        return self._build(values.CURSOR, values.encode_value(values.PlaceReached(offset=place, keys=keys)))

    def _build(self, key: bytes, value: bytes | None) -> Outgoing:
        return Outgoing(topic=self._topic, partition=0, key=key, value=value)

    def committed(self) -> None:
        """Hand what was recorded to the senders, and count what ended."""
        recorded: dict[str, Pending] = self._values["delivery"]
        ready = {name: each for name, each in recorded.items() if name in self._to_hand}  # in their order
        self._to_hand = self._dispatcher.hand_over(ready, is_restored=self._is_restored)
        time.sleep(0.0)  # the senders have the interpreter first: what is left to do here is not urgent
        self._is_restored = False
        self._dispatcher.note_folded(self._folded)
        self._folded = set()
        self._measure()

    def renew_lease(self, seconds: float) -> None:
        """Send only as long as the partition is ours; without it, show no figures of it."""
        self._dispatcher.renew_lease(seconds)
        self._dispatcher.fire_timers(self._values["timer"])
        if seconds <= 0.0:
            self._forget_gauges()

    def idle(self) -> None:
        """Hand over what had no room before."""
        if self._to_hand and not self._is_restored:
            self.committed()

    def find_saved_place(self, kept: Mapping[bytes, bytes]) -> int | None:
        """The offset of `impact.deliveries` that the state has come to."""
        reached = values.decode_place(kept)
        return None if reached is None else reached.offset

    def restore(self, kept: Mapping[bytes, bytes]) -> None:
        """Go on from what was kept.

        Raises:
            SettingsError: if it cannot be read.
        """
        self._values = values.decode_values(kept)
        self._to_hand = set(self._values["delivery"])
        self._counted = self._totals

    def void(self, offsets: Collection[int]) -> None:
        """No record of deliveries is ever voided."""

    def mark_partial(self) -> None:
        """Alerts that are missing were not sent; nothing else rests on them."""

    def prepare(self, kept: Mapping[bytes, bytes]) -> None:
        """Remember what was to be sent, and what was held back, before the topic is folded again.

        Raises:
            NewerState: if a newer version wrote the state.
        """
        self._before = values.create_values()
        try:
            self._before = values.decode_values(kept)
        except NewerState:
            raise
        except SettingsError:  # a state that cannot be read is what a rebuild is for
            return

    def refold(self, record: Record) -> None:
        """Step over a record; what it leads to was sent before, or is not sent."""
        self._step(record)

    def recreate(self, kept: Mapping[bytes, bytes], place: int) -> Sequence[Outgoing]:
        """The whole state in the place of what was kept; only what was to be sent before is sent."""
        if self._before is not None:
            self._drop_new(self._before)
        self._to_hand = set(self._values["delivery"])
        self._changes = {}
        self._counted = self._totals
        whole = {
            values.encode_key(section, name): values.encode_value(value)
            for section, named in self._values.items()
            for name, value in named.items()
        }
        gone = [self._build(key, None) for key in kept if key not in whole and key != values.CURSOR]
        written = [self._build(key, value) for key, value in whole.items()]
        return [*gone, *written, self._encode_cursor(place)]

    def _drop_new(self, before: values.Values) -> None:
        """Leave out what only the settings of today make of old alerts: deliveries, and what is held back.

        Without a state that can be read, what is held back stays: a silence never erases.
        """
        if any(before.values()):
            for channel in set(self._values["held"]) - set(before["held"]):
                del self._values["held"][channel]
                self._values["timer"].pop(digests.name_timer(channel), None)
        totals = self._totals
        for name in set(self._values["delivery"]) - set(before["delivery"]):
            pending: Pending = self._values["delivery"].pop(name)
            recorded = {**totals.recorded, pending.channel: totals.recorded[pending.channel] - 1}
            suppressed = {**totals.suppressed, _REBUILT: totals.suppressed.get(_REBUILT, 0) + 1}
            totals = replace(totals, recorded=recorded, suppressed=suppressed)
        self._values["totals"][""] = totals

    @property
    def _totals(self) -> Totals:
        known: Totals = self._values["totals"].get("", Totals())
        return known

    def _measure(self) -> None:
        """Count what was committed since the last time, and set the gauges."""
        before, now = self._counted, self._totals
        self._counted = now
        for reason, count in now.suppressed.items():
            self._count(table.ALERTS_SUPPRESSED, count - before.suppressed.get(reason, 0), reason=reason)
        for channel, recorded in now.recorded.items():
            ended = now.ended.get(channel, {})
            for end in ENDS:
                new = ended.get(end, 0) - before.ended.get(channel, {}).get(end, 0)
                self._count(table.NOTIFICATIONS, new, channel=channel, outcome=end)
                self._metrics.set(table.DELIVERIES, ended.get(end, 0), channel=channel, state=end)
            pending = recorded - sum(ended.values())
            self._metrics.set(table.DELIVERIES, pending, channel=channel, state="pending")
            self._metrics.set(table.OUTBOX_PENDING, pending, channel=channel)
            self._metrics.set(table.DELIVERY_COPIES, now.copies.get(channel, 0), channel=channel)
            self._metrics.set(table.OUTBOX_OLDEST, self._find_oldest(channel), channel=channel)
        self._measure_feedback(now)

    def _measure_feedback(self, now: Totals) -> None:
        """A gauge: who answers again changes the last answer, and counts once."""
        for severity in Severity:
            answers, useful = now.feedback.get(severity, (0, 0))
            for answer, count in ((AnswerKind.USEFUL, useful), (AnswerKind.FALSE_ALARM, answers - useful)):
                self._metrics.set(table.ALERT_FEEDBACK, count, severity=severity, answer=answer)

    def _forget_gauges(self) -> None:
        for severity, answer in product(Severity, (AnswerKind.USEFUL, AnswerKind.FALSE_ALARM)):
            self._metrics.forget(table.ALERT_FEEDBACK, severity=severity, answer=answer)
        for channel in self._counted.recorded:
            for state in ("pending", *ENDS):
                self._metrics.forget(table.DELIVERIES, channel=channel, state=state)
            for metric in (table.OUTBOX_PENDING, table.OUTBOX_OLDEST, table.DELIVERY_COPIES):
                self._metrics.forget(metric, channel=channel)

    def _count(self, metric: Metric, amount: int, **labels: str) -> None:
        if amount > 0:
            self._metrics.count(metric, amount, **labels)

    def _find_oldest(self, channel: str) -> float:
        waiting = [each.recorded_at for each in self._values["delivery"].values() if each.channel == channel]
        return min(waiting, default=datetime.now(UTC)).timestamp()
