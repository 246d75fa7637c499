"""What `brentwatch run` says while services start: the broker that is awaited, and who is ready when."""

from __future__ import annotations

import os
import time
from threading import Event
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.commands.services.progress import BrokerWait, Progress
from brentwatch.commands.services.reports import Reporter, Reports
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import KafkaSettings
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

KAFKA = KafkaSettings(bootstrap="broker:9092")


class Cluster:
    """Answers each attempt as told, and the last one for ever."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)
        self.attempts = 0

    def describe(self, _: KafkaSettings) -> str:
        self.attempts += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_broker_is_named_before_it_answers_and_its_cluster_afterwards() -> None:
    said: list[str] = []
    cluster = Cluster("cluster id c1, 1 broker")

    assert BrokerWait(KAFKA, Event(), said.append, cluster.describe).wait()
    assert said == ["connecting to Kafka at broker:9092", "connected: cluster id c1, 1 broker"]


def test_a_broker_that_does_not_answer_is_tried_again_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brentwatch.commands.services.progress._RETRY_SECONDS", 0.01)
    said: list[str] = []
    away = Unavailable("Kafka failed while connecting: refused; check that it runs")
    cluster = Cluster(away, away, away, "cluster id c1, 3 brokers")

    assert BrokerWait(KAFKA, Event(), said.append, cluster.describe).wait()
    assert cluster.attempts == 4
    assert said[1].startswith("Kafka failed while connecting: refused; check that it runs; trying again ever")
    assert said[2:] == ["connected: cluster id c1, 3 brokers"]


def test_a_broker_that_is_silent_is_mentioned_and_a_signal_ends_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("brentwatch.commands.services.progress._SILENT_SECONDS", 0.0)
    said: list[str] = []
    stop, let_go = Event(), Event()

    def describe(_: KafkaSettings) -> str:
        let_go.wait(60)
        raise Unavailable("timed out")

    def say(sentence: str) -> None:
        said.append(sentence)
        if "no answer yet" in sentence:
            stop.set()

    assert not BrokerWait(KAFKA, stop, say, describe).wait()
    let_go.set()
    assert said[:2] == ["connecting to Kafka at broker:9092", "no answer yet; still waiting"]


def test_a_broker_that_refuses_us_ends_the_wait_with_its_reason() -> None:
    cluster = Cluster(SettingsError("Kafka refused the login"))

    with pytest.raises(SettingsError, match="refused the login"):
        BrokerWait(KAFKA, Event(), lambda _: None, cluster.describe).wait()
    assert cluster.attempts == 1


class Services:
    """Two services, of which each reports its port and answers probes once it is opened."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = 100.0
        self.health = {name: Health(40.0) for name in ("screen", "monitor")}
        pipes = {name: os.pipe() for name in self.health}
        self.reports = {name: Reports(reading) for name, (reading, _) in pipes.items()}
        self.writing = {name: writing for name, (_, writing) in pipes.items()}
        self.servers: dict[str, Server] = {}
        self.progress = Progress(self.reports, "127.0.0.1", self.said.append, lambda: self.now)

    def open(self, name: str) -> str:
        server = self.servers[name] = Server("127.0.0.1", 0, CollectorRegistry(), self.health[name])
        Reporter(self.writing[name]).report_port(server.port)
        return f"http://127.0.0.1:{server.port}/metrics"

    def look(self, seconds: float = 0.0) -> list[str]:
        """What is said anew when so much time has passed."""
        self.now += seconds
        before = len(self.said)
        self.progress.look()
        return self.said[before:]

    def close(self) -> None:
        for server in self.servers.values():
            server.close()
        for name, reports in self.reports.items():
            reports.close()
            os.close(self.writing[name])


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    yield made
    made.close()


def test_each_service_is_said_to_be_ready_once_and_then_all(services: Services) -> None:
    assert services.look() == []
    screen = services.open("screen")
    assert services.look() == []
    services.health["screen"].mark_ready("ready")
    assert services.look() == [f"screen  ready: {screen}"]
    monitor = services.open("monitor")
    services.health["monitor"].mark_ready("degraded: 12 records were rejected")
    assert services.look() == [
        f"monitor ready: {monitor} (degraded: 12 records were rejected)",
        "all services are ready; Ctrl-C stops them",
    ]
    assert services.look(60) == []


def test_a_service_that_takes_long_says_what_it_waits_for(services: Services) -> None:
    services.open("monitor")
    services.health["monitor"].mark_unready("restoring partition 0 up to offset 9")

    assert services.look(9.9) == []
    assert services.look(0.2) == [
        "screen  not ready: its port is not open yet",
        "monitor not ready: restoring partition 0 up to offset 9",
    ]
    assert services.look(60) == []
    services.health["monitor"].mark_unready("joining the consumer group")
    assert services.look() == ["monitor not ready: joining the consumer group"]


def test_a_service_that_is_no_longer_ready_is_mentioned_after_a_while_and_again_when_it_is(
    services: Services,
) -> None:
    for name, health in services.health.items():
        services.open(name)
        health.mark_ready("ready")
    services.look()
    services.health["screen"].mark_unready("Kafka failed")

    assert services.look() == []
    (line,) = services.look(11)
    assert line == "screen  not ready: Kafka failed"
    services.health["screen"].mark_ready("ready")
    (line,) = services.look()
    assert line.startswith("screen  ready again: http://127.0.0.1:")


def test_a_rebalance_of_a_moment_is_not_mentioned(services: Services) -> None:
    for name, health in services.health.items():
        services.open(name)
        health.mark_ready("ready")
    services.look()
    services.health["screen"].mark_unready("joining the consumer group")
    assert services.look(60) == []
    services.health["screen"].mark_ready("ready")
    assert services.look() == []


def test_it_looks_by_itself_while_it_watches(services: Services) -> None:
    for name, health in services.health.items():
        services.open(name)
        health.mark_ready("ready")
    with services.progress.watch():
        deadline = time.monotonic() + 60
        while len(services.said) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)

    assert services.said[-1] == "all services are ready; Ctrl-C stops them"


def test_a_failure_reaches_the_supervisor_without_passwords_and_is_raised_on(services: Services) -> None:
    reporter = Reporter(services.writing["screen"])
    with pytest.raises(SettingsError), reporter.report_failure():
        raise SettingsError("one at https://desk:hunter2@host/", "two")
    with pytest.raises(ZeroDivisionError), Reporter(services.writing["monitor"]).report_failure():
        raise ZeroDivisionError("division by zero")

    assert services.reports["screen"].find_failure() == "one at https://***@host/\ntwo"
    assert services.reports["screen"].find_port() is None
    assert services.reports["monitor"].find_failure().startswith("ZeroDivisionError: division by zero; this")


def test_without_a_supervisor_nothing_is_reported_and_nothing_breaks() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    Reporter(writing).report_port(1)
    os.close(writing)
    Reporter(None).report_port(1)
