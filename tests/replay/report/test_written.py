"""`brentwatch replay --report`: its files, twice the same, and never over files of others."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.kafka.histories import synthetic

from brentwatch import cli
from brentwatch.history import bundled
from brentwatch.replay.report.report_data import TABLES

NAMES = ["report.html", "report.json", *(f"report-{table.name}.csv" for table in TABLES)]


def run(*arguments: str) -> int:
    """The exit code of the command."""
    return cli.main(list(arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "history").mkdir()
    return synthetic(tmp_path / "history")


def test_it_writes_a_page_json_and_tables_twice_the_same(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"

    assert run("replay", str(folder), "--report", str(page)) == 5  # two lines of events could not be read
    assert "the report is in" in capsys.readouterr().err
    first = {name: (tmp_path / name).read_bytes() for name in NAMES}
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(NAMES)
    assert run("replay", str(folder), "--report", str(page)) == 5
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == first


def test_json_and_tables_have_the_same_figures(folder: Path, tmp_path: Path) -> None:
    run("replay", str(folder), "--report", str(tmp_path / "report.html"))
    document = json.loads((tmp_path / "report.json").read_text())
    with (tmp_path / "report-sessions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert document["kind"] == "replay_report"
    assert [(row["session"], float(row["p"]), float(row["z"])) for row in rows] == [
        (each["session"], each["p"], each["z"]) for each in document["sessions"]
    ]
    assert (
        sum(row["verdict"] == "abnormal" and row["origin"] == "replay" for row in rows)
        == (document["verdict"]["abnormal"])
    )


def test_a_shorter_period_shows_less(folder: Path, tmp_path: Path) -> None:
    run("replay", str(folder), "--report", str(tmp_path / "report.html"))
    whole = json.loads((tmp_path / "report.json").read_text())
    run("replay", str(folder), "--until", "2019-09-16", "--report", str(tmp_path / "report.html"))
    early = json.loads((tmp_path / "report.json").read_text())

    assert early["identity"]["until"] == "2019-09-17T00:00:00Z"
    assert early["period"]["last_price"] == "2019-09-16"
    told = [(each["session"], each["p"], each["move"]) for each in early["sessions"]]
    assert told == [(each["session"], each["p"], each["move"]) for each in whole["sessions"]][: len(told)]
    assert 0 < len(told) < len(whole["sessions"])


@pytest.mark.parametrize("name", ["report.json", "report-events.csv", "report.html"])
def test_a_file_of_another_is_left_alone(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text("mine")

    assert run("replay", str(folder), "--report", str(tmp_path / "report.html")) == 7
    assert "is not of an earlier report" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("report.txt", "expected a name that ends with .html"),
        ("missing/report.html", "is not a folder that can be written"),
        ("folder.html", "it is a folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_before_the_replay(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, said: str
) -> None:
    (tmp_path / "folder.html").mkdir()

    assert run("replay", str(folder), "--report", str(tmp_path / path)) == 7
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_a_replay_without_a_report_loads_nothing_of_it() -> None:
    program = (
        "import sys; from brentwatch import cli; cli.main(['replay', 'vorukh-2021']); "
        "print(sorted(name for name in sys.modules if name.startswith(('brentwatch.replay.report', 'jinja2'))"
        "), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_the_identity_names_every_bundled_table(folder: Path, tmp_path: Path) -> None:
    run("replay", str(folder), "--report", str(tmp_path / "report.html"))
    document = json.loads((tmp_path / "report.json").read_text())

    digests = {each["name"]: each["sha256"] for each in document["identity"]["files"]}
    tables = list((Path(bundled.__file__).parent / "data").glob("*.csv"))
    assert len(tables) > 5
    for table in tables:
        assert digests[f"bundled {table.name}"] == hashlib.sha256(table.read_bytes()).hexdigest()
