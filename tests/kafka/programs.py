"""The program itself beside the test: its commands and services as processes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.kafka.patience import await_true
from tests.kafka.tools import CHECKOUT, members, process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream.settings import KafkaSettings


def options(settings: KafkaSettings) -> list[str]:
    """The settings of the test as options of a command, with metrics on any free port."""
    given = {f"kafka.{name}": value for name, value in settings.model_dump().items()}
    ports = {f"telemetry.ports.{name}": 0 for name in ("screen", "monitor", "notify")}
    return [word for key, value in (given | ports).items() for word in ("--set", f"{key}={value}")]


def brentwatch(settings: KafkaSettings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "brentwatch", *words, *options(settings)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def create_topics(settings: KafkaSettings) -> None:
    """Make the topics of the test's prefix, as an operator would."""
    done = brentwatch(settings, "topics", "create")
    assert done.returncode == 0, done.stderr


@contextmanager
def service(settings: KafkaSettings, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a service (or `brentwatch run` with several) until the test is done with it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with process("-m", "brentwatch", "run", *words, *options(settings), **pipes) as running:
        yield running


@contextmanager
def member(settings: KafkaSettings, name: str) -> Iterator[subprocess.Popen[str]]:
    """Run a service, and wait until it is a member of its group."""
    with service(settings, name) as running:
        await_true(lambda: members(settings, settings.group(name)) == 1, f"{name} is a member of its group")
        yield running
