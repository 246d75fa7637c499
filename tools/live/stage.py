"""The processes and files of `make live`: a folder, its settings, the services, Prometheus, and their ends.

Each process is in a session of its own, so that Ctrl-C reaches this program alone, which ends them in order.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

CHECKOUT = Path(__file__).parents[2]
PREFIX = "live."
HISTORY = "abqaiq-2019"
RUNNING = ("screen", "monitor", "notify", "canary")
"""Not prices: live prices would make the timeline too late for a history."""

_END_SECONDS = 70.0
_LOOK_SECONDS = 0.05
_NO_PROXY = build_opener(ProxyHandler({}))


class Stopped(Exception):
    """The run is to end, for example after Ctrl-C."""


class LiveFailed(Exception):
    """A part failed; the message says which one, and why."""


@dataclass(frozen=True, slots=True)
class Message:
    """The lines of one message, as the notifier sent it to its channel."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """What `brentwatch run` printed about the services."""

    text: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log of a service."""

    values: Mapping[str, Any]


Said = Message | ProgressLine | LogLine


@dataclass(frozen=True, slots=True)
class Stage:
    """The place of one run: its folder, its broker, and the ports of its services."""

    folder: Path
    bootstrap: str
    ports: Mapping[str, int]
    stop: Event

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which commands of brentwatch and the examples use this installation."""
        return {
            "BRENTWATCH_SETTINGS": str(self.folder / "brentwatch.toml"),
            "BRENTWATCH_KAFKA__BOOTSTRAP": self.bootstrap,
            "BRENTWATCH_KAFKA__TOPIC_PREFIX": PREFIX,
        }

    def write_files(self) -> None:
        """The settings, and a file for a shell whose commands then use this installation."""
        ports = "".join(f"{name} = {port}\n" for name, port in self.ports.items())
        (self.folder / "brentwatch.toml").write_text(
            f'# Written by make live.\n[kafka]\nbootstrap = "{self.bootstrap}"\ntopic_prefix = "{PREFIX}"\n\n'
            f"[instruments.brent-spot]\nalerts = true\n\n[telemetry.ports]\n{ports}",
            encoding="utf-8",
        )
        lines = [f"export {name}='{value}'" for name, value in self.environment.items()]
        lines.append(f"export PATH='{Path(sys.executable).parent}':\"$PATH\"")
        (self.folder / "env").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def check_stop(self) -> None:
        """Leave if all of this is to end.

        Raises:
            Stopped: then.
        """
        if self.stop.is_set():
            raise Stopped

    def run_command(self, *words: str) -> str:
        """Run a command of brentwatch to its end, and give what it printed.

        Raises:
            LiveFailed: if it fails.
            Stopped: if all of this is to end.
        """
        with self._start(*words) as process:
            while True:
                try:
                    out, err = process.communicate(timeout=_LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    self.check_stop()
        if process.returncode:
            raise LiveFailed(f"brentwatch {' '.join(words)} failed:\n{err.decode().strip()}")
        return out.decode().strip()

    @contextmanager
    def run_services(self) -> Iterator[RunningServices]:
        """The services under one supervisor, until the context ends."""
        with (
            (self.folder / "services.log").open("wb") as log,
            self._start("run", *RUNNING, "--set", "telemetry.log_format=json") as process,
        ):
            yield RunningServices(process, log)

    @contextmanager
    def _start(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-W", "ignore", "-P", "-m", "brentwatch", *words]
        others = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH_")}
        with run_apart(
            command, env=others | self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            yield process


@contextmanager
def run_apart(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, ended by SIGTERM at the latest with the context."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class RunningServices:
    """What the services say, in one queue: their standard error goes to a log as well."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self._process = process
        self._said: SimpleQueue[Said] = SimpleQueue()
        assert process.stdout is not None  # noqa: S101 - they are pipes
        assert process.stderr is not None  # noqa: S101
        Thread(target=self._read_messages, args=(process.stdout,), daemon=True).start()
        Thread(target=self._read_log, args=(process.stderr, log), daemon=True).start()

    def _read_messages(self, out: IO[bytes]) -> None:
        lines: list[str] = []
        for line in out:
            if text := line.decode(errors="replace").rstrip("\n"):
                lines.append(text)
            elif lines:
                self._said.put(Message(tuple(lines)))
                lines = []

    def _read_log(self, err: IO[bytes], log: IO[bytes]) -> None:
        for line in err:
            log.write(line)
            log.flush()
            text = line.decode(errors="replace").rstrip("\n")
            if text.startswith("brentwatch: "):
                self._said.put(ProgressLine(text.removeprefix("brentwatch: ")))
            elif text.startswith("{"):
                for values in read_objects(text):
                    self._said.put(LogLine(values))

    def wait_for_next(self) -> Said | None:
        """The next line or message, if one arrives soon.

        Raises:
            LiveFailed: if the services have ended by themselves.
        """
        try:
            return self._said.get(timeout=_LOOK_SECONDS)
        except Empty:
            if (code := self._process.poll()) is not None:
                raise LiveFailed(f"the services ended with exit code {code}") from None
            return None


def read_objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a line; two services that write at once can share one."""
    at, decoder = 0, json.JSONDecoder()
    with suppress(ValueError):
        while at < len(text):
            values, at = decoder.raw_decode(text, at)
            yield values


class Prometheus:
    """The real one, if it is installed, which scrapes the services.

    It loads no alert rules: the prices of a history are years old, and they would fire.
    """

    def __init__(self, stage: Stage, port: int) -> None:
        self._folder = stage.folder
        self._ports = stage.ports
        self._port = port
        self.url = f"http://127.0.0.1:{port}"

    @staticmethod
    def is_installed() -> bool:
        """Whether there is a program of that name."""
        return shutil.which("prometheus") is not None

    @contextmanager
    def run(self) -> Iterator[None]:
        """Runs until the context ends."""
        jobs = [
            {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for name, port in self._ports.items()
        ]
        configuration = {"global": {"scrape_interval": "5s"}, "scrape_configs": jobs}
        file = self._folder / "prometheus.yml"
        file.write_text(json.dumps(configuration, indent=1), encoding="utf-8")  # JSON is YAML
        command = [
            *("prometheus", f"--config.file={file}", f"--storage.tsdb.path={self._folder / 'prometheus'}"),
            *(f"--web.listen-address=127.0.0.1:{self._port}", "--log.level=warn"),
        ]
        with (
            (self._folder / "prometheus.log").open("wb") as log,
            run_apart(command, stdout=log, stderr=log),
        ):
            yield

    def count_targets(self) -> str:
        """How many of its targets it reaches, in words; empty if it does not answer yet."""
        try:
            with _NO_PROXY.open(f"{self.url}/api/v1/targets?state=active", timeout=5) as answer:
                targets = json.load(answer)["data"]["activeTargets"]
        except OSError:
            return ""
        up = sum(target["health"] == "up" for target in targets)
        return f"{up} of {len(targets)} targets are up"


def measure_seconds(began: float) -> str:
    """The time since a moment of `time.monotonic`, in words."""
    return f"{time.monotonic() - began:.1f} s"
