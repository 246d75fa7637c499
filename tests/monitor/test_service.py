"""The monitor publishes what the fold asks for, and a restored one goes on as if it had never stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.history.folder import find
from brentwatch.monitor import service
from brentwatch.settings.composed import Settings
from brentwatch.stream.job import Folded, Unclaimed
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import KafkaSettings
from brentwatch.telemetry.logs import logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.dead_letter import InvalidMessage
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTINGS = Settings(kafka=KafkaSettings(topic_prefix="demo."))
PLACE = Partition("demo.impact.timeline", 0)


class Monitoring:
    """A monitor of the bundled instrument, and what it counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        log = logger(TelemetrySettings(log_level="error"), service=service.SERVICE)
        self.job = service.job(SETTINGS, Metrics(self.registry, service.SERVICE), log)
        worker = self.job.open(PLACE)
        assert isinstance(worker, Folded)
        self.worker = worker

    def handle(self, records: Iterable[Record]) -> list[Outgoing]:
        return [out for record in records for out in self.worker.handle(record)]

    def restore(self, records: Iterable[Record]) -> None:
        for record in records:
            self.worker.restore(record)

    def counted(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"brentwatch_{metric}", labels) or 0.0


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """The timeline of the attack on Abqaiq."""
    values = [encode_signal(signal) for signal in find("abqaiq-2019").signals]
    return [Record(partition=PLACE, offset=offset, value=value) for offset, value in enumerate(values)]


@pytest.fixture(scope="module")
def published(records: list[Record]) -> list[Outgoing]:
    return Monitoring().handle(records)


def test_the_names_on_the_broker_have_the_prefix() -> None:
    job = Monitoring().job
    assert (job.topic, job.group) == ("demo.impact.timeline", "brentwatch.demo.monitor")


def test_studies_and_alerts_go_to_their_topics_under_the_instrument(published: list[Outgoing]) -> None:
    assert {out.topic for out in published} == {"demo.impact.studies", "demo.impact.alerts"}
    assert {out.key for out in published} == {b"brent-spot"}


@pytest.mark.parametrize("back", [1, 7, 40], ids=lambda back: f"{back} records before the end")
def test_a_restored_monitor_goes_on_as_if_it_had_never_stopped(
    records: list[Record], published: list[Outgoing], back: int
) -> None:
    whole, cut = Monitoring(), Monitoring()
    first = whole.handle(records[:-back])
    cut.restore(records[:-back])
    rest = cut.handle(records[-back:])
    assert first + rest == published
    assert rest == whole.handle(records[-back:])


def test_a_restore_counts_nothing_again_but_knows_the_newest_price(records: list[Record]) -> None:
    monitoring = Monitoring()
    monitoring.restore(records)
    for outcome in ("new", "warmup"):
        assert monitoring.counted("price_bars_total", instrument="brent-spot", outcome=outcome) == 0
    assert monitoring.counted("price_last_bar_timestamp_seconds", instrument="brent-spot") > 1.5e9


def test_a_record_that_cannot_be_read_leaves_the_state_as_it_was(
    records: list[Record], published: list[Outgoing]
) -> None:
    monitoring = Monitoring()
    first = monitoring.handle(records[:-7])
    with pytest.raises(InvalidMessage):
        monitoring.handle([Record(partition=PLACE, offset=0, value=b'{"kind": "rumour"}')])
    assert first + monitoring.handle(records[-7:]) == published


def test_a_partition_without_an_instrument_is_left_alone() -> None:
    assert Monitoring().job.open(Partition("demo.impact.timeline", 1)) == Unclaimed()
