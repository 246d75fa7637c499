"""The code blocks of docs/ that are marked `kafka`, one after the other in one shell, on a real broker.

Placeholders get values: a topic prefix of the test, the id of an alert, the place of a dead letter. A
command that asks gets `--yes`. `brentwatch run` starts without `prices` and `canary`, in the background.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.code_blocks import read_blocks
from tests.kafka.patience import PATIENCE_SECONDS
from tests.kafka.test_operations_page import HEAD, choose_ports
from tests.kafka.tools import CHECKOUT

pytestmark = pytest.mark.kafka

PAGES = ("docs/live.md", "docs/replays.md", "docs/alerting.md", "docs/guarantees.md", "docs/record.md")
BLOCKS = [block for block in read_blocks() if block.mark == "kafka"]
SERVICES = ("screen", "monitor", "notify")
BACKGROUND = """
stop_running
brentwatch run {words} >> run.log 2>&1 &
running=$!
until python -m brentwatch.telemetry.probe {ports}; do kill -0 $running; sleep 0.2; done
"""
AFTER_FEED = """
export BRENTWATCH_KAFKA__TOPIC_PREFIX=$BRENTWATCH_KAFKA__TOPIC_PREFIX''demo.
export BRENTWATCH_INSTRUMENTS__BRENT_SPOT__ALERTS=true
until brentwatch alerts list 2> list.log | grep -i critical > found; do sleep 0.2; done
ID=e19244
python - <<'PYTHON'
import os
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=os.environ["BRENTWATCH_KAFKA__BOOTSTRAP"])
for value in (b"no event", b"{}"):
    topic = os.environ["BRENTWATCH_KAFKA__TOPIC_PREFIX"] + "unrest.events"
    producer.send(topic, value, partition=0).get(30)
PYTHON
until test "$(brentwatch dead list --format json | wc -l)" -ge 2; do sleep 0.2; done
"""


def replace_line(line: str, prefix: str, ports: str) -> str:
    """A line of a page as it can be run in a test."""
    line = line.replace("demo.", f"{prefix}demo.").replace("examples/", f"{CHECKOUT}/examples/")
    line = line.replace("show 3f2a", 'show "$ID"').replace(" 41", " 0")
    match line.split()[:2]:
        case ["brentwatch", "run"]:
            words = line.partition(" run")[2].strip()
            named = words if words.startswith("screen") else " ".join((*SERVICES, words))
            return BACKGROUND.format(words=named, ports=ports)
        case ["brentwatch", "feed"]:
            return line + AFTER_FEED
        case ["brentwatch", "dead"] if "replay" in line:
            return line.partition("#")[0] + "--yes"
        case ["python", path] if "read_alerts" in path:
            return f"timeout 5 {line} || test $? = 124"
    return line


def test_every_block_is_on_a_page_that_is_run() -> None:
    assert {block.page for block in BLOCKS} == set(PAGES)


def test_the_blocks_run_one_after_the_other(bootstrap: str, prefix: str, tmp_path: Path) -> None:
    usual, variables = choose_ports()
    ports = " ".join(variables[f"BRENTWATCH_TELEMETRY__PORTS__{name.upper()}"] for name in SERVICES)
    blocks = [block for page in PAGES for block in BLOCKS if block.page == page]
    lines = [line for block in blocks for line in (f"echo '## {block}'", *block.text.splitlines())]
    example = CHECKOUT / "schemas" / "examples" / "unrest_event.v1" / "minimal.json"
    (tmp_path / "body.json").write_bytes(example.read_bytes())

    done = subprocess.run(
        [
            "timeout",
            "200",
            "bash",
            "-c",
            HEAD + "\n".join(replace_line(line, prefix, ports) for line in lines),
        ],
        cwd=tmp_path,
        env={
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "ignore",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "BRENTWATCH_KAFKA__BOOTSTRAP": bootstrap,
            "BRENTWATCH_KAFKA__TOPIC_PREFIX": prefix,
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )

    log = tmp_path / "run.log"
    said = done.stdout[-2500:] + done.stderr[-2500:] + (log.read_text()[-2000:] if log.exists() else "")
    assert usual
    assert done.returncode == 0, said
    assert "CRITICAL ▲ Brent +11.7 %" in done.stdout
    assert re.search(r"## docs/guarantees.md", done.stdout)
