"""Every counter of every service is there at 0 from the start: else a rule misses the first count."""

from __future__ import annotations

from importlib import import_module

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.commands.run import SERVICES
from brentwatch.commands.services.serve import prepare_work
from brentwatch.ingest.settings import IngestSettings
from brentwatch.settings.composed import Settings
from brentwatch.telemetry.definition import Kind
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.table import METRICS, PREFIX


def started(name: str) -> CollectorRegistry:
    """What a service shows once it has started, and before it did anything."""
    settings = Settings(ingest=IngestSettings(feeds=("gdelt",)))
    registry, service = CollectorRegistry(), import_module(SERVICES[name])
    log = make_logger(settings.telemetry, service=name)
    prepare_work(service, settings, Telemetry(Metrics(registry, name), Health(40), log))
    return registry


@pytest.mark.parametrize("name", SERVICES)
def test_every_counter_is_there_at_zero(name: str) -> None:
    families = {family.name: family.samples for family in started(name).collect()}
    for metric in METRICS:
        if metric.kind is Kind.COUNTER and name in metric.services:
            samples = families[(PREFIX + metric.name).removesuffix("_total")]
            counts = [each for each in samples if each.name.endswith("_total")]
            assert {each.value for each in counts} == {0}, metric.name
            for label in metric.labels:
                assert {each.labels[label.name] for each in counts} >= set(label.values), metric.name


def test_the_dead_letters_of_a_service_are_those_of_the_topic_that_it_reads() -> None:
    sample = {"topic": "unrest.events", "reason": "not_json"}
    assert started("screen").get_sample_value(f"{PREFIX}dead_letters_total", sample) == 0
