"""The table of metrics and what a service shows of it."""

from __future__ import annotations

import platform
import shutil
import subprocess
from itertools import product
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from brentwatch import __version__
from brentwatch.core.errors import InvalidInput
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.prices.providers.table import PROVIDERS
from brentwatch.stream.records import CORRUPT
from brentwatch.telemetry import table
from brentwatch.telemetry.definition import Kind, Metric
from brentwatch.telemetry.metrics import Metrics, register_process_metrics
from brentwatch.telemetry.server import hide_creation_times
from brentwatch.telemetry.settings import Ports
from brentwatch.wire.input_faults import DeadLetterReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def registry_of(service: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    Metrics(registry, service)
    return registry


def filled(service: str) -> CollectorRegistry:
    """A registry in which every metric of `service` has a value."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, service)
    for metric in table.METRICS:
        if service in metric.services:
            labels = {label.name: label.values[0] if label.values else "x" for label in metric.labels}
            match metric.kind:
                case Kind.COUNTER:
                    metrics.count(metric, **labels)
                case Kind.GAUGE:
                    metrics.set(metric, 1, **labels)
                case Kind.HISTOGRAM:
                    metrics.observe(metric, 0.5, **labels)
    return registry


def test_the_table_names_every_metric_of_its_module_once() -> None:
    named = [value for value in vars(table).values() if isinstance(value, Metric)]

    assert list(table.METRICS) == named
    assert len({metric.name for metric in named}) == len(named)


@pytest.mark.parametrize("metric", table.METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_by_the_rules(metric: Metric) -> None:
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert metric.buckets == tuple(sorted(metric.buckets))
    assert metric.help.endswith(".")
    named = any("event_id" in label.name or "alert_id" in label.name for label in metric.labels)
    assert named == (metric is table.ACTIVE_EVENT_INFO)
    assert metric.unit
    assert all(bool(label.values) != bool(label.about) for label in metric.labels)
    assert set(metric.services) <= set(table.EVERY)


def test_every_service_has_a_port_and_metrics() -> None:
    assert set(Ports.model_fields) == set(table.EVERY)


def test_reasons_of_dead_letters_are_those_of_the_wire_and_of_the_stream() -> None:
    (reasons,) = [label.values for label in table.DEAD_LETTERS.labels if label.name == "reason"]

    assert set(reasons) == {*DeadLetterReason, CORRUPT}


def test_closed_label_sets_are_there_at_zero() -> None:
    registry = registry_of("monitor")

    assert (
        registry.get_sample_value("brentwatch_alerts_total", {"severity": "critical", "direction": "up"}) == 0
    )
    assert registry.get_sample_value("brentwatch_events_consumed_total", {"outcome": "duplicate"}) == 0
    assert (
        registry.get_sample_value("brentwatch_studies_total", {"test": "re-open", "outcome": "refused"}) == 0
    )
    assert registry.get_sample_value("brentwatch_rebalances_total") == 0


def test_the_build_says_its_versions() -> None:
    labels = {"version": __version__, "python": platform.python_version()}
    assert registry_of("screen").get_sample_value("brentwatch_build_info", labels) == 1


def test_a_histogram_with_closed_labels_is_there_at_zero() -> None:
    count = ("brentwatch_event_to_alert_seconds_count", {"stage": "within"})
    assert registry_of("monitor").get_sample_value(*count) == 0


def test_an_open_label_is_there_at_zero_once_it_is_declared() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    sample = ("brentwatch_dead_letters_total", {"topic": "unrest.events", "reason": "not_json"})
    assert registry.get_sample_value(*sample) is None

    metrics.declare(table.DEAD_LETTERS, topic="unrest.events")

    assert registry.get_sample_value(*sample) == 0


def test_a_counter_follows_a_total_whenever_somebody_looks() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    total = 5
    metrics.follow_total(table.EVENTS_CONSUMED, lambda: total, outcome="filtered")
    sample = ("brentwatch_events_consumed_total", {"outcome": "filtered"})
    assert registry.get_sample_value(*sample) == 0, "what was counted before is none of its affair"
    total = 12
    assert registry.get_sample_value(*sample) == 7
    assert b'outcome="filtered"} 7.0' in generate_latest(registry)


def test_a_tally_is_the_same_counter_and_refuses_the_same_values() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    for _ in range(3):
        metrics.count_flood(table.EVENTS_CONSUMED, outcome="late")
    metrics.count(table.EVENTS_CONSUMED, outcome="late")
    assert registry.get_sample_value("brentwatch_events_consumed_total", {"outcome": "late"}) == 4
    for _ in range(2):
        with pytest.raises(InvalidInput, match="'lost'"):
            metrics.count_flood(table.EVENTS_CONSUMED, outcome="lost")


def test_a_gauge_is_not_there_before_it_is_known() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    name = "brentwatch_consumer_last_poll_timestamp_seconds"
    assert registry.get_sample_value(name) is None

    metrics.set(table.CONSUMER_LAST_POLL, 5.0)
    metrics.set(table.CONSUMER_LAST_POLL, 7.0)

    assert registry.get_sample_value(name) == 7.0


def test_a_gauge_that_is_forgotten_is_gone() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    place = {"topic": "unrest.events", "partition": "3"}
    metrics.set(table.CONSUMER_LAG, 9, **place)
    assert registry.get_sample_value("brentwatch_consumer_lag_records", place) == 9

    metrics.forget(table.CONSUMER_LAG, **place)

    assert registry.get_sample_value("brentwatch_consumer_lag_records", place) is None

    metrics.set(table.CONSUMER_LAG, 5, **place)

    assert registry.get_sample_value("brentwatch_consumer_lag_records", place) == 5


def test_a_service_shows_only_what_it_fills() -> None:
    assert b"brentwatch_sessions_tested" not in generate_latest(registry_of("notify"))
    assert b"brentwatch_sessions_tested" in generate_latest(registry_of("monitor"))


def test_a_value_outside_a_closed_label_set_is_refused_in_a_sentence() -> None:
    metrics = Metrics(CollectorRegistry(), "screen")

    with pytest.raises(
        InvalidInput, match=r"outcome of events_consumed_total is 'lost'; expected one of accepted, "
    ):
        metrics.count(table.EVENTS_CONSUMED, outcome="lost")


def test_two_registries_do_not_meet() -> None:
    first, second = CollectorRegistry(), CollectorRegistry()
    Metrics(first, "screen").count(table.REBALANCES)
    Metrics(second, "screen")

    assert first.get_sample_value("brentwatch_rebalances_total") == 1
    assert second.get_sample_value("brentwatch_rebalances_total") == 0


@pytest.mark.parametrize("service", table.EVERY)
def test_prometheus_finds_no_fault_with_the_exposition(service: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool wanted, from the Debian package prometheus")
    exposition = generate_latest(hide_creation_times(filled(service)))

    checked = subprocess.run(
        [promtool, "check", "metrics"], input=exposition, capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


MOST_SERIES = 1000
OPEN = {
    "topic": 3,
    "partition": 1,
    "series": 4,
    "instrument": 4,
    "provider": len(PROVIDERS),
    "channel": len(CHANNELS),
    "feed": len(FEEDS),
}
"""How many values a label has at most that the settings fill: every channel, feed and provider, and four
instruments."""


def draw_labels(metric: Metric) -> Iterator[dict[str, str]]:
    """Every label set that a metric can have in such a process."""
    names = [label.name for label in metric.labels]
    choices = [
        label.values or tuple(f"{label.name}-{number}" for number in range(OPEN.get(label.name, 1)))
        for label in metric.labels
    ]
    if metric.name == "active_event_info":  # one event a slot
        choices = [
            values if name == "slot" else values[:1] for name, values in zip(names, choices, strict=True)
        ]
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def fill_completely(service: str) -> CollectorRegistry:
    """A registry in which a service has every series that it can have, those of the process among them."""
    registry = CollectorRegistry()
    register_process_metrics(registry)
    metrics = Metrics(registry, service)
    for metric in table.METRICS:
        if service in metric.services and metric is not table.BUILD_INFO:
            for labels in draw_labels(metric):
                write = {
                    Kind.COUNTER: metrics.count,
                    Kind.GAUGE: metrics.set,
                    Kind.HISTOGRAM: metrics.observe,
                }
                write[metric.kind](metric, 1, **labels)
    return registry


@pytest.mark.parametrize("service", table.EVERY)
def test_a_process_shows_at_most_a_thousand_series(
    service: str, record_property: Callable[[str, object], None]
) -> None:
    shown = generate_latest(hide_creation_times(fill_completely(service))).decode().splitlines()
    series = sum(not line.startswith("#") for line in shown)
    record_property("series", series)
    print(f"{service}: {series} series")  # noqa: T201 - pytest -rP shows it
    assert 10 < series <= MOST_SERIES
