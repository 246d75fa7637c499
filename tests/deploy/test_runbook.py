"""docs/runbook.md: every alert has its entry under the four headings, and every command on it exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.deploy.test_compose import parse
from tests.deploy.test_rules import ALERTS, NAMES, ROOT

from brentwatch.telemetry.settings import Ports

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
PROMETHEUS_ADDRESS = "http://127.0.0.1:9090"


def read_entries() -> dict[str, str]:
    """The entry of each alert, by its heading."""
    parts = re.split(r"(?m)^## (\w+)$", PAGE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def list_commands(text: str = PAGE) -> list[str]:
    """Every command in the code blocks of a text, once."""
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", text)
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines()))


def test_every_alert_has_an_entry_and_every_entry_an_alert() -> None:
    assert sorted(read_entries()) == NAMES


@pytest.mark.parametrize("alert", NAMES)
def test_an_entry_has_the_four_headings_and_its_diagnosis_commands(alert: str) -> None:
    entry = read_entries()[alert]
    assert re.findall(r"(?m)^### (.*)$", entry) == HEADINGS
    diagnosis = entry.partition("### Diagnosis")[2].partition("### Mitigation")[0]
    assert list_commands(diagnosis)


def test_the_table_at_the_top_says_who_is_woken_by_what() -> None:
    top = PAGE.partition("\n## ")[0]
    for severity in ("page", "ticket", "none"):
        row = next(line for line in top.splitlines() if line.startswith(f"| `{severity}`"))
        named = re.findall(r"\[(\w+)\]\(#(\w+)\)", row)
        expected = {name for name, rule in ALERTS.items() if rule["labels"]["severity"] == severity}
        assert {name for name, _ in named} == expected
        assert all(anchor == name.lower() for name, anchor in named)


def test_every_link_leads_somewhere() -> None:
    anchors = {name.lower() for name in read_entries()}
    for file, anchor in re.findall(r"\]\(([\w./-]*)#?([\w-]*)\)", PAGE):
        if file:
            assert (ROOT / "docs" / file).exists(), file
        else:
            assert anchor in anchors


def test_code_blocks_hold_commands_alone() -> None:
    assert PAGE.count("```") == 2 * len(re.findall(r"(?m)^```sh$", PAGE))


@pytest.mark.parametrize("command", list_commands())
def test_a_command_is_one_that_there_is(command: str) -> None:
    match shlex.split(command):
        case ["brentwatch", *words]:
            parse(words)
        case ["python", "-m", "brentwatch.telemetry.probe", *ports]:
            assert set(map(int, ports)) <= set(Ports().model_dump().values())
        case ["promtool", "query", "instant", address, _]:
            assert address == PROMETHEUS_ADDRESS
        case ["promtool" | "amtool", _, *rest]:
            assert (ROOT / rest[-1]).exists() or Path(rest[-1]).exists()
        case _:
            pytest.fail(f"{command}: nobody runs it in a test")
