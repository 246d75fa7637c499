"""docs/operations.md: every block marked `sh`, one after the other in one shell, on a real broker.

Four things differ from the page. What installs is left out: brentwatch is on the path. Topics have a prefix
and services have ports of their own. `brentwatch run` starts without `prices`, which would ask servers
elsewhere, and in the background; the next one, or the end, stops it as Ctrl-C would.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from socket import create_server

import pytest
from tests.kafka.patience import PATIENCE_SECONDS

from brentwatch.telemetry.settings import Ports

pytestmark = pytest.mark.kafka

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
PAGE = re.sub(
    r"^<!-- (?:template|no-run): .*? -->\n```sh\n.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL
)
BLOCKS = re.findall(r"^## ([^\n]*)$|^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
RUN = re.compile(r"^(brentwatch run)(.*)$", flags=re.MULTILINE)
HEAD = """
set -euo pipefail
running=
stop_running() {
  test -z "$running" || { kill -INT "$running"; wait "$running" || true; running=; }
}
trap stop_running EXIT
"""
BACKGROUND = """
stop_running
brentwatch run{words} >> run.log 2>&1 &
running=$!
"""


def build_script(ports: dict[str, str], prefix: str) -> str:
    """The blocks of the page as they can be run in a test."""
    parts = [HEAD]
    for heading, block in BLOCKS:
        parts.append(f"echo '## {heading}'\n" if heading else replace_lines(block, ports, prefix))
    return "".join(parts)


def replace_lines(block: str, ports: dict[str, str], prefix: str) -> str:
    lines = [line for line in block.splitlines() if "-m venv" not in line and "pip install" not in line]
    text = RUN.sub(start_in_background, "\n".join(lines)) + "\n"
    for port, free in ports.items():
        text = text.replace(f":{port}/", f":{free}/")
    return text.replace("TOPIC_PREFIX=", f"TOPIC_PREFIX={prefix}")


def start_in_background(line: re.Match[str]) -> str:
    named = line[2].strip() or "screen monitor notify canary"
    return BACKGROUND.replace("{words}", f" {named}")


def choose_ports() -> tuple[dict[str, str], dict[str, str]]:
    """A free port in the place of each one of the page, and the variables that say so."""
    usual = {name: str(port) for name, port in Ports().model_dump().items()}
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(create_server(("127.0.0.1", 0)))) for _ in usual]
        free = {name: str(each.getsockname()[1]) for name, each in zip(usual, sockets, strict=True)}
    variables = {f"BRENTWATCH_TELEMETRY__PORTS__{name.upper()}": port for name, port in free.items()}
    return {usual[name]: free[name] for name in usual}, variables


def test_the_page_leads_from_an_empty_folder_to_a_desk_that_was_restored(
    bootstrap: str, prefix: str, tmp_path: Path
) -> None:
    ports, variables = choose_ports()
    environment = {
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PYTHONWARNINGS": "ignore",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "BRENTWATCH_KAFKA__BOOTSTRAP": bootstrap,
        "BRENTWATCH_KAFKA__TOPIC_PREFIX": prefix,
        **variables,
    }

    done = subprocess.run(
        ["bash", "-c", build_script(ports, prefix)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )

    log = tmp_path / "run.log"
    said = done.stdout[-2000:] + done.stderr[-2000:] + (log.read_text()[-2000:] if log.exists() else "")
    assert done.returncode == 0, said
    assert f"created {prefix}impact.timeline with 2 partitions" in done.stdout
    assert 'brentwatch_canary_newest_answered_timestamp_seconds{instrument="brent-front"}' in done.stdout
    assert '"lock_screen"' in (tmp_path / "alerts.jsonl").read_text(encoding="utf-8")
    assert f"records of {prefix}restored.impact.deliveries" in done.stdout


def test_every_step_has_a_block_that_is_run() -> None:
    run = {heading for (heading, _), (_, block) in pairwise(BLOCKS) if heading and block}

    steps = ("Install", "Settings", "Topics", "Run", "Check", "A channel", "Upgrade", "Back up and restore")
    assert run >= set(steps)
