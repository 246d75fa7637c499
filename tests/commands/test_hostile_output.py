"""What foreign text makes of CSV and JSON on standard output: no formula, and nothing that moves a cursor."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.history.folders import event, write

from brentwatch import cli
from brentwatch.commands.printer import print_rows

pytestmark = pytest.mark.attack

DATA = Path(__file__).parents[2] / "services" / "brentwatch" / "history" / "data"
PRICES = str(DATA / "abqaiq-2019" / "prices.csv")
EVIL = "\x1b[2J\x7f\x9b\u202ekcatta\u2066"


def test_an_event_id_is_no_formula_in_a_spreadsheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.csv"
    events.write_text("event_id,date\n=HYPERLINK(1),2019-09-16\n@SUM(1),2019-09-16\n-7,2019-09-16\n")
    for show in ("rows", "tests", "diagnostics"):
        words = [
            "study",
            str(events),
            "--prices",
            PRICES,
            "--window",
            "0,1",
            "--format",
            "csv",
            "--show",
            show,
        ]
        assert cli.main(words) == 0
        ids = {row["event"] for row in csv.DictReader(capsys.readouterr().out.splitlines())}
        assert ids == {"'=HYPERLINK(1)", "'@SUM(1)", "-7"}


def test_a_row_of_figures_is_none_either(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"name": '=A1,"x"', "window": "[0, 1]", "value": -0.5, "count": -3, "none": None}
    print_rows(list(row), [row], "csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == '"\'=A1,""x""","[0, 1]",-0.5,-3,'


def test_json_lines_of_a_replay_hold_nothing_that_a_terminal_acts_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = event("file:1", "2022-01-05T10:00:00Z", summary=f"a {EVIL} é")
    write(tmp_path, events=f"{known}\n{{{EVIL}\n")
    cli.main(["replay", str(tmp_path), "--json"])
    out = capsys.readouterr().out

    assert all(line.isprintable() for line in out.split("\n"))
    told = [json.loads(line) for line in out.splitlines()]
    assert any("\u202ekcatta" in each.get("summary", "") for each in told)
    assert any("\u202ekcatta" in each.get("original", "") for each in told)
    assert "é" in out


def test_json_of_the_settings_holds_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["config", "show", "--json", "--set", f"ingest.file.path={EVIL}"])
    out = capsys.readouterr().out

    assert all(line.isprintable() for line in out.split("\n"))
    assert any(EVIL in str(json.loads(line)["value"]) for line in out.splitlines())
