"""`make live`: a desk on this machine, from an empty Kafka to an alert and its revision, until Ctrl-C.

It starts a broker of its own, the services under `brentwatch run`, and Prometheus if it is installed, all on
free ports of 127.0.0.1, and feeds a bundled history. It writes only to a folder of its own, so that several
runs can exist side by side.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from tests.kafka import broker
from tools.live.show import Display
from tools.live.stage import (
    HISTORY,
    PREFIX,
    RUNNING,
    LiveFailed,
    LogLine,
    Message,
    ProgressLine,
    Prometheus,
    RunningServices,
    Stage,
    Stopped,
    measure_seconds,
)

from brentwatch.cli import COMMANDS

_MISSING = """make live starts a Kafka broker of its own. It needs {missing}.

  Debian, Ubuntu   sudo apt-get install openjdk-17-jre-headless maven
  Fedora           sudo dnf install java-17-openjdk-headless maven
  macOS            brew install openjdk@17 maven

Without Java and Maven, `make demo` works: it replays a history without Kafka. This shows the same alert:

  .venv/bin/brentwatch replay {history}"""
_LEAST_JAVA = 17
_PROMETHEUS_MISSING = "not installed; for graphs: sudo apt-get install prometheus"
_REVISIONS, _REVISIONS_SECONDS = 4, 5.0
"""The number of messages about the first alert of the history, and the wait for the last one."""

_TARGETS_SECONDS = 8.0
"""Prometheus begins to scrape after five seconds."""


class Live:
    """One run, step by step; `parts` ends what was started."""

    def __init__(self, display: Display, folder: Path, stop: Event, parts: ExitStack) -> None:
        self._display = display
        self._folder = folder
        self._stop = stop
        self._parts = parts
        self._messages: list[Message] = []

    def run(self) -> None:
        """Start everything, show the alert and its revisions, and continue until it is stopped.

        Raises:
            Stopped: then.
            LiveFailed, BrokerFailed: if a part does not work.
        """
        own = self._start_broker()
        *ports, prometheus_port = broker.free_ports(len(RUNNING) + 1)
        stage = Stage(self._folder, own.bootstrap, dict(zip(RUNNING, ports, strict=True)), self._stop)
        stage.write_files()
        prometheus = Prometheus(stage, prometheus_port) if Prometheus.is_installed() else None
        if prometheus is not None:
            self._parts.enter_context(prometheus.run())
        self._make_topics(stage)
        services = self._start_services(stage)
        self._feed(stage, services)
        self._describe(stage, prometheus)
        while True:
            stage.check_stop()
            self._show_next(services)

    def _start_broker(self) -> broker.Broker:
        if not broker.jars_folder().exists():
            self._display.step("Kafka", "downloading by Maven, once, 44 MB; a minute or two")
            broker.jars()
        self._display.step("Kafka", f"starting version {broker.VERSION}")
        own = broker.configured(self._folder)
        self._leave_if_stopped()
        self._parts.enter_context(broker.running(own, apart=True))
        self._leave_if_stopped()
        self._display.step("Kafka", f"answers at {own.bootstrap}")
        return own

    def _leave_if_stopped(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _make_topics(self, stage: Stage) -> None:
        self._display.step("topics", "brentwatch topics create", is_command=True)
        made = stage.run_command("topics", "create").splitlines()
        self._display.step("topics", f"made {len(made)}, with the prefix {PREFIX}")

    def _start_services(self, stage: Stage) -> RunningServices:
        self._display.step("services", f"brentwatch run {' '.join(RUNNING)}", is_command=True)
        told = "not prices: live prices would make the timeline too late for a history"
        self._display.step("services", told)
        services = self._parts.enter_context(stage.run_services())
        while True:
            stage.check_stop()
            match services.wait_for_next():
                case ProgressLine(text=text):
                    self._show_progress(text.replace("; Ctrl-C stops them", ""))
                    if text.startswith("all services are ready"):
                        return services

    def _feed(self, stage: Stage, services: RunningServices) -> None:
        """Play the history, and show the alert and its revisions."""
        words = ("feed", HISTORY, "--prefix", PREFIX)
        self._display.step("history", f"brentwatch {' '.join(words)}", is_command=True)
        told = stage.run_command(*words)
        self._display.step("history", told.removeprefix(f"{HISTORY}: "))
        deadline = time.monotonic() + _REVISIONS_SECONDS
        while len(self._messages) < 2 or (len(self._messages) < _REVISIONS and time.monotonic() < deadline):
            stage.check_stop()
            self._show_next(services)

    def _show_next(self, services: RunningServices) -> None:
        match services.wait_for_next():
            case Message() as message:
                self._show_message(message)
            case ProgressLine(text=text):
                self._show_progress(text)
            case LogLine(values={"event": "admitted", "event_id": str(event), "country": str(country)}):
                if not event.startswith(("catalogue:", "history:")):
                    told = (
                        f"{event} ({country}) admitted; it waits for a session, and no live prices come here"
                    )
                    self._display.step("event", told)

    def _show_progress(self, text: str) -> None:
        if not text.startswith("settings are read from"):
            self._display.step("services", text)

    def _show_message(self, message: Message) -> None:
        """The first in full; of a revision its title and what is new; of other sessions the first title."""
        if self._messages and find_alert_id(message) != find_alert_id(self._messages[0]):
            if not message.lines[0].startswith("UPDATE"):
                self._display.step("alert", f"of another session: {message.lines[0]}")
            return
        if not self._messages:
            self._display.step("alert", "as a trader gets it, here from the channel terminal:")
            self._display.show_alert(message.lines)
        else:
            known = {line for each in self._messages for line in each.lines}
            self._display.step(f"revision {len(self._messages) + 1}", "the same alert; new in it:")
            self._display.show_alert([line for line in message.lines if line not in known])
        self._messages.append(message)

    def _describe(self, stage: Stage, prometheus: Prometheus | None) -> None:
        rows = [
            (name, f"http://127.0.0.1:{port}/metrics, /livez, /readyz") for name, port in stage.ports.items()
        ]
        rows.append(
            ("Prometheus", _PROMETHEUS_MISSING if prometheus is None else self._await_targets(prometheus))
        )
        rows.append(("files", f"{stage.folder}: settings, logs; removed at the end"))
        self._display.show_table("Running now", rows)
        self._display.show_commands(
            "Try next, in another terminal", list_commands(stage, self._messages, prometheus)
        )
        self._display.write()
        self._display.write(
            f"First alert and revision after {self._display.seconds:.0f} s. Ctrl-C ends all of it."
        )

    def _await_targets(self, prometheus: Prometheus) -> str:
        deadline = time.monotonic() + _TARGETS_SECONDS
        while (
            not (told := prometheus.count_targets()).startswith(f"{len(RUNNING)} of")
            and time.monotonic() < deadline
        ):
            self._leave_if_stopped()
            time.sleep(0.1)
        return f"{prometheus.url}; {told or 'it does not answer yet'}"


def find_alert_id(message: Message) -> str:
    """The id of the alert that a message is about; empty if it names none."""
    named = re.search(r"brentwatch alerts show (\w+)", "\n".join(message.lines))
    return "" if named is None else named[1]


def list_commands(
    stage: Stage, messages: list[Message], prometheus: Prometheus | None
) -> list[tuple[str, str]]:
    """What to try, and the command for it."""
    alert_id = find_alert_id(messages[0])
    commands = [
        ("the commands below use this desk", f"source {stage.folder / 'env'}"),
        ("what was sent; the alert with every detail", "brentwatch alerts list"),
        *([("", f"brentwatch alerts show {alert_id}")] if alert_id else []),
        ("check the installation; prices are old here, and it says so", "brentwatch doctor"),
        (
            "send an event: this terminal says when it is admitted",
            'python examples/send_event.py SAU attack_infrastructure "Drones hit the plant at Abqaiq"',
        ),
    ]
    if prometheus is not None and "dashboards" in COMMANDS:
        draw = f"brentwatch dashboards preview --prometheus {prometheus.url} --out boards --last 5m"
        commands.append(("pictures of the dashboards; Grafana loads deploy/grafana/dashboards", draw))
    return commands


def find_missing() -> str:
    """What is missing on this machine for a broker; empty if nothing is."""
    if missing := broker.missing_tools():
        return missing.replace("mvn", "Maven (mvn)").replace("java", f"Java {_LEAST_JAVA} (java)")
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found and int(found[1]) < _LEAST_JAVA:
        return f"Java {_LEAST_JAVA} or newer (java is version {found[1]})"
    return ""


def main() -> int:
    """Run until Ctrl-C, and give the exit code."""
    if missing := find_missing():
        print(_MISSING.format(missing=missing, history=HISTORY), file=sys.stderr)
        return 1
    display, stop = Display(sys.stdout), Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    display.write(
        "brentwatch live: a desk on this machine. All of it is on 127.0.0.1; Ctrl-C ends it.", bold=True
    )
    display.write()
    folder = Path(tempfile.mkdtemp(prefix="brentwatch-live-"))
    failure = run_to_the_end(display, folder, stop)
    if failure:
        display.write(f"make live failed: {failure}\nLogs are in {folder}", fg="red")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def run_to_the_end(display: Display, folder: Path, stop: Event) -> str:
    """Run until it is stopped, end everything, and return what failed."""
    failure = ""
    with ExitStack() as parts:
        try:
            Live(display, folder, stop, parts).run()
        except Stopped:
            pass
        except (LiveFailed, broker.BrokerFailed) as error:
            failure = "" if stop.is_set() else str(error)
        began = time.monotonic()
        display.write()
        display.step("end", "stopping the services and Kafka")
    display.step("end", f"all stopped after {measure_seconds(began)}; nothing is left running")
    return failure


if __name__ == "__main__":
    sys.exit(main())
