"""What outlives the clients of the loop: the senders, and the outcomes that no fold has read yet."""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime

from structlog.typing import FilteringBoundLogger

from brentwatch.notify.messages import Channel
from brentwatch.notify.senders import ChannelSender, Lease, Outcome
from brentwatch.notify.stages import Route
from brentwatch.notify.values import Pending, Timer
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.deliveries import AttemptOutcome, AttemptRecord, DueRecord, encode_delivery_record

_REPEAT_SECONDS = 5.0
"""A timer is recorded again where it did not end: the broker's clock may be behind ours."""

_MOST_WORDS = 2000
"""Of an `AttemptRecord`: the longest card fits."""


Record = Callable[[str, bytes], None]
"""Has a record of that key and value written to `impact.deliveries`, and returns at once."""


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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._record, self._metrics, self._now = record, metrics, now
        self._replica, self._run = replica, now().isoformat()
        self._lock = threading.Lock()
        self._number = 0
        self._ended: set[str] = set()
        self._due: dict[str, datetime] = {}
        self.lease = Lease()
        self.senders = {
            name: ChannelSender(route, channels[name], self.lease, self._take_outcome, log)
            for name, route in routes.items()
        }
        for name in routes:
            for metric in (table.NOTIFICATIONS, table.NOTIFICATION_ATTEMPTS):
                metrics.declare(metric, channel=name)

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set."""
        threads = [
            threading.Thread(target=sender.run, name=f"send to {name}", daemon=True)
            for name, sender in self.senders.items()
        ]
        with ExitStack() as closing:
            for thread, sender in zip(threads, self.senders.values(), strict=True):
                thread.start()
                closing.callback(sender.close)
            stop.wait()

    def hand_over(self, deliveries: Mapping[str, Pending], *, is_restored: bool) -> set[str]:
        """Have committed deliveries sent; gives the names of those for which there is no room yet."""
        left = set[str]()
        for name, pending in deliveries.items():
            sender = self.senders.get(pending.channel)
            if sender is None or name in self._ended:
                continue
            age = (self._now() - pending.recorded_at).total_seconds() if is_restored else 0.0
            if not sender.submit(name, pending, max(0.0, age)):
                left.add(name)
        return left

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
        now = self._now()
        self._due = {name: at for name, at in self._due.items() if name in timers}
        for name, timer in timers.items():
            again = (now - self._due[name]).total_seconds() >= _REPEAT_SECONDS if name in self._due else True
            if timer.at <= now and again:
                self._due[name] = now
                self._record(name, encode_delivery_record(DueRecord(timer=name, at=timer.at)))

    def _take_outcome(self, outcome: Outcome) -> None:
        """Record how an attempt ended, in the order of the numbers."""
        channel, ended = outcome.pending.channel, outcome.outcome
        failed = ended in (AttemptOutcome.RETRY, AttemptOutcome.FAILED)
        self._metrics.count(
            table.NOTIFICATION_ATTEMPTS,
            channel=channel,
            **{"class": outcome.reason if failed else ended.value},
        )
        now = self._now()
        if ended is AttemptOutcome.ACCEPTED:
            seconds = max(0.0, (now - outcome.pending.recorded_at).total_seconds())
            self._metrics.observe(table.NOTIFICATION_LATENCY, seconds, channel=channel)
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
                message_id=outcome.message_id,
                detail=outcome.detail,
                words=_read_words(outcome.pending) if ended is AttemptOutcome.ACCEPTED else "",
            )
            self._record(outcome.delivery, encode_delivery_record(attempt))


def _read_words(pending: Pending) -> str:
    """What a digest or a notice says; empty for an alert, which is recorded itself."""
    return "" if pending.is_alert else f"{pending.lock_screen}\n{pending.card}"[:_MOST_WORDS]
