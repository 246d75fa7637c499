"""The monitor of an instrument with bars of five minutes: restored, it goes on with its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.core.intraday_desk import FRONT, PAST, told, whole
from tests.core.monitor.test_intraday_saving import history

from brentwatch.monitor.active_events import EventBoard
from brentwatch.monitor.service import SERVICE, Monitor
from brentwatch.stream import KafkaSettings, Outgoing, Partition, Record
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = Partition("impact.timeline", FRONT.partition)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Sixty sessions of warm-up, and a morning with an attack."""
    past = [told(whole(number), warmup=True) for number in range(PAST)]
    values = [encode_signal(signal) for signal in (*past, *history())]
    return [Record(partition=PLACE, offset=offset, value=value) for offset, value in enumerate(values)]


def monitor(registry: CollectorRegistry) -> Monitor:
    log = make_logger(TelemetrySettings(log_level="error"), service=SERVICE)
    metrics = Metrics(registry, SERVICE)
    return Monitor(FRONT, KafkaSettings(), metrics, log, EventBoard(metrics))


def handled(worker: Monitor, records: Sequence[Record]) -> list[Outgoing]:
    return [out for record in records for out in worker.handle(record)]


def test_a_restored_monitor_goes_on_with_its_tests_and_says_the_same(records: list[Record]) -> None:
    whole_way, first = monitor(CollectorRegistry()), monitor(CollectorRegistry())
    cut = PAST + 30
    expected = handled(whole_way, records)[len(handled(first, records[:cut])) :]
    kept = {out.key or b"": out.value for out in first.collect_changes(cut) if out.value is not None}
    again = monitor(CollectorRegistry())
    again.restore(kept)

    assert handled(again, records[cut:]) == expected
    assert any(out.topic == "impact.alerts" for out in expected)


def test_it_measures_its_history_and_the_false_alarms_that_its_levels_imply(records: list[Record]) -> None:
    registry = CollectorRegistry()
    worker = monitor(registry)
    handled(worker, records[: PAST + 1])
    worker.idle()

    labels = {"instrument": "brent-front"}
    assert registry.get_sample_value("brentwatch_intraday_sessions", labels) == PAST
    assert registry.get_sample_value("brentwatch_false_alarms_a_year", labels) == pytest.approx(
        252 * (0.006 * 1.05 + 0.004)
    )
