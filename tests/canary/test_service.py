"""The canary sends a marked record that no reader of events accepts, and goes on when Kafka fails."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from brentwatch.canary import service
from brentwatch.canary.service import CanarySender
from brentwatch.canary.settings import CanarySettings
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.settings.composed import Settings
from brentwatch.stream import CANARY, KafkaSettings, Outgoing, Partition, Record
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.canaries import decode_canary
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.input_faults import InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC).timestamp()


class Kafka:
    """Producers that write down what they are given; while it is away, sending fails."""

    def __init__(self) -> None:
        self.written: list[Outgoing] = []
        self.is_away = False
        self.opened = self.closed = 0
        self.after_send: Callable[[], object] = lambda: None

    def open(self) -> Kafka:
        self.opened += 1
        return self

    def send(self, records: Sequence[Outgoing]) -> None:
        self.after_send()
        if self.is_away:
            raise Unavailable("the broker is away")
        self.written += records

    def close(self) -> None:
        self.closed += 1


class Sending:
    """A sender with a clock of its own."""

    def __init__(self, every: float = 300.0, now: float = NOON) -> None:
        self.kafka, self.now, self.registry = Kafka(), now, CollectorRegistry()
        self.health = Health(40.0)
        log = make_logger(TelemetrySettings(log_level="error"), service=service.SERVICE)
        telemetry = Telemetry(Metrics(self.registry, service.SERVICE), self.health, log)
        self.sender = CanarySender("events", 12, every, self.kafka.open, telemetry, lambda: self.now)

    def send(self, times: int = 1) -> list[float]:
        """Send so many in turn, as time passes; gives the waits."""
        waits = []
        for _ in range(times):
            waits.append(self.sender.send())
            self.now += waits[-1]
        return waits

    def read(self, metric: str) -> float | None:
        return self.registry.get_sample_value(f"brentwatch_{metric}")


def as_record(sent: Outgoing, written_at: float) -> Record:
    """What a reader of the topic is given."""
    return Record(
        partition=Partition(sent.topic, sent.partition or 0),
        offset=0,
        value=sent.value,
        headers=sent.headers,
        timestamp=int(1000 * written_at),
        is_append_time=True,
    )


def test_a_canary_is_marked_and_tells_when_it_was_sent_and_no_reader_of_events_accepts_it() -> None:
    sending = Sending()
    sending.send()
    record = as_record(sending.kafka.written[0], NOON + 0.01)
    assert record.headers[0][0] == CANARY
    canary = decode_canary(record.value or b"", 1000 * NOON)
    assert (canary.canary_id, canary.known_at.timestamp()) == ("canary:1641384000000", NOON)
    for headers in ((), record.headers):
        with pytest.raises(InvalidMessage):
            decode_message(record.value, headers)


def test_the_first_goes_out_at_once_and_the_waits_grow_to_the_setting() -> None:
    assert Sending().send(8) == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    assert Sending(every=5.0).send(2) == [5.0, 5.0]


def test_every_partition_has_its_turn_and_a_restart_begins_elsewhere() -> None:
    sending = Sending()
    sending.send(12)
    assert Counter(each.partition for each in sending.kafka.written) == dict.fromkeys(range(12), 1)
    first = {now: Sending(now=now) for now in (NOON, NOON + 300.0)}
    for each in first.values():
        each.send()
    assert len({each.kafka.written[0].partition for each in first.values()}) == 2


def test_what_was_acknowledged_is_counted_with_the_moment_of_sending() -> None:
    sending = Sending()
    assert (sending.read("canaries_sent_total"), sending.read("canary_last_sent_timestamp_seconds")) == (
        0.0,
        None,
    )
    sending.send(2)
    assert sending.read("canaries_sent_total") == 2.0
    assert sending.read("canary_last_sent_timestamp_seconds") == NOON + 10.0
    assert sending.health.check_readiness().well


def test_a_canary_that_is_not_acknowledged_counts_for_nothing() -> None:
    sending = Sending()
    sending.kafka.is_away = True
    with pytest.raises(Unavailable):
        sending.send()
    assert sending.read("canaries_sent_total") == 0.0
    assert sending.read("canary_last_sent_timestamp_seconds") is None


def test_a_failure_of_kafka_is_counted_and_a_fresh_canary_follows() -> None:
    sending, stop = Sending(every=5.0), Event()
    waits: list[float] = []

    def fail_once() -> None:
        sending.kafka.is_away = sending.kafka.opened == 1
        sending.now += 1.0

    def rest(seconds: float, _: Event) -> None:
        waits.append(seconds)
        assert len(waits) < 5, "it fails in vain"
        ready = sending.health.check_readiness()
        assert ready.well is bool(sending.kafka.written)
        if ready.well:
            stop.set()
        else:
            assert ready.detail == "the broker is away"

    sending.kafka.after_send = fail_once
    sending.sender._rest = rest  # type: ignore[assignment, method-assign]  # no test waits
    sending.sender.run(stop)
    (sent,) = sending.kafka.written
    assert decode_canary(sent.value or b"", 1000 * NOON).known_at.timestamp() == NOON + 1.0
    assert (sending.kafka.opened, sending.kafka.closed) == (2, 2)
    assert waits[0] <= 0.5
    assert waits[1] == 5.0
    assert sending.read("broker_failures_total") == 1.0


def test_a_stop_ends_the_wait_at_once() -> None:
    sending, stop = Sending(every=3600.0), Event()
    sending.kafka.after_send = stop.set
    sending.sender.run(stop)
    assert len(sending.kafka.written) == 1


@pytest.mark.parametrize("seconds", [4.9, 3601, float("nan")])
def test_an_interval_that_would_flood_or_say_nothing_is_refused(seconds: float) -> None:
    with pytest.raises(ValidationError, match="every_seconds"):
        CanarySettings(every_seconds=seconds)


def test_a_shadow_sends_none() -> None:
    shadow = Settings(kafka=KafkaSettings(topic_prefix="shadow.", timeline_prefix=""))
    log = make_logger(shadow.telemetry, service=service.SERVICE)
    telemetry = Telemetry(Metrics(CollectorRegistry(), service.SERVICE), Health(40.0), log)
    with pytest.raises(SettingsError, match="must not write to it"):
        service.prepare(shadow, telemetry)
