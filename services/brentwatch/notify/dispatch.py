"""What outlives the clients of the loop: the senders, and the outcomes that no fold has read yet."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

from structlog.typing import FilteringBoundLogger

from brentwatch.notify.messages import Channel
from brentwatch.notify.pacing import BrokerClock
from brentwatch.notify.senders import ChannelSender, Lease, Outcome
from brentwatch.notify.stages import Route
from brentwatch.notify.values import Pending, Timer
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.deliveries import (
    AttemptOutcome,
    AttemptRecord,
    DeliveryRecord,
    DueRecord,
    encode_delivery_record,
)
from brentwatch.wire.published import decode_known_at

_REPEAT_SECONDS = 5.0
"""A timer that did not end is recorded again: the broker's clock may be behind ours."""

_MOST_WORDS = 2000
"""The length of the words of an `AttemptRecord`: the longest card fits."""


_MOST_CHARACTERS = 1000
_DECLARED = (
    table.NOTIFICATIONS,
    table.NOTIFICATION_ATTEMPTS,
    table.NOTIFICATION_LATENCY,
    table.ALERT_LATENCY,
)

_LONGEST_END_SECONDS = 5.0
"""How long a process that stops waits for attempts that are under way, to write their outcomes."""

Record = Callable[[str, bytes, Callable[[], None]], None]
"""Has a record of that key and value written to `impact.deliveries`; the function is called once it is."""


