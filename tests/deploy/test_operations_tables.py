"""docs/operations.md and deploy/README.md: their tables and commands say what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.deploy.test_compose import ALL, parse

from brentwatch.stream import EVENTS, KafkaSettings, load_topics
from brentwatch.stream.topic_copies import SAVED
from brentwatch.telemetry.settings import Ports

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DEPLOYMENT = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", OPERATIONS + DEPLOYMENT, flags=re.MULTILINE | re.DOTALL)
TOPICS = load_topics(KafkaSettings(), [0])
DAY_MS = 86_400_000
COMMANDS = sorted(
    {
        line
        for block in BLOCKS
        for line in block.splitlines()
        if re.match(r"brentwatch (--settings|[a-z])", line)
    }
)


def find_section(title: str) -> str:
    return OPERATIONS.split(f"## {title}\n")[1].split("\n## ")[0]


def describe_retention(name: str) -> str:
    """How long a topic is kept, as the table says it."""
    config = TOPICS[name].config
    if config["cleanup.policy"] == "compact":
        return "newest per key"
    if config["retention.ms"] == "-1":
        return "for ever"
    days = int(config["retention.ms"]) // DAY_MS
    return "1 day" if days == 1 else f"{days} days"


def test_the_table_of_retention_has_every_topic_and_how_long_it_is_kept() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", find_section("Retention"), flags=re.MULTILINE)

    assert rows == [(name, describe_retention(name)) for name in TOPICS]


def test_what_must_be_restored_is_what_is_saved() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|.*\*\*restore it\*\*", OPERATIONS, flags=re.MULTILINE)
    named = re.findall(r"`(impact[\w.]+)` \(", find_section("Back up and restore"))

    assert tuple(rows) == tuple(named) == SAVED


def test_the_ports_are_those_of_the_settings() -> None:
    told = re.findall(r"\| (\w+) \| (\d{4}) ", find_section("Check"))

    assert {name: int(port) for name, port in told} == Ports().model_dump()


def test_as_many_screens_can_work_as_there_are_partitions() -> None:
    assert f"| {TOPICS[EVENTS].partitions} replicas |" in find_section("Scaling")


def test_the_addresses_of_containers_are_open() -> None:
    told = re.findall(r"^\| (?:http://)?(127\.0\.0\.1:\d+) \|", DEPLOYMENT, flags=re.MULTILINE)

    assert set(told) <= {port.rpartition(":")[0] for each in ALL.values() for port in each.get("ports", [])}
    assert len(told) == 4


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_one_of_ours_with_options_that_it_has(line: str) -> None:
    words = shlex.split(line.partition("  #")[0].partition(" |")[0])

    parse(words[3:] if words[1] == "--settings" else words[1:])


def test_every_file_that_is_installed_is_there() -> None:
    paths = re.findall(r"deploy/[\w./@-]+\.(?:service|target|yml|yaml)", "\n".join(BLOCKS))

    assert len(set(paths)) >= 5
    assert [path for path in paths if not (ROOT / path).is_file()] == []
