"""The program itself beside the test: its commands and services as processes."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kafka.patience import await_true
from tests.kafka.tools import CHECKOUT, members, process

from brentwatch import cli
from brentwatch.settings.fields import list_values
from brentwatch.stream import KafkaSettings, load_topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from subprocess import Popen

ALL_WELL = f"all {len(load_topics(KafkaSettings(), [0]))} topics are correct"


_COMMAND_SECONDS = 120
_LINES = 60
"""Of the log of a service that a test which fails shows."""

SPOT_ALONE = ("--set", "instruments.brent-spot.alerts=true")
"""Most tests need one instrument, on partition 0."""


def options(settings: KafkaSettings, *words: str, defaults: bool = False) -> list[str]:
    """The settings of the test as options of a command, with metrics on any free port.

    The only instrument is brent-spot, unless `words` name instruments or the `defaults` are asked for.
    """
    given = {".".join(("kafka", *key)): value for key, value in list_values(settings) if value is not None}
    services = ("ingest", "screen", "monitor", "notify", "prices", "canary")
    ports = {f"telemetry.ports.{name}": 0 for name in services}
    chosen = [word for key, value in (given | ports).items() for word in ("--set", f"{key}={value}")]
    named = defaults or any(word.startswith("instruments.") for word in words)
    return chosen if named else [*chosen, *SPOT_ALONE]


def brentwatch(
    settings: KafkaSettings, *words: str, defaults: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end: in this process, which saves its start, unless it is a service."""
    given = [*words, *options(settings, *words, defaults=defaults)]
    if words[0] == "run":
        command = [sys.executable, "-W", "ignore", "-m", "brentwatch", *given]
        return subprocess.run(
            command, cwd=CHECKOUT, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with warnings.catch_warnings(), redirect_stdout(out), redirect_stderr(err), _expire(_COMMAND_SECONDS):
        warnings.simplefilter("ignore")
        code = cli.main(given)
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(given, code, *said)


@contextmanager
def _expire(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the main thread after so many seconds."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"the command took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def create_topics(settings: KafkaSettings, *, defaults: bool = False) -> None:
    """Make the topics of the test's prefix, as an operator would."""
    done = brentwatch(settings, "topics", "create", defaults=defaults)
    assert done.returncode == 0, done.stderr


@contextmanager
def service(
    settings: KafkaSettings,
    *words: str,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    defaults: bool = False,
) -> Iterator[Popen[str]]:
    """Run services, with further options, until the test is done; if it fails, it shows the end of `log`."""
    given = options(settings, *words, defaults=defaults)
    with (log or Path(os.devnull)).open("ab") as said:
        rest = {"stdout": said, "stderr": said, "env": env}
        with process("-m", "brentwatch", "run", *given, *words, **rest) as running:
            try:
                yield running
            except BaseException as error:
                if log:
                    error.add_note("\n".join(log.read_text().splitlines()[-_LINES:]))
                raise


@contextmanager
def supervised(settings: KafkaSettings, *words: str, log: Path) -> Iterator[None]:
    """Run services, and start them again if they end, as systemd and Docker do.

    A commit can hang after the broker was away (kafka-python 3.0.12): then the watchdog ends the process.
    """
    over = threading.Event()

    def restart() -> None:
        while not over.is_set():
            with service(settings, *words, log=log) as running:
                while running.poll() is None and not over.wait(0.1):
                    pass

    with ThreadPoolExecutor() as pool:
        restarting = pool.submit(restart)
        try:
            yield
        except BaseException as error:
            error.add_note("\n".join(log.read_text().splitlines()[-_LINES:]))
            raise
        finally:
            over.set()
        restarting.result()


@contextmanager
def member(settings: KafkaSettings, name: str, *words: str, log: Path | None = None) -> Iterator[Popen[str]]:
    """Run one service, and wait until it is a member of its group."""
    with service(settings, name, *words, log=log) as running:
        await_member(settings, name)
        yield running


def await_member(settings: KafkaSettings, name: str) -> None:
    """Wait until a service is a member of its group."""
    await_true(lambda: members(settings, settings.group(name)) == 1, f"{name} is a member of its group")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return int(found.getsockname()[1])


class Watched:
    """A service that runs, with its log and the port that tells its health."""

    def __init__(self, process: Popen[str], port: int, log: Path) -> None:
        self.process = process
        self._port = port
        self._log = log

    def get(self, path: str) -> tuple[int, str]:
        """What a path answers; 0 where nothing does yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:  # not yet started
            return 0, str(error)

    def is_ready(self) -> bool:
        """True when it can take work."""
        return self.get("readyz")[0] == 200

    def logged(self, level: str) -> list[str]:
        """The events that it logged at a level."""
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [line["event"] for line in lines if line["level"] == level]


@contextmanager
def watched(settings: KafkaSettings, name: str, *words: str, log: Path) -> Iterator[Watched]:
    """Run one service whose health and log the test looks at."""
    port = _free_port()
    words = ("--set", f"telemetry.ports.{name}={port}", "--set", "telemetry.log_format=json", *words)
    with member(settings, name, *words, log=log) as running:
        yield Watched(running, port, log)