class Dispatcher:
    """Hands recorded deliveries to the senders, and their outcomes and the timers to the recorder."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        channels: Mapping[str, Channel],
        record: Record,
        metrics: Metrics,
        log: FilteringBoundLogger,
        *,
        replica: str,
        clock: BrokerClock | None = None,
    ) -> None:
        self.clock = clock or BrokerClock()
        self._record, self._metrics, self._log = record, metrics, log
        self._replica, self._run = replica, self.clock.now().isoformat()
        self._lock = threading.Lock()
        self._number = 0
        self._ended: set[str] = set()
        self._unwritten = Counter[str]()
        self._due: dict[str, datetime] = {}
        self.lease = Lease()
        self.senders = {
            name: ChannelSender(route, channels[name], partial(self._may_send, name), self._take_outcome, log)
            for name, route in routes.items()
        }
        for name in routes:
            for metric in _DECLARED:
                metrics.declare(metric, channel=name)

    def _may_send(self, channel: str) -> bool:
        return self.lease.is_valid and not self._unwritten[channel]

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set, and wait for what is being sent then."""
        threads = [
            threading.Thread(target=sender.run, name=f"send to {name}", daemon=True)
            for name, sender in self.senders.items()
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        for sender in self.senders.values():
            sender.close()
        end = time.monotonic() + _LONGEST_END_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def hand_over(self, deliveries: Mapping[str, Pending], *, is_restored: bool) -> set[str]:
        """Have committed deliveries sent, in their order; gives the names of those that have no room yet."""
        left, full = set[str](), set[str]()
        for name, pending in deliveries.items():
            if name in self._ended:
                continue
            sender = self.senders.get(pending.channel)
            if sender is None:
                self._end_without_channel(name, pending)
                continue
            age = (self.clock.now() - pending.recorded_at).total_seconds() if is_restored else 0.0
            if pending.channel in full or not sender.submit(name, pending, max(0.0, age)):
                left.add(name)
                full.add(pending.channel)  # what follows would overtake it
        return left

    def _end_without_channel(self, name: str, pending: Pending) -> None:
        """A delivery to a channel that the settings no longer name ends as failed."""
        said = (
            f"{pending.channel} is not in notify.channels: to send the alert, add the channel again and run "
            "brentwatch alerts resend"
        )
        self._log.error("delivery failed", channel=pending.channel, delivery=name, detail=said)
        failed = AttemptOutcome.FAILED
        self._take_outcome(
            Outcome(delivery=name, pending=pending, outcome=failed, reason="rejected", detail=said)
        )

    def note_record(self, record: DeliveryRecord, at: datetime) -> None:
        """The fold has read a record that the broker appended at that time."""
        self.clock.note(at)
        if isinstance(record, AttemptRecord) and record.run == self._run:
            self.clock.compare(at, record.at)

    def note_folded(self, names: Collection[str]) -> None:
        """The fold has counted how these ended."""
        with self._lock:
            self._ended.difference_update(names)

    def renew_lease(self, seconds: float) -> None:
        """The partition is ours for so long; 0: it went."""
        self.lease.renew(seconds)
        if seconds <= 0.0:
            for sender in self.senders.values():
                sender.drop()
        for name, sender in self.senders.items():
            self._metrics.set(table.BREAKER_OPEN, float(sender.pace.is_open), channel=name)

    def fire_timers(self, timers: Mapping[str, Timer]) -> None:
        """Record the timers whose time has come."""
        if not timers or not self.lease.is_valid:
            return
        now = self.clock.now()
        self._due = {name: at for name, at in self._due.items() if name in timers}
        for name, timer in timers.items():
            again = (now - self._due[name]).total_seconds() >= _REPEAT_SECONDS if name in self._due else True
            if timer.at <= now and again:
                self._due[name] = now
                due = DueRecord(timer=name, at=timer.at)
                self._record(name, encode_delivery_record(due), lambda: None)

    def _take_outcome(self, outcome: Outcome) -> None:
        """Record how an attempt ended, in the order of the numbers."""
        channel, ended = outcome.pending.channel, outcome.outcome
        failed = ended in (AttemptOutcome.RETRY, AttemptOutcome.FAILED)
        self._metrics.count(
            table.NOTIFICATION_ATTEMPTS,
            channel=channel,
            **{"class": outcome.reason if failed else ended.value},
        )
        now = self.clock.now()
        if ended is AttemptOutcome.ACCEPTED:
            self._measure_latency(outcome.pending, now)
        with self._lock:
            if ended is not AttemptOutcome.RETRY:
                self._ended.add(outcome.delivery)
            self._number += 1
            attempt = AttemptRecord(
                delivery=outcome.delivery,
                channel=channel,
                thread=outcome.pending.thread,
                number=self._number,
                outcome=ended,
                at=now,
                latency_seconds=max(0.0, outcome.seconds),
                replica=self._replica,
                run=self._run,
                reason=outcome.reason,
                status=outcome.status,
                message_id=_fit_text(outcome.message_id),
                detail=_fit_text(outcome.detail),
                words=_read_words(outcome.pending) if ended is AttemptOutcome.ACCEPTED else "",
            )
            is_accepted = ended is AttemptOutcome.ACCEPTED
            self._unwritten[channel] += is_accepted
            written = partial(self._note_written, channel) if is_accepted else lambda: None
            self._record(outcome.delivery, encode_delivery_record(attempt), written)

    def _measure_latency(self, accepted: Pending, now: datetime) -> None:
        since = {table.NOTIFICATION_LATENCY: accepted.recorded_at}
        if accepted.is_alert:
            since[table.ALERT_LATENCY] = decode_known_at(bytes(accepted.alert))
        for metric, began in since.items():
            seconds = max(0.0, (now - began).total_seconds())
            self._metrics.observe(metric, seconds, channel=accepted.channel)

    def _note_written(self, channel: str) -> None:
        with self._lock:
            self._unwritten[channel] -= 1
        self.senders[channel].wake()


def _read_words(pending: Pending) -> str:
    """What a digest or a notice says; empty for an alert, which is recorded itself."""
    return "" if pending.is_alert else f"{pending.lock_screen}\n{pending.card}"[:_MOST_WORDS]


def _fit_text(foreign: str) -> str:
    """What somebody else said, as a record may hold it: one that no fold can read ends no delivery."""
    return foreign.encode("utf-8", "replace").decode()[:_MOST_CHARACTERS]
