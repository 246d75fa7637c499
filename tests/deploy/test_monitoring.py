"""What compose.yaml starts beside the services: each finds its files, and the others."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.test_compose import ALL, MONITORING, SERVED, mounts

DEPLOY = Path(__file__).parents[2] / "deploy"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def scraped(name: str) -> dict[str, dict[str, Any]]:
    """The jobs of a configuration of Prometheus, by name."""
    return {job["job_name"]: job for job in read(DEPLOY / "prometheus" / name)["scrape_configs"]}


def list_targets(job: dict[str, Any]) -> list[str]:
    fixed = [target for config in job.get("static_configs", []) for target in config["targets"]]
    found = [
        f"{name}:{config['port']}" for config in job.get("dns_sd_configs", []) for name in config["names"]
    ]
    return [*fixed, *found]


def find_host_path(name: str, path: str) -> Path:
    """The file of the repository that stands at a path of a container."""
    for source, target in mounts(name).items():
        if path.startswith(f"{target}/") or path == target:
            return DEPLOY / source / path.removeprefix(target).lstrip("/")
    raise AssertionError(f"{path} of {name} is no file of the repository")


def test_inside_compose_the_same_jobs_and_rules_are_read_as_outside() -> None:
    inside, outside = (read(DEPLOY / "prometheus" / f"prometheus{name}.yml") for name in (".compose", ""))
    every = ("scrape_interval", "evaluation_interval")

    assert inside["rule_files"] == outside["rule_files"]
    assert [inside["global"][name] for name in every] == [outside["global"][name] for name in every]
    assert list(scraped("prometheus.compose.yml")) == list(scraped("prometheus.yml"))


def test_every_service_is_scraped_at_its_container_and_its_port() -> None:
    targets = {name: list_targets(job) for name, job in scraped("prometheus.compose.yml").items()}

    assert targets == {name: [f"{name}:{ALL[name]['ports'][0].rpartition(':')[2]}"] for name in targets}
    assert targets.keys() == set(SERVED)


def test_a_service_that_a_profile_starts_is_looked_up_and_the_others_are_expected() -> None:
    jobs = scraped("prometheus.compose.yml")
    looked_up = {name for name, job in jobs.items() if "dns_sd_configs" in job}

    assert looked_up == {name for name in SERVED if "profiles" in ALL[name]}


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_the_file_that_a_command_names_is_mounted(name: str) -> None:
    (path,) = [word.partition("=")[2] for word in ALL[name]["command"] if word.startswith("--config.file")]

    assert find_host_path(name, path).is_file()


def test_prometheus_sends_its_alerts_to_the_container_of_alertmanager() -> None:
    (manager,) = read(DEPLOY / "prometheus" / "prometheus.compose.yml")["alerting"]["alertmanagers"]

    assert list_targets(manager) == [f"alertmanager:{ALL['alertmanager']['ports'][0].rpartition(':')[2]}"]


@pytest.mark.parametrize("name", MONITORING)
def test_a_health_check_asks_the_port_that_is_open(name: str) -> None:
    port = ALL[name]["ports"][0].rpartition(":")[2]

    assert ALL[name]["healthcheck"]["test"][-1].startswith(f"http://127.0.0.1:{port}/")


def test_grafana_has_no_password_unless_somebody_chooses_one() -> None:
    password = ALL["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"]

    assert re.fullmatch(r"\$\{GRAFANA_ADMIN_PASSWORD:\?[^}]+\}", password)


def test_grafana_reads_prometheus_as_its_only_data_source() -> None:
    (path,) = find_host_path("grafana", "/etc/grafana/provisioning/datasources").iterdir()
    (source,) = read(path)["datasources"]

    assert (source["type"], source["isDefault"]) == ("prometheus", True)
    assert source["url"] == f"http://prometheus:{ALL['prometheus']['ports'][0].rpartition(':')[2]}"
    scraping = read(DEPLOY / "prometheus" / "prometheus.compose.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scraping


def test_grafana_shows_the_boards_of_the_repository() -> None:
    (path,) = find_host_path("grafana", "/etc/grafana/provisioning/dashboards").iterdir()
    (provider,) = read(path)["providers"]
    folder = find_host_path("grafana", provider["options"]["path"])

    boards = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert folder == DEPLOY / "grafana" / "dashboards"
    assert {"desk", "health", "calibration"} <= boards.keys()
    assert all(board["title"] for board in boards.values())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool wanted, of the package prometheus")
def test_promtool_takes_the_configuration() -> None:
    done = subprocess.run(
        ["promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.compose.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
