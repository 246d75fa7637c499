"""What the doctor found: a line a check, folded for a terminal, and at last what to fix first.

The checks that need no broker look at channels and ports, and send and write nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry

from brentwatch import cli
from brentwatch.commands.doctor.examining import format_check, judge
from brentwatch.commands.doctor.local_checks import CHECKS, find_overdue_session, run_local_checks
from brentwatch.commands.run import UNNAMED
from brentwatch.core.domain import BRENT_FRONT
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources
from brentwatch.stream.doctor.patient import Finding, Level
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from brentwatch.settings.composed import Settings

ANY_PORTS = {f"telemetry.ports.{name}": "0" for name in UNNAMED}
NOBODY = {"kafka.bootstrap": "127.0.0.1:1", "kafka.request_timeout_seconds": "0.5"} | ANY_PORTS

LONG = Finding(
    Level.WARN,
    "unrest.events has 3 partitions, and 12 are needed " * 3,
    "run brentwatch topics create",
)


def test_without_a_terminal_a_check_is_one_line() -> None:
    (line,) = format_check("topics", LONG, None)

    assert line.startswith(f"{Level.WARN:<5} topics         unrest.events")
    assert line.endswith(": run brentwatch topics create")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_on_a_terminal_a_check_is_folded_beside_its_name(width: int) -> None:
    lines = format_check("topics", LONG, width)

    assert max(map(len, lines)) <= width
    assert all(line.startswith(" " * 21) for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == " ".join(format_check("topics", LONG, None)[0].split())


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([Level.OK, Level.OK], "all good"),
        ([Level.OK, Level.WARN, Level.WARN], "first thing to fix: check 1: finding 1"),
        ([Level.WARN, Level.OK, Level.FAIL, Level.FAIL], "first thing to fix: check 2: finding 2"),
    ],
    ids=["good", "a warning", "a failure after a warning"],
)
def test_the_verdict_is_the_first_failure_or_else_the_first_warning(levels: list[Level], said: str) -> None:
    found = [
        (f"check {number}", Finding(level, f"finding {number}", f"remedy {number}"))
        for number, level in enumerate(levels)
    ]

    verdict = judge(found)

    assert (verdict.level, verdict.said) == (max(levels, key=list(Level).index), said)
    assert verdict.remedy == ("" if said == "all good" else f"remedy {said[-1]}")


def settings(tmp_path: Path, values: Mapping[str, str]) -> Settings:
    flags = tuple(Assignment(key, value) for key, value in (ANY_PORTS | dict(values)).items())
    return load(Sources(flags=flags), {}).settings


def find(made: Settings, check: str) -> list[tuple[str, str]]:
    return [(each.level, each.said) for name, each in run_local_checks(made) if name == check]


def test_a_channel_that_can_work_is_said_not_to_have_been_tried(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("https://hooks.slack.com/services/T/B/hunter2\n")
    made = settings(tmp_path, {"notify.channels": "terminal,slack", "notify.slack.url_file": str(secret)})

    told = [each for name, each in run_local_checks(made) if name == "channels"]
    assert [(each.level, each.said) for each in told] == [
        ("ok", "terminal: settings are valid; no message sent"),
        ("ok", "slack: settings are valid; no message sent"),
    ]
    assert told[1].remedy == "to send a test message, run brentwatch alerts test slack"
    assert "hunter2" not in repr(told)


def test_a_channel_that_lacks_something_fails_and_the_others_are_looked_at(tmp_path: Path) -> None:
    absent = str(tmp_path / "no-url.txt")
    values = {"notify.channels": "slack,teams,email", "notify.slack.url_file": absent}
    told = find(settings(tmp_path, values), "channels")

    assert {level for level, _ in told} == {"fail"}
    assert f"notify.slack.url_file is {absent}, which cannot be read" in told[0][1]
    assert any(said.startswith("teams: notify.teams.url is missing") for _, said in told)
    assert any(said.startswith("email: ") for _, said in told)


def test_a_fallback_is_a_channel_that_is_looked_at(tmp_path: Path) -> None:
    told = find(settings(tmp_path, {"notify.terminal.fallback": "pagerduty"}), "channels")

    assert [said.partition(":")[0] for _, said in told] == ["terminal", "pagerduty"]
    assert told[1][0] == "fail"


def test_a_file_of_alerts_is_looked_at_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    values = {"notify.channels": "jsonl", "notify.jsonl.path": str(file)}

    assert find(settings(tmp_path, values), "channels") == [
        ("ok", "jsonl: settings are valid; no message sent")
    ]
    assert not file.exists()
    ((level, said),) = find(
        settings(tmp_path, values | {"notify.jsonl.path": str(tmp_path / "no" / "file")}), "channels"
    )
    assert (level, "which cannot be written" in said) == ("fail", True)


def test_a_service_is_asked_on_its_port(tmp_path: Path) -> None:
    health = Health(40.0)
    with Server("127.0.0.1", 0, CollectorRegistry(), health) as server:
        made = settings(tmp_path, {"telemetry.ports.monitor": str(server.port)})
        before = dict(find_by_service(made))["monitor"]
        health.mark_ready("ready")
        after = dict(find_by_service(made))["monitor"]
    gone = dict(find_by_service(made))["monitor"]

    url = f"http://127.0.0.1:{server.port}/readyz"
    assert before == ("warn", f"{url} answers not ready: starting")
    assert after == ("ok", f"{url} answers: ready")
    assert gone == ("warn", f"nothing answers at {url}")


def find_by_service(made: Settings) -> list[tuple[str, tuple[str, str]]]:
    told = [(*said.split(": ", 1), level) for level, said in find(made, "services")]
    return [(name, (level, said)) for name, said, level in told]


def test_ingest_is_asked_only_if_it_has_a_feed(tmp_path: Path) -> None:
    assert [name for name, _ in find_by_service(settings(tmp_path, {}))] == [
        name for name in UNNAMED if name != "ingest"
    ]
    assert "ingest" in dict(find_by_service(settings(tmp_path, {"ingest.feeds": "gdelt"})))


@pytest.mark.parametrize(
    ("oldest", "told"),
    [
        (0.0, ("ok", "brent-front: no session is overdue for its final price")),
        (datetime.now(UTC).timestamp(), ("ok", "brent-front: no session is overdue for its final price")),
        (
            BRENT_FRONT.series.closes_at(date(2022, 8, 18)).timestamp(),
            (
                "warn",
                "brent-front: the session of 2022-08-18 is still provisional; expected a final price "
                "within 3 sessions",
            ),
        ),
    ],
    ids=["none", "today", "long ago"],
)
def test_a_session_that_stays_provisional_is_named(
    tmp_path: Path, oldest: float, told: tuple[str, str]
) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "monitor")
    metrics.set(table.PROVISIONAL_OLDEST, oldest, instrument="brent-front")
    with Server("127.0.0.1", 0, registry, Health(40.0)) as server:
        made = settings(tmp_path, {"telemetry.ports.monitor": str(server.port)})
        assert find(made, "provisional") == [told]


@pytest.mark.parametrize(("days", "is_overdue"), [(3, False), (4, True)])
def test_a_session_is_overdue_once_three_more_have_settled(days: int, is_overdue: bool) -> None:
    series, session = BRENT_FRONT.series, date(2022, 8, 15)  # a Monday
    at = series.closes_at(session)
    now = at + timedelta(days=days)
    assert find_overdue_session(series, at.timestamp(), now) == (session if is_overdue else None)


def test_without_a_monitor_no_session_is_looked_at(tmp_path: Path) -> None:
    said = "not checked: no monitor runs on this machine"
    assert find(settings(tmp_path, {}), "provisional") == [("ok", said)]
    with Server("127.0.0.1", 0, CollectorRegistry(), Health(40.0)) as server:
        made = settings(tmp_path, {"telemetry.ports.monitor": str(server.port)})
    assert find(made, "provisional") == [("ok", said)]


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_without_a_broker_it_says_so_first_and_checks_what_needs_none(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for key, value in NOBODY.items() for word in ("--set", f"{key}={value}")]

    assert cli.main(["doctor", *(["--json"] if as_json else []), *words]) == 6
    out = capsys.readouterr().out.splitlines()
    if not as_json:
        assert out[0].startswith("fail  cluster        Kafka at 127.0.0.1:1 failed while connecting")
        assert out[-1].startswith("first thing to fix: cluster: Kafka at 127.0.0.1:1 failed while connecting")
        return
    found: list[dict[str, Any]] = [json.loads(line) for line in out]
    assert {each["check"] for each in found} == {"cluster", *CHECKS, "verdict"}
    assert (found[-1]["check"], found[-1]["level"]) == ("verdict", "fail")
    assert found[-1]["said"].startswith("first thing to fix: cluster: Kafka at 127.0.0.1:1")
