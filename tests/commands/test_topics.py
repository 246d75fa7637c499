"""`brentwatch topics create --print` needs no broker: an administrator can do it by hand."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from brentwatch import cli

if TYPE_CHECKING:
    import pytest


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> list[list[str]]:
    assert cli.main(["topics", "create", "--print", *options]) == 0
    return [shlex.split(line) for line in capsys.readouterr().out.splitlines()]


def test_each_topic_is_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "--set", "kafka.bootstrap=broker:9092", "--set", "kafka.topic_prefix=demo.")
    named = [line[line.index("--topic") + 1] for line in lines]
    assert named == [
        "demo.unrest.events",
        "demo.unrest.events.dead",
        "demo.impact.timeline",
        "demo.impact.studies",
        "demo.impact.alerts",
    ]
    assert {tuple(line[:3]) for line in lines} == {("kafka-topics.sh", "--bootstrap-server", "broker:9092")}


def test_a_command_holds_partitions_and_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    timeline = printed(capsys, "--set", "instruments.brent-spot.partition=4")[2]
    assert timeline[timeline.index("--partitions") + 1] == "5"
    assert "retention.ms=-1" in timeline
