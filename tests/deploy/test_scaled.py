"""Rules and configurations whose times are divided are valid, and every time in them is divided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from tests.deploy.prometheus_server import AMTOOL, PROMTOOL, check_with, need_programs
from tests.deploy.scaled import scale_times
from tests.deploy.test_rules import ALERTMANAGER_YML, PROMETHEUS_YML, RULES

if TYPE_CHECKING:
    from pathlib import Path

_TIMES = re.compile(r"(?<![\w.])(\d+)(ms|s|m|h|d)\b")
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def list_times(text: str) -> list[int]:
    """Every duration of a file, in milliseconds; what people read and comments are no times."""
    left = re.sub(r"(?m)#.*$", "", text)
    left = re.sub(r"(?s)annotations:.*?runbook_url", "", left)
    return [int(number) * _MILLISECONDS[unit] for number, unit in _TIMES.findall(left)]


def test_every_duration_is_divided() -> None:
    for file in (RULES, PROMETHEUS_YML, ALERTMANAGER_YML):
        text = file.read_text(encoding="utf-8")
        times, divided = list_times(text), list_times(scale_times(text, 60))
        assert times, file.name
        assert [each / 60 for each in times] == divided, file.name


def test_every_threshold_on_an_age_is_divided() -> None:
    """Whatever is compared after time() or a metric in seconds is written in minutes."""
    text = RULES.read_text(encoding="utf-8")
    aged = [line.strip() for line in text.splitlines() if "time() -" in line or "lag_seconds" in line]
    assert len(aged) >= 10
    assert all(re.search(r" > \d+(?: \* 1440)? \* 60$", line) for line in aged), aged

    divided = scale_times(text, 60)
    assert "* 60\n" not in divided
    assert divided.count("* 1\n") == len(aged)


def test_nothing_else_changes() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert scale_times(text, 1).count("1440") == text.count("1440")
    before, after = (yaml.safe_load(each)["groups"] for each in (text, scale_times(text, 60)))
    for old, new in zip(before, after, strict=True):
        for rule, divided in zip(old["rules"], new["rules"], strict=True):
            assert divided.get("annotations") == rule.get("annotations")
            assert divided.get("labels") == rule.get("labels")


def test_the_divided_files_are_valid(tmp_path: Path) -> None:
    need_programs(PROMTOOL, AMTOOL)
    rules, alertmanager = tmp_path / "rules.yml", tmp_path / "alertmanager.yml"
    rules.write_text(scale_times(RULES.read_text(encoding="utf-8"), 60), encoding="utf-8")
    alertmanager.write_text(scale_times(ALERTMANAGER_YML.read_text(encoding="utf-8"), 60), encoding="utf-8")

    check_with(PROMTOOL, "check", "rules", str(rules))
    check_with(AMTOOL, "check-config", str(alertmanager))
