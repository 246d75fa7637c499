"""`brentwatch run` with several services: it says how they do, and whatever ends it, no child is left."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import PATIENCE_SECONDS, await_true
from tests.kafka.programs import create_topics, options
from tests.kafka.tools import CHECKOUT, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

SERVICES = ("screen", "monitor", "notify")


@contextmanager
def supervised(settings: KafkaSettings) -> Iterator[subprocess.Popen[str]]:
    """The services run, each a member of its group. Children inherit the pipe of standard error: it ends when
    the last of them has ended."""
    create_topics(settings)
    command = [sys.executable, "-W", "ignore", "-m", "brentwatch", "run", *options(settings), *SERVICES]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as running:
        try:
            await_true(
                lambda: all(members(settings, settings.group(name)) == 1 for name in SERVICES),
                "every service is a member of its group",
            )
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
def test_it_says_how_the_services_do_and_a_signal_ends_every_one(
    settings: KafkaSettings, number: signal.Signals
) -> None:
    with supervised(settings) as running:
        assert running.stderr is not None
        started = [*read_until(running.stderr, "all services are ready")]
        running.send_signal(number)
        _, said = running.communicate(timeout=PATIENCE_SECONDS)

    assert running.returncode == 128 + number
    assert said.count('"event": "stopped"') == len(SERVICES)
    assert "Traceback" not in said
    told = list_progress("".join(started))
    assert told[0] == f"connecting to Kafka at {settings.bootstrap}"
    assert re.fullmatch(r"connected: cluster id [\w-]{22}, 1 broker", told[1])
    assert told[2] == "starting screen, monitor, notify"
    ready = [re.fullmatch(r"(\w+) +ready: http://127.0.0.1:\d+/metrics", line) for line in told[3:-1]]
    assert sorted(each[1] for each in ready if each) == sorted(SERVICES)
    assert list_progress(said) == ["stopping screen, monitor, notify", "all services have stopped"]


def read_until(lines: Iterable[str], words: str) -> Iterator[str]:
    for line in lines:
        yield line
        if words in line:
            return


def list_progress(said: str) -> list[str]:
    """What the supervisor said, without the logs of the services."""
    return re.findall("^brentwatch: (.*)$", said, flags=re.MULTILINE)


def test_a_killed_supervisor_takes_its_services_along(settings: KafkaSettings) -> None:
    with supervised(settings) as running:
        running.kill()
        _, said = running.communicate(timeout=PATIENCE_SECONDS)

    assert running.returncode == -signal.SIGKILL
    assert said.count('"event": "stopped"') == len(SERVICES)
    await_true(
        lambda: all(members(settings, settings.group(name)) == 0 for name in SERVICES),
        "every service has left its group",
    )
