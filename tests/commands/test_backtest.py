"""`brentwatch backtest`, as a desk meets it: the installed policy, its own files, a sweep, and refusals."""

# ruff: noqa: RUF001 - figures have a minus sign, not a hyphen

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from tests.code_blocks import ROOT
from tests.history.folders import event, write

from brentwatch import cli

if TYPE_CHECKING:
    from pathlib import Path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main(["backtest", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "loose.toml"
    path.write_text("alert_level = 0.05\nminimum_exposure = 0.25\nmost_alerts = 4\n")
    return path


@pytest.mark.slow
def test_the_table_fits_eighty_columns_and_says_the_selection(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run(capsys, "--history", "catalogue")
    flat = " ".join(out.split())

    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "5,993 sessions were tested" in flat
    assert "chosen by people who know what followed" in flat
    assert "installed 0.01 94 4 0.17 (0.05 to 0.43)" in flat
    assert "installed 40 0.68 % (0.49 to 0.93) 0.71 % 1.7 (1.2 to 2.3)" in flat
    assert "installed 11 of 94 11.7 % (6.0 to 20.0) 4.9 % (4.4 to 5.5) 0.0073" in flat
    assert "installed 4 of 17 (7 to 50 %) 0 of 38 (0 to 9 %) 4 of 81 63.6 h" in flat
    assert "installed 5 4 +4.0 (−13.2 to +24.6) +2.7 (−0.1 to +5.6)" in flat
    assert "The best of 432 policies" in flat
    assert "its own test does not" in flat
    assert "backtest: assumption: prices are known at settlement" in err


@pytest.mark.slow
def test_json_has_a_line_for_the_basis_and_one_for_each_policy(
    capsys: pytest.CaptureFixture[str], policy: Path, tmp_path: Path
) -> None:
    """A policy file changes what it names; the chart names each policy and marks the installed one."""
    chart = tmp_path / "chart.svg"
    code, out, _ = run(capsys, "--history", "catalogue", "--policy", policy, "--json", "--chart", chart)
    basis, installed, loose = map(json.loads, out.splitlines())

    assert code == 0
    assert (basis["kind"], basis["sessions"], basis["with_event"]) == ("backtest", 5993, 133)
    assert "chosen by people who know" in basis["selection"]
    assert (installed["policy"], installed["alerts"], installed["minimum_severity"]) == (
        "installed",
        4,
        "medium",
    )
    assert (loose["policy"], loose["alert_level"], loose["over_sessions"]) == ("loose", 0.05, 252)
    assert loose["minimum_severity"] == "medium"
    texts = set(re.findall(r">([^<>]+)</text>", chart.read_text(encoding="utf-8")))
    assert {"installed", "loose", "False alarms a year"} <= texts
    assert any("chosen by people who knew" in each for each in texts)


@pytest.mark.slow
def test_csv_has_a_row_for_each_policy_of_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--history", "abqaiq-2019", "--format", "csv")
    rows = list(csv.DictReader(StringIO(out)))

    assert code == 0
    assert len(rows) == 433
    assert len({row["policy"] for row in rows}) == 433
    assert rows[0]["alert_sessions"] == "2019-09-16"
    assert "chosen by people who know" in err


def test_every_fault_of_every_policy_file_is_told_at_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    texts = {
        "a": 'alert_level = 1.5\nclasses = ["riots"]\nminimum_exposur = 0.5\n',
        "b": "",
        "c": "over_sessions = 21\nzebra = 1\n",
        "d": "alert_level = \n",
        "e": 'name = "installed"\nalert_level = 0.02\n',
        "f": "alert_level = 0\n",
    }
    paths = [tmp_path / f"{name}.toml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    asked = [each for path in [*paths, tmp_path / "none.toml"] for each in ("--policy", path)]
    code, out, err = run(capsys, "--history", "catalogue", *asked)
    lines = err.splitlines()

    assert (code, out) == (3, "")
    assert len(lines) == 10
    for name, words in (
        ("a", r"alert_level is 1\.5 .*; expected at most 0\.1"),
        ("a", r"classes\.0 is 'riots' .*; expected one of 'protest'"),
        ("a", r"minimum_exposur .* is not a setting: did you mean minimum_exposure\?"),
        ("b", r"sets nothing; expected at least one of name, alert_level"),
        ("c", r"over_sessions is 21 .*; expected most_alerts as well"),
        ("c", r"zebra .* is not a setting: remove it; the keys of a policy are name, alert_level"),
        ("d", r"is not TOML"),
        ("f", r"alert_level is 0 .*; expected more than 0"),
        ("none", r"cannot be read: No such file"),
    ):
        assert any(f"{name}.toml" in line and re.search(words, line) for line in lines), words
    assert any("2 policies are called 'installed'" in line for line in lines)


def test_a_history_without_events_has_nothing_to_say(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capsys, "--history", write(tmp_path, events=""))

    assert (code, out) == (4, "")
    assert f"no session of {tmp_path} with an event was tested; expected one or more" in err


def test_an_unknown_history_and_a_chart_without_a_suffix_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = run(capsys, "--history", "catalog")
    assert (code, "did you mean catalogue?" in err) == (7, True)
    code, _, err = run(capsys, "--history", "catalogue", "--chart", tmp_path / "chart.gif")
    assert (code, "expected .svg, .png or .pdf" in err) == (2, True)


@pytest.mark.slow
def test_lines_that_cannot_be_read_are_told_and_the_rest_is_used(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Rows of three files: a broken event, a label of no use, and a name with control characters."""
    from importlib.resources import files

    data = files("brentwatch.history") / "data" / "abqaiq-2019"
    lines = [event("\x1b[31mx", "2019-09-12T09:00:00Z"), "{broken"]
    events = (data / "events.jsonl").read_text(encoding="utf-8") + "\n".join(lines) + "\n"
    manifest = 'title = "\\u001b[31mred"\nsource = "s"\nlicence = "l"\nstart = 2019-06-03\n'
    manifest += 'instrument = "brent-spot"\n'
    write(tmp_path, events=events, prices=(data / "prices.csv").read_bytes(), manifest=manifest)
    (tmp_path / "labels.csv").write_text("event_id,expected\na,b\n")
    code, out, err = run(capsys, "--history", tmp_path, "--no-sweep")

    assert code == 5
    assert "\x1b" not in out + err
    assert "of the events was not read" in err
    assert "row 2 of labels.csv: it is 'a,b'" in err
    assert "installed" in out


@pytest.mark.slow
def test_the_page_quotes_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its policy files, its output line by line, and the words of its picture."""
    page = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    asked: list[str | Path] = ["--sweep", "--chart", tmp_path / "chart.svg"]
    for name, text in re.findall(r"cat > (\S+) <<'END'\n(.*?)END\n", page, re.DOTALL):
        (tmp_path / name).write_text(text)
        asked += ["--policy", tmp_path / name]
    _, out, _ = run(capsys, "--history", "catalogue", *asked)
    printed = {line.rstrip() for line in out.splitlines()}
    quoted = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0].splitlines()

    assert len(quoted) > 30
    assert [line for line in quoted if line not in printed | {"…"}] == []
    words = [
        re.findall(r">([^<>]+)</text>", path.read_text(encoding="utf-8"))
        for path in (ROOT / "docs" / "alert-policies.svg", tmp_path / "chart.svg")
    ]
    assert words[0] == words[1]
