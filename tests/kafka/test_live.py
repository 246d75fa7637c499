"""`make live`: an alert and its revisions from an empty broker, and after Ctrl-C nothing is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener
from xml.etree import ElementTree

import pytest
from tests.kafka import broker
from tests.kafka.conftest import require
from tests.kafka.patience import PATIENCE_SECONDS
from tests.kafka.tools import CHECKOUT, process
from tools.live.stage import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

pytestmark = pytest.mark.kafka

PAGES = ("metrics", "livez", "readyz")
MARK = "TEST_OF_LIVE"
OPENER = build_opener(ProxyHandler({}))


def list_marked(mark: str) -> list[str]:
    """The commands of the processes that were started by this run, or by what it started."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is not ours
            if f"{MARK}={mark}".encode() in environment.read_bytes():
                found.append(environment.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def read_until(running: subprocess.Popen[str], words: str) -> Iterator[str]:
    assert running.stdout is not None
    for line in running.stdout:
        yield line.rstrip("\n")
        if words in line:
            return


def find_alerts(lines: Iterable[str]) -> str:
    return " ".join(line.removeprefix("  ┃ ") for line in lines if line.startswith("  ┃ "))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux shows there who started a process")
def test_from_nothing_to_an_alert_and_back_to_nothing() -> None:
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    mark = uuid.uuid4().hex
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH")}
    options = {"env": environment | {MARK: mark}, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with process("-m", "tools.live", **options) as running:
        expiry = Timer(PATIENCE_SECONDS, running.kill)
        expiry.start()
        lines = [*read_until(running, "Ctrl-C ends all of it.")]
        said, alerts = "\n".join(lines), find_alerts(lines)
        (folder,) = re.findall(r"^ *files +(\S+): ", said, flags=re.MULTILINE)
        answers = {
            name: [get(f"{url}/{page}") for page in ("metrics", "livez", "readyz")]
            for name, url in list_addresses(said)
        }
        started = list_marked(mark)
        running.send_signal(signal.SIGINT)
        rest = [*read_until(running, "nothing is left running")]
        code = running.wait(PATIENCE_SECONDS)
        expiry.cancel()

    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line.startswith("  ┃ ") and line[4:] not in read_picture()] == []
    assert alerts.startswith("HEADS-UP Brent · Abqaiq attack")
    assert "UPDATE 2 · CRITICAL ▲ Brent +11.7 % · Abqaiq attack" in alerts
    assert "Update 3: +7.1 % over two sessions." in alerts
    assert answers == {name: [200, 200, 200] for name in RUNNING}
    if shutil.which("prometheus"):
        assert re.search(rf"^ *Prometheus +http://127.0.0.1:\d+; {len(RUNNING)} of", said, flags=re.MULTILINE)
    assert any("kafka.Kafka" in command for command in started)
    assert (code, list_marked(mark)) == (0, []), "\n".join(rest)
    assert not Path(folder).exists()


def read_picture() -> str:
    """The text in the picture of docs/live.md."""
    root = ElementTree.parse(CHECKOUT / "docs" / "gallery" / "live.svg").getroot()  # noqa: S314 - our own file
    return "".join(root.itertext()).replace("\xa0", " ")


def list_addresses(said: str) -> list[tuple[str, str]]:
    pattern = r"^ *(\w+) +(http://127.0.0.1:\d+)/metrics, /livez, /readyz$"
    return re.findall(pattern, said, flags=re.MULTILINE)


def get(url: str) -> int:
    with OPENER.open(url, timeout=10) as answer:
        return int(answer.status)
