"""`brentwatch run` knows its services, and refuses what could not work before it starts anything."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from brentwatch import cli
from brentwatch.canary import service as canary
from brentwatch.commands.run import NO_FEED, SERVICES, UNNAMED
from brentwatch.commands.services import supervise
from brentwatch.ingest import service as ingest
from brentwatch.monitor import service as monitor
from brentwatch.notify import service as notify
from brentwatch.prices import service as prices
from brentwatch.screen import service as screen
from brentwatch.settings.composed import Settings
from brentwatch.stream import KafkaSettings, load_topics

if TYPE_CHECKING:
    from brentwatch.commands.services.serve import ServiceModule

MODULES: tuple[ServiceModule, ...] = (ingest, screen, monitor, notify, prices, canary)
"""mypy sees that each has the one shape of a service."""


def test_every_service_has_the_shape_of_a_service() -> None:
    assert [import_module(name) for name in SERVICES.values()] == list(MODULES)


@pytest.mark.parametrize("service", MODULES, ids=list(SERVICES))
def test_each_service_has_its_name_its_port_and_its_topics(service: ServiceModule) -> None:
    assert import_module(SERVICES[service.SERVICE]) is service
    assert hasattr(Settings().telemetry.ports, service.SERVICE)
    assert set(service.TOPICS) <= set(load_topics(KafkaSettings(), [0]))


def test_an_unknown_service_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "oracle"]) == 2
    names = "'ingest', 'screen', 'monitor', 'notify', 'prices', 'canary'"
    assert f"'oracle' is not one of {names}" in capsys.readouterr().err


@pytest.mark.parametrize("services", [("screen",), ("screen", "monitor")], ids=["one", "several"])
def test_settings_that_cannot_work_are_told_once(
    services: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", *services, "--set", "kafka.bootstrap=nowhere"]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "one or more brokers as host:port, separated by commas, an IPv6 address in brackets" in line


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("monitor", "--once"), "--once fetches prices"),
        (("--once",), "--once fetches prices"),
        (("prices", "--dry-run"), "--dry-run requires --once"),
    ],
)
def test_what_is_for_prices_is_refused_elsewhere(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "started", "not_started"),
    [
        ((), ("screen", "prices", "monitor", "notify", "canary"), [f"brentwatch: {NO_FEED}"]),
        (("--set", "ingest.feeds=gdelt"), UNNAMED, []),
    ],
    ids=["no feed", "a feed"],
)
def test_without_names_all_services_run_and_ingest_where_a_feed_is_named(
    words: tuple[str, ...],
    started: tuple[str, ...],
    not_started: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs: list[tuple[str, ...]] = []

    def supervised(names: tuple[str, ...], _: object) -> int:
        runs.append(names)
        return 0

    monkeypatch.setattr(supervise, "supervise", supervised)

    assert cli.main(["run", *words]) == 0
    assert runs == [started]
    assert capsys.readouterr().err.splitlines() == not_started


def test_every_service_is_among_those_that_run_without_names() -> None:
    assert set(UNNAMED) == set(SERVICES)


def test_prices_whose_provider_cannot_work_stop_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "prices", "--set", "prices.series.brent-spot.providers=eia"]) == 3
    assert "prices.eia.api_key is not set" in capsys.readouterr().err


def test_a_single_service_says_which_cluster_it_connects_to(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("kafka.bootstrap=127.0.0.1:1", "kafka.request_timeout_seconds=0.2", "telemetry.ports.screen=0")
    options = [part for word in words for part in ("--set", word)]

    assert cli.main(["run", "screen", *options]) == 6

    first = json.loads(capsys.readouterr().err.splitlines()[0])
    assert (first["event"], first["bootstrap"]) == ("connecting to Kafka", "127.0.0.1:1")
