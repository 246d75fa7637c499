"""Real services, Prometheus and Alertmanager: each fault fires its alert, which clears when it is repaired.

The committed rules and configurations, with every time divided by 60, so that an hour takes a minute.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from tests.deploy.prometheus_server import (
    ALERTMANAGER,
    PROMETHEUS,
    PROMTOOL,
    Prometheus,
    WebhookReceiver,
    find_free_port,
    need_programs,
    run_alertmanager,
    run_prometheus,
)
from tests.deploy.scaled import scale_times
from tests.deploy.test_rules import ALERTMANAGER_YML, PROMETHEUS_YML, RULES
from tests.deploy.test_runbook import PROMETHEUS_ADDRESS, list_commands
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.outside import FRONT_OPTIONS, chosen, gdelt
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, service
from tests.kafka.test_notify import await_begun, publish
from tests.kafka.tools import CHECKOUT, write, write_values
from tests.notify.alerts import alert
from tests.web.stub import Answer, send

from brentwatch.core.domain import PriceUpdate
from brentwatch.stream import EVENTS, TIMELINE, KafkaSettings, Outgoing
from brentwatch.telemetry.settings import Ports
from brentwatch.wire.published import encode_alert
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

pytestmark = pytest.mark.kafka

JOBS = ("screen", "monitor", "notify", "ingest")
SIXTY = 60
ALERT = alert()

NOT_RUN = (
    "brentwatch run ",  # the installation does, and asks no provider
    "brentwatch dead accept",  # is what repairs
    "brentwatch dead void ",  # test_void.py does
    "brentwatch alerts silence ",  # test_alerts_command.py does, and the two below
    "brentwatch alerts unsilence",
    "brentwatch alerts resend ",
    "brentwatch dead replay --reason schema\n",  # test_dead.py does
)
"""How commands of the runbook begin that would disturb the faults."""

EXPECTED = {
    "brentwatch doctor": {1},
    "brentwatch alerts test jsonl": {3},
    "brentwatch events --from-kafka": {4},
    "python -m brentwatch.telemetry.probe 9476": {1},
}
"""Exit codes beside 0: each finds the faults that this test makes."""

NEW_YORK = ZoneInfo("America/New_York")


class Installation:
    """Four services with faults that the test makes and repairs."""

    def __init__(self, settings: KafkaSettings, folder: Path, feed: GdeltStub) -> None:
        self.ports = {job: find_free_port() for job in JOBS}
        self._settings = settings
        self._channel = folder / "alerts.jsonl"
        self._feed = feed
        overrides = folder / "days.csv"
        overrides.write_text(_write_open_days(), encoding="utf-8")
        front = chosen({"instruments.brent-front.calendar_overrides": overrides})
        self._options = {
            "screen": (),
            "monitor": (*FRONT_OPTIONS, *front),
            "notify": chosen({"notify.channels": "jsonl", "notify.jsonl.path": self._channel}),
            "ingest": gdelt(feed, every_seconds=0.2),
        }
        self._monitor = ExitStack()

    @contextmanager
    def running(self) -> Iterator[None]:
        """All services, the notifier and its failing channel first: its back-off takes the longest."""
        with ExitStack() as services:
            services.callback(self._monitor.close)
            services.enter_context(self._run("notify"))
            self._fail_channel()
            services.enter_context(self._run("ingest"))
            services.enter_context(self._run("screen"))
            self.start_monitor()
            yield

    def _run(self, job: str) -> Any:
        port = chosen({f"telemetry.ports.{job}": self.ports[job]})
        return service(self._settings, job, *port, *self._options[job])

    def start_monitor(self) -> None:
        self._monitor.enter_context(self._run("monitor"))

    def kill_monitor(self) -> None:
        self._monitor.close()

    def _fail_channel(self) -> None:
        await_begun(self._settings)
        self._channel.unlink()
        self._channel.mkdir()
        publish(self._settings, encode_alert(ALERT))

    def repair_channel(self) -> None:
        self._channel.rmdir()

    def flood(self) -> None:
        """Messages that cannot be read, more than the dead-letter limit allows."""
        write_values(self._settings, self._settings.topic(EVENTS), *[b"{}"] * 30)

    def accept_letters(self) -> None:
        """What the runbook says."""
        done = brentwatch(self._settings, "dead", "accept")
        assert done.returncode == 0, done.stderr

    def price_through(self, instant: datetime) -> None:
        """Prices are complete through an instant."""
        update = PriceUpdate(series="brent-front", bars=(), complete_through=instant, known_at=instant)
        topic = self._settings.topic(TIMELINE)
        record = Outgoing(topic=topic, partition=0, key=b"brent-front", value=encode_signal(update))
        write(self._settings, record)

    def run_command(self, command: str, prometheus: Prometheus) -> None:
        """Run a command of the runbook here, and expect that it succeeds."""
        match shlex.split(command.replace(PROMETHEUS_ADDRESS, f"http://{prometheus.address}")):
            case ["brentwatch", *words]:
                told = [ALERT.alert_id if word == "ID" else word for word in words]
                done = brentwatch(self._settings, *told, *self._options["notify"])
            case ["python", *words]:
                numbers = Ports().model_dump()
                mine = {str(numbers[job]): str(port) for job, port in self.ports.items()}
                done = _run(sys.executable, *(mine.get(word, word) for word in words))
            case words:
                done = _run(*words)
        assert done.returncode in {0} | EXPECTED.get(command, set()), (
            f"{command}:\n{done.stdout}{done.stderr}"
        )

    def repair_feed(self) -> None:
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        self._feed.add(now, [row(1, added=now)])
        self._feed.trouble = None


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)


def _write_open_days() -> str:
    """Overrides by which the market is open now, whatever day it is."""
    today = datetime.now(NEW_YORK).date()
    days = [today + timedelta(days=each) for each in range(-1, 3)]
    return "session,opens,closes\n" + "".join(f"{day},00:00,23:59\n" for day in days)


def _refuse(handler: BaseHTTPRequestHandler, _: Answer) -> None:
    send(handler, Answer(b"away", status=503))


@dataclass(slots=True)
class Fault:
    """An alert that must fire, what repairs it then, and what happens once it has cleared.

    Its start and its end must reach the receiver before the next step: the next fault may inhibit its end.
    """

    alert: str
    job: str
    repair: Callable[[], object]
    then: Callable[[], object] = lambda: None
    inhibited: bool = False
    """Whether another fault may inhibit it from its start, so that only Prometheus shows it."""
    state: str = "awaited"

    def look(self, prometheus: Prometheus, receiver: WebhookReceiver) -> bool:
        """Go on by one step where that is due; True once it has cleared."""
        name = (self.alert, self.job)
        is_firing = name in list_firing(prometheus)
        is_told = self.inhibited or name in receiver.list_names(
            "resolved" if self.state == "repaired" else "firing"
        )
        if self.state == "awaited" and is_firing and is_told:
            self.state = "repaired"
            self.repair()
        elif self.state == "repaired" and is_told and not is_firing:
            self.state = "cleared"
            self.then()
        return self.state == "cleared"


def list_firing(prometheus: Prometheus) -> set[tuple[str, str]]:
    """(alert, job) of what fires."""
    return {(each["labels"]["alertname"], each["labels"].get("job", "")) for each in prometheus.list_alerts()}


def configure_prometheus(folder: Path, ports: dict[str, int], alertmanager: str) -> str:
    """The committed configuration, divided, with the ports of the test; the rules are put beside it."""
    (folder / "rules").mkdir(parents=True)
    rules = scale_times(RULES.read_text(encoding="utf-8"), SIXTY)
    (folder / "rules" / RULES.name).write_text(rules, encoding="utf-8")
    told = yaml.safe_load(scale_times(PROMETHEUS_YML.read_text(encoding="utf-8"), SIXTY))
    told["scrape_configs"] = [each for each in told["scrape_configs"] if each["job_name"] in ports]
    for job in told["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    told["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    return yaml.safe_dump(told)


def configure_alertmanager(receiver: WebhookReceiver) -> str:
    """The committed configuration, divided by ten times as much, with the receiver of the test."""
    text = scale_times(ALERTMANAGER_YML.read_text(encoding="utf-8"), 10 * SIXTY)
    assert "http://127.0.0.1:9095" in text
    return text.replace("http://127.0.0.1:9095", receiver.url(""))


def test_each_fault_fires_its_alert_which_clears_when_it_is_repaired(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    need_programs(PROMETHEUS, ALERTMANAGER, PROMTOOL)
    with ExitStack() as stack:
        feed, receiver = stack.enter_context(GdeltStub()), stack.enter_context(WebhookReceiver())
        feed.trouble = _refuse
        desk = Installation(settings, tmp_path, feed)
        manager = stack.enter_context(run_alertmanager(tmp_path / "am", configure_alertmanager(receiver)))
        configuration = configure_prometheus(tmp_path / "prometheus", desk.ports, manager.address)
        prometheus = stack.enter_context(
            run_prometheus(tmp_path / "prometheus", configuration, "--rules.alert.resend-delay=1s")
        )
        create_topics(settings)
        desk.price_through(datetime(2024, 1, 22, 20, tzinfo=UTC))
        stack.enter_context(desk.running())
        await_true(
            lambda: prometheus.query('brentwatch_dead_letters_total{job="screen"}'), "screen is scraped"
        )
        desk.flood()
        stale = Fault("FeedStale", "ingest", desk.repair_feed)
        letters = Fault("DeadLetters", "screen", lambda: None, inhibited=True)  # by DeadLetterLimit
        for command in list_commands():
            if not f"{command}\n".startswith(NOT_RUN):
                desk.run_command(command, prometheus)
                # Both change with time: letters grow old, and a feed that fails is asked ever more rarely.
                _ = [fault.look(prometheus, receiver) for fault in (stale, letters)]

        faults = (
            stale,
            Fault("ChannelFailing", "notify", desk.repair_channel),
            letters,
            Fault("DeadLetterLimit", "screen", desk.accept_letters),
            Fault(
                "PriceStale",
                "monitor",
                lambda: desk.price_through(datetime.now(UTC)),
                then=desk.kill_monitor,
            ),
            Fault("Down", "monitor", desk.start_monitor),
        )

        def look() -> bool:
            steps = [fault.look(prometheus, receiver) for fault in faults]  # each goes on, whichever is first
            return all(steps)

        try:
            await_true(look, "each alert has fired and cleared")
        except AssertionError as error:
            error.add_note(", ".join(f"{fault.alert}: {fault.state}" for fault in faults))
            raise

    pages, tickets = receiver.list_names(path="/page"), receiver.list_names(path="/ticket")
    assert {("Down", "monitor"), ("PriceStale", "monitor"), ("ChannelFailing", "notify")} <= pages
    assert ("FeedStale", "ingest") in tickets
    assert receiver.list_names(path="/watchdog") == {("Watchdog", "")}
