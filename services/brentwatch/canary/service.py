"""The canary: sends a marked record through the whole pipeline every few minutes, to show that it works.

The screen forwards it to the timeline of each instrument, the monitor answers on `impact.canary` immediately,
even if the market is closed, and the notifier measures the time. A canary is not an event: it has no effect
on tests, studies, alerts or channels. The partition of `unrest.events` rotates, so that each replica of the
screen gets one within an hour. The first waits are short, so that an answer follows a restart within seconds.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

from brentwatch import stream
from brentwatch.canary.settings import CanarySettings
from brentwatch.core.domain import Canary
from brentwatch.core.errors import Unavailable
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Telemetry
from brentwatch.web.failures import Backoff
from brentwatch.wire.timeline import encode_signal

SERVICE = table.CANARY
TOPICS: tuple[str, ...] = (stream.EVENTS,)

_FIRST_SECONDS = 10.0
"""The wait after the first canary; each further one is twice as long, up to `canary.every_seconds`."""

_BEAT_SECONDS = 5.0


class CanaryNeeds(Protocol):
    """The settings that the canary reads."""

    kafka: stream.KafkaSettings
    canary: CanarySettings


class CanaryProducer(Protocol):
    """Writes records, and returns when they are acknowledged."""

    def send(self, records: Sequence[stream.Outgoing], /) -> object:
        """Write them; raises `Unavailable`."""

    def close(self) -> None:
        """Close the connection."""


def prepare(settings: CanaryNeeds, telemetry: Telemetry) -> stream.Poller:
    """The canary on its timer.

    Raises:
        SettingsError: in shadow mode, whose events belong to another installation.
    """
    kafka = settings.kafka
    kafka.require_own_timeline()
    topic = kafka.topic(stream.EVENTS)
    partitions = stream.load_topics(kafka, [])[stream.EVENTS].partitions

    def open_producer() -> CanaryProducer:
        from brentwatch.stream.clients.producer import Producer

        return Producer(kafka)

    sender = CanarySender(topic, partitions, settings.canary.every_seconds, open_producer, telemetry)
    return stream.Poller(topic, sender.run)


class CanarySender:
    """Sends canaries to `topic` with a producer that is opened when needed, and again after a failure.

    `now` is the time of day in seconds since 1970.
    """

    def __init__(
        self,
        topic: str,
        partitions: int,
        every_seconds: float,
        open_producer: Callable[[], CanaryProducer],
        telemetry: Telemetry,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._topic = topic
        self._partitions = partitions
        self._every = every_seconds
        self._open = open_producer
        self._producer: CanaryProducer | None = None
        self._telemetry = telemetry
        self._now = now
        self._turn = int(now() / every_seconds)  # continues where the last process ended, without state
        self._sent = 0

    def run(self, stop: Event) -> None:
        """Send until `stop` is set; after a failure of Kafka a new canary is sent, not the old one."""
        waits, failures = Backoff(stream.FIRST_WAIT_SECONDS, stream.LONGEST_WAIT_SECONDS), 0
        try:
            while not stop.is_set():
                self._telemetry.health.beat()
                try:
                    wait, failures = self.send(), 0
                except Unavailable as error:
                    failures += 1
                    wait = waits.draw_wait(failures)
                    self._report_failure(str(error), wait)
                self._rest(wait, stop)
        finally:
            self._close()

    def send(self) -> float:
        """Send one canary; returns the seconds until the next.

        Raises:
            Unavailable: if it was not acknowledged in time.
        """
        if self._producer is None:
            self._producer = self._open()
        sent_at = self._now()
        self._producer.send([self._build_record(sent_at)])
        self._turn += 1
        self._sent += 1
        metrics = self._telemetry.metrics
        metrics.count(table.CANARIES_SENT)
        metrics.set(table.CANARY_LAST_SENT, sent_at)
        self._telemetry.health.mark_ready("ready")
        return min(self._every, _FIRST_SECONDS * 2.0 ** min(self._sent - 1, 10))

    def _build_record(self, sent_at: float) -> stream.Outgoing:
        known_at = datetime.fromtimestamp(sent_at, UTC)
        canary = Canary(canary_id=f"canary:{int(1000 * sent_at)}", known_at=known_at)
        return stream.Outgoing(
            topic=self._topic,
            partition=self._turn % self._partitions,
            value=encode_signal(canary),
            headers=((stream.CANARY, b"1"),),
        )

    def _rest(self, seconds: float, stop: Event) -> None:
        """Wait, with a heartbeat every few seconds."""
        end = time.monotonic() + seconds
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            self._telemetry.health.beat()
            stop.wait(min(left, _BEAT_SECONDS))

    def _report_failure(self, reason: str, wait: float) -> None:
        self._close()
        self._telemetry.health.beat()
        self._telemetry.health.mark_unready(reason)
        self._telemetry.metrics.count(table.BROKER_FAILURES)
        self._telemetry.log.warning(
            "Kafka failed, reconnecting", reason=reason, again_in_seconds=round(wait, 1)
        )

    def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.close()
            except Unavailable as error:
                self._telemetry.log.debug("closing", reason=str(error))
