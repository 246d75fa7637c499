"""The alert rules by promtool: each fires in time, and is quiet below its threshold, without its metric."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.deploy.prometheus_server import AMTOOL, PROMTOOL, check_with, need_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Proof = dict[str, Any]

ROOT = Path(__file__).parents[2]
PROMETHEUS_YML = ROOT / "deploy" / "prometheus" / "prometheus.yml"
RULES = ROOT / "deploy" / "prometheus" / "rules" / "brentwatch.yml"
ALERTMANAGER_YML = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
PROOFS_YML = Path(__file__).with_name("rule_proofs.yml")

GROUPS: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
NAMES = sorted(ALERTS)
PROOFS: list[Proof] = yaml.safe_load(PROOFS_YML.read_text(encoding="utf-8"))

JOBS = ("screen", "monitor", "notify", "ingest", "prices", "canary")
UP = {f'up{{job="{job}", instance="{job}:1"}}': "1x*" for job in JOBS}
FIRES_WITHOUT_SERIES = {"Watchdog", "ConsumerIdle"}
HALF_AN_HOUR = 30
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def count_minutes(duration: str) -> int:
    """Whole minutes of a duration such as 4h11m, rounded up."""
    found = _DURATION.fullmatch(duration)
    assert found
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return 60 * hours + minutes + (seconds > 0)


def build_tests(proof: Proof) -> Iterator[dict[str, Any]]:
    """The tests of a proof as promtool reads them."""
    rule = ALERTS[proof["alert"]]
    expected = {
        "exp_labels": {"severity": rule["labels"]["severity"], **proof["labels"]},
        "exp_annotations": {
            "summary": proof["summary"],
            "description": proof["description"],
            "runbook_url": rule["annotations"]["runbook_url"],
        },
    }
    times: dict[str, list[Any]] = {proof["at"]: [expected]}
    for time in ("not_yet", "clear_at"):
        if time in proof:
            times[proof[time]] = []
    yield build_test(proof, "fires", proof["fires"], times)
    end = count_minutes(proof["at"]) + HALF_AN_HOUR
    quiet_times: dict[str, list[Any]] = {f"{at}m": [] for at in range(1, end, max(1, end // 60))}
    quiet: dict[str, dict[str, str]] = proof.get("quiet", {})
    if proof["alert"] not in FIRES_WITHOUT_SERIES:
        quiet["only up is there"] = {}
    for why, series in quiet.items():
        yield build_test(proof, why, series, quiet_times)


def build_test(
    proof: Proof, name: str, series: Mapping[str, str], times: Mapping[str, list[Any]]
) -> dict[str, Any]:
    """One test of promtool; `times` are the alerts that are expected at each time."""
    samples = 2 * max(map(count_minutes, times)) + 1
    return {
        "name": f"{proof['alert']}: {name}",
        "interval": "30s",
        "input_series": [
            {"series": key, "values": values.replace("x*", f"x{samples}")}
            for key, values in (UP | dict(series)).items()
        ],
        "alert_rule_test": [
            {"eval_time": at, "alertname": proof["alert"], "exp_alerts": alerts}
            for at, alerts in times.items()
        ],
    }


def run_promtool(folder: Path, alert: str, tests: list[dict[str, Any]]) -> None:
    """Run tests of one rule with what its group records."""
    group = next(group["rules"] for group in GROUPS if ALERTS[alert] in group["rules"])
    chosen = [rule for rule in group if rule.get("alert", alert) == alert]
    rules, file = folder / "rules.yml", folder / "rules_test.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "proven", "rules": chosen}]}), encoding="utf-8")
    written = {"rule_files": [str(rules)], "evaluation_interval": "30s", "tests": tests}
    file.write_text(yaml.safe_dump(written), encoding="utf-8")
    check_with(PROMTOOL, "test", "rules", str(file))


@pytest.mark.parametrize("alert", NAMES)
def test_a_rule_fires_in_time_says_what_is_wrong_and_is_quiet_otherwise(alert: str, tmp_path: Path) -> None:
    need_programs(PROMTOOL)
    proofs = [proof for proof in PROOFS if proof["alert"] == alert]
    assert proofs, f"{alert} has no proof in {PROOFS_YML.name}"

    run_promtool(tmp_path, alert, [test for proof in proofs for test in build_tests(proof)])


def test_every_proof_is_of_a_rule() -> None:
    assert {proof["alert"] for proof in PROOFS} == set(NAMES)


def test_rules_and_configurations_are_valid() -> None:
    need_programs(PROMTOOL, AMTOOL)

    check_with(PROMTOOL, "check", "rules", str(RULES))
    check_with(PROMTOOL, "check", "config", str(PROMETHEUS_YML))
    check_with(AMTOOL, "check-config", str(ALERTMANAGER_YML))


@pytest.mark.parametrize("alert", NAMES)
def test_a_rule_says_how_urgent_it_is_and_shows_its_value(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ({"none"} if alert == "Watchdog" else {"page", "ticket"})
    assert "for" in rule
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert "$value" in rule["annotations"]["description"]
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{alert.lower()}"


def test_every_aggregation_keeps_the_job() -> None:
    text = RULES.read_text(encoding="utf-8")
    kept = re.findall(r"\b(?:sum|max|min|count|avg) by \(([^)]*)\)", text)
    assert kept
    assert all("job" in labels.split(", ") for labels in kept)
    assert not re.findall(r"\b(?:sum|max|min|count|avg) ?\(", text), "an aggregation without by (job)"
