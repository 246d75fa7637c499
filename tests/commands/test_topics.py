"""`brentwatch topics create --print` needs no broker: an administrator can do it by hand."""

from __future__ import annotations

import shlex

import pytest

from brentwatch import cli


def printed(
    capsys: pytest.CaptureFixture[str], *options: str, tool: str = "kafka-topics.sh"
) -> list[list[str]]:
    """The words of each line that runs one of Kafka's tools."""
    assert cli.main(["topics", "create", "--print", *options]) == 0
    lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
    assert {line[0] for line in lines} == {"kafka-topics.sh", "kafka-acls.sh"}
    return [line for line in lines if line[0] == tool]


def test_each_topic_is_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "--set", "kafka.bootstrap=broker:9092", "--set", "kafka.topic_prefix=demo.")
    named = [line[line.index("--topic") + 1] for line in lines]
    assert named == [
        "demo.unrest.events",
        "demo.unrest.events.dead",
        "demo.unrest.events.dead.notes",
        "demo.impact.timeline",
        "demo.impact.timeline.voided",
        "demo.impact.state",
        "demo.impact.studies",
        "demo.impact.alerts",
        "demo.impact.canary",
        "demo.impact.deliveries",
        "demo.impact.deliveries.state",
    ]
    assert {tuple(line[:3]) for line in lines} == {("kafka-topics.sh", "--bootstrap-server", "broker:9092")}


def test_a_command_holds_partitions_and_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    timeline = printed(capsys, "--set", "instruments.brent-spot.partition=4")[3]
    assert timeline[timeline.index("--partitions") + 1] == "5"
    assert "retention.ms=-1" in timeline


def acls(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """What is said of ACLs behind `--add`."""
    return [
        " ".join(line[line.index("--add") + 1 :]) for line in printed(capsys, *options, tool="kafka-acls.sh")
    ]


def test_each_acl_is_one_command_for_the_principal_of_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    told = acls(capsys, "--set", "kafka.topic_prefix=demo.")
    screen = [line for line in told if "brentwatch-screen" in line]
    assert screen == [
        "--allow-principal User:brentwatch-screen --operation Read --topic demo.unrest.events",
        "--allow-principal User:brentwatch-screen --operation Read --operation Write --topic "
        "demo.unrest.events.dead",
        "--allow-principal User:brentwatch-screen --operation Read --operation Write --topic "
        "demo.unrest.events.dead.notes",
        "--allow-principal User:brentwatch-screen --operation Write --topic demo.impact.timeline",
        "--allow-principal User:brentwatch-screen --operation Read --group brentwatch.demo.screen",
    ]
    assert (
        "--allow-principal User:brentwatch-monitor --operation Write --transactional-id "
        "brentwatch.demo.monitor --resource-pattern-type prefixed"
    ) in told


def test_a_principal_can_be_named_and_the_tools_told_who_the_administrator_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--principal", "feed=User:CN=desk,O=a desk", "--command-config", "admin.properties")
    told = acls(capsys, *options)
    assert {line.split(" --operation")[0] for line in told if "desk" in line} == {
        "--allow-principal User:CN=desk,O=a desk"
    }
    assert not any("brentwatch-feed" in line for line in told)
    both = printed(capsys, *options) + printed(capsys, *options, tool="kafka-acls.sh")
    assert {tuple(line[3:5]) for line in both} == {("--command-config", "admin.properties")}


@pytest.mark.parametrize("principal", ["press=User:press", "screen", "screen=User", "screen=User:"])
def test_a_principal_of_nobody_is_refused(capsys: pytest.CaptureFixture[str], principal: str) -> None:
    assert cli.main(["topics", "create", "--print", "--principal", principal]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "prices, canary, alerts, dead, backup, events, feed, replay, doctor, topics" in told
