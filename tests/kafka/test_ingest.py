"""GDELT on one side, a real broker on the other: what is read is screened, and a restart doubles nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.outside import admitted, gdelt, written
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member, service
from tests.kafka.tools import beside, committed

from brentwatch.monitor import service as monitor
from brentwatch.settings.composed import Settings
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

QUARTER = timedelta(minutes=15)


def test_gdelt_is_read_screened_and_gone_on_with_after_a_restart(settings: KafkaSettings) -> None:
    create_topics(settings)
    now = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
    later = now + QUARTER
    with GdeltStub() as stub, member(settings, "screen"):
        stub.add(
            now,
            [
                row(1, added=now, code="195", country="IZ", place="Basra, Iraq", lat=30.5, lon=47.8),
                row(2, added=now, code="141", country="TI", place="Dushanbe, Tajikistan", lat=38.5, lon=68.8),
            ],
        )
        with service(settings, "ingest", *gdelt(stub)):
            await_true(lambda: len(written(settings)) == 2, "both events are on the topic")
        stub.add(later, [row(3, added=later, code="195", country="IZ", lat=30.5, lon=47.8, mentions=9)])
        with service(settings, "ingest", *gdelt(stub)):
            await_true(lambda: ("gdelt:1", 1) in written(settings), "the revision is on the topic")
        await_true(
            lambda: sum(committed(settings, settings.group("screen")).values()) == len(written(settings)),
            "the screen has answered all",
        )
    assert written(settings) == [
        ("gdelt:1", 0),
        ("gdelt:1", 0),
        ("gdelt:1", 1),
        ("gdelt:2", 0),
        ("gdelt:2", 0),
    ]
    assert admitted(settings) == [("gdelt:1", 0), ("gdelt:1", 0), ("gdelt:1", 1)]
    registry = CollectorRegistry()
    log = make_logger(TelemetrySettings(log_level="error"), service="monitor")
    telemetry = Telemetry(Metrics(registry, "monitor"), Health(40.0), log)
    folding = monitor.prepare(Settings(kafka=settings), telemetry)
    with beside(settings, folding):
        await_true(lambda: consumed(registry, "duplicate") == 1, "the second delivery counts as a duplicate")
    assert consumed(registry, "accepted") + consumed(registry, "updated") == 2


def consumed(registry: CollectorRegistry, outcome: str) -> float:
    return registry.get_sample_value("brentwatch_events_consumed_total", {"outcome": outcome}) or 0.0
