"""deploy/compose.yaml: every command, setting, port and dependency in it is real."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from brentwatch import __version__, cli
from brentwatch.commands.process import PATIENCE_SECONDS
from brentwatch.commands.run import SERVICES, UNNAMED
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "compose-lint"
TEXT = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
EXAMPLE = re.findall(r"(?m)^#     (\S.*)$", TEXT.partition("\nname:")[0])
"""The commands in the head of the file."""
ALL: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in ALL.items() if service["image"].startswith("brentwatch:")}
SERVED = tuple(SERVICES)
MONITORING = ("prometheus", "alertmanager", "grafana")
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}
INTERPOLATED = re.compile(r"\$\{\w+:-([^}]*)\}")


def mounts(name: str) -> dict[str, str]:
    """Where each volume or folder stands in a container."""
    return dict(mount.split(":")[:2] for mount in ALL[name].get("volumes", []))


def environment(name: str) -> dict[str, str]:
    """The variables of a service as compose gives them when nothing is set outside."""
    told = {key: value for key, value in ALL[name]["environment"].items() if value is not None}
    assert all(isinstance(value, str) for value in told.values())
    return {key: INTERPOLATED.sub(r"\1", value) for key, value in told.items()}


def parse(words: list[str]) -> None:
    """Parses a command line without running it; a fault of usage is raised."""
    command: click.Command | None = cli.brentwatch
    rest = list(words)
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), rest.pop(0))
    assert command is not None
    command.make_context(command.name, rest)


def test_the_services_are_those_that_there_are() -> None:
    assert set(OURS) == {*SERVED, "topics"}
    assert set(ALL) == {*OURS, "kafka", *MONITORING}


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_a_command_of_ours(name: str) -> None:
    parse(OURS[name]["command"])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_with_a_value_it_takes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(Sources(), environment(name)).settings

    assert all(variable.startswith("BRENTWATCH_") for variable in environment(name))
    assert f"INSIDE://{settings.kafka.bootstrap}" in environment("kafka")["KAFKA_ADVERTISED_LISTENERS"]


@pytest.mark.parametrize("name", SERVED)
def test_the_ports_are_those_of_the_settings_and_are_open_to_this_machine_only(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    telemetry = load(Sources(), environment(name)).settings.telemetry
    port = getattr(telemetry.ports, name)

    assert OURS[name]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert telemetry.host == "0.0.0.0"  # noqa: S104 - inside a container


def test_a_command_on_this_machine_finds_the_broker_without_a_setting() -> None:
    host, port = load(Sources(), {}).settings.kafka.bootstrap.split(":")

    assert ALL["kafka"]["ports"] == [f"{host}:{port}:{port}"]
    assert f"HOST://{host}:{port}" in environment("kafka")["KAFKA_ADVERTISED_LISTENERS"]


@pytest.mark.parametrize("name", ALL)
def test_a_service_waits_for_what_there_is_in_a_way_that_can_come_true(name: str) -> None:
    for other, wanted in ALL[name].get("depends_on", {}).items():
        assert wanted["condition"] in CONDITIONS
        if wanted["condition"] == "service_healthy":
            assert "test" in ALL[other]["healthcheck"]
        if wanted["condition"] == "service_completed_successfully":
            assert ALL[other]["restart"] == "no"


def test_no_service_starts_before_its_topics_are_there() -> None:
    assert all("topics" in OURS[name]["depends_on"] for name in SERVED)
    assert "topics" not in OURS["topics"]["depends_on"]


def exported() -> dict[str, str]:
    return dict(line.removeprefix("export ").split("=", 1) for line in EXAMPLE if line.startswith("export "))


def test_the_example_chooses_a_password_for_grafana_before_it_starts_anything() -> None:
    assert EXAMPLE[0].startswith("export GRAFANA_ADMIN_PASSWORD=")


def test_the_example_sets_settings_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    warnings: list[str] = []

    settings = load(Sources(warn=warnings.append), exported()).settings

    assert warnings == []
    assert settings.kafka.topic_prefix == "demo."
    assert [(each.name, each.alerts) for each in settings.list_instruments()] == [("brent-spot", True)]
    ours = {key for key in exported() if key.startswith("BRENTWATCH_")}
    assert ours <= {key for name in OURS for key in ALL[name]["environment"]}


def test_what_runs_without_a_profile_is_what_run_starts_without_a_feed() -> None:
    without = {name for name in SERVED if "profiles" not in OURS[name]}

    assert without == {name for name in UNNAMED if name != "ingest"}


@pytest.mark.parametrize("line", [line for line in EXAMPLE if line.startswith("brentwatch ")])
def test_each_command_of_the_example_is_one_of_ours_with_all_that_it_needs(line: str) -> None:
    parse(shlex.split(line)[1:])


def test_the_example_feeds_the_prefix_that_the_services_read() -> None:
    (feed,) = (shlex.split(line) for line in EXAMPLE if line.startswith("brentwatch feed"))
    inside = ALL["screen"]["environment"]["BRENTWATCH_KAFKA__TOPIC_PREFIX"]

    assert feed[feed.index("--prefix") + 1] == exported()["BRENTWATCH_KAFKA__TOPIC_PREFIX"]
    assert inside == "${BRENTWATCH_KAFKA__TOPIC_PREFIX:-}"


@pytest.mark.parametrize("line", [line for line in EXAMPLE if line.startswith("docker ")])
def test_each_command_of_compose_names_this_file_and_what_is_in_it(line: str) -> None:
    words = shlex.split(line)
    profiles = {name for service in ALL.values() for name in service.get("profiles", [])}

    assert words[:3] == ["docker", "compose", "-f"]
    assert (ROOT / words[3]).samefile(ROOT / "deploy" / "compose.yaml")
    rest = words[4:]
    if rest[0] == "--profile":
        assert rest[1] in profiles
        rest = rest[2:]
    assert rest[0] in ("up", "logs", "down")
    assert {word for word in rest[1:] if not word.startswith("-")} <= set(ALL)


def test_every_line_of_the_example_is_checked() -> None:
    assert {line.split()[0] for line in EXAMPLE} == {"export", "docker", "brentwatch"}


def test_every_container_is_confined() -> None:
    loose = {name for name, service in ALL.items() if not service.get("read_only")}

    assert all(service["cap_drop"] == ["ALL"] for service in ALL.values())
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in ALL.values())
    assert loose == {"kafka"}


def test_every_port_is_open_to_this_machine_only() -> None:
    ports = [port for service in ALL.values() for port in service.get("ports", [])]

    assert len(ports) == len(set(ports)) == len(SERVED) + len(MONITORING) + 1
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_container_but_the_one_that_makes_topics_has_a_health_check() -> None:
    checked = {name for name in ALL if "test" in ALL[name].get("healthcheck", {})}

    assert checked == {"kafka", *MONITORING}  # ours have that of the image
    assert OURS["topics"]["healthcheck"] == {"disable": True}


def test_a_file_of_settings_is_read_by_every_service_and_stays_out_of_git() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert {str(service["env_file"]) for service in OURS.values()} == {
        "[{'path': 'brentwatch.env', 'required': False}]"
    }
    assert "deploy/brentwatch.env" in ignored
    # What stands here beats the file: only what the containers need to find each other, and a path.
    fixed = {key for name in OURS for key, value in ALL[name]["environment"].items() if value is not None}
    assert fixed == {
        *("BRENTWATCH_KAFKA__BOOTSTRAP", "BRENTWATCH_KAFKA__TOPIC_PREFIX", "BRENTWATCH_TELEMETRY__HOST"),
        *("BRENTWATCH_TELEMETRY__LOG_FORMAT", "BRENTWATCH_INGEST__FEEDS", "BRENTWATCH_NOTIFY__JSONL__PATH"),
    }


def test_compose_lint_finds_nothing_that_has_no_reason() -> None:
    done = subprocess.run(
        [LINT, "check", "--fail-on", "medium", "--strict-config", ROOT / "deploy" / "compose.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "config: " in done.stdout
    assert ".compose-lint.yml" in done.stdout


@pytest.mark.parametrize("name", ALL)
def test_every_image_has_a_version_and_every_service_its_limits(name: str) -> None:
    limits = ALL[name]["deploy"]["resources"]["limits"]

    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", ALL[name]["image"])
    assert set(limits) == {"cpus", "memory", "pids"}
    assert ALL[name]["restart"] == ("no" if name == "topics" else "unless-stopped")


def test_our_image_has_our_version() -> None:
    assert {service["image"] for service in OURS.values()} == {f"brentwatch:{__version__}"}


def test_a_container_has_the_time_that_a_service_needs_to_finish_its_batch() -> None:
    assert all(int(OURS[name]["stop_grace_period"].rstrip("s")) > PATIENCE_SECONDS for name in SERVED)


def test_every_volume_is_declared() -> None:
    mounted = {source for name in ALL for source in mounts(name) if not source.startswith(".")}

    assert mounted == set(COMPOSE["volumes"])


def test_the_broker_is_the_version_that_the_tests_run_against() -> None:
    pom = (ROOT / "tests" / "kafka" / "pom.xml").read_text(encoding="utf-8")

    image, _, version = ALL["kafka"]["image"].partition(":")

    assert image == "apache/kafka"
    assert f"<version>{version}</version>" in pom


def test_the_build_finds_its_dockerfile() -> None:
    for service in OURS.values():
        context = (ROOT / "deploy" / service["build"]["context"]).resolve()
        assert (context / service["build"]["dockerfile"]).is_file()
