"""`brentwatch events` lists what a history holds: filtered, cleaned, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.history.folders import event, write

from brentwatch import cli
from brentwatch.commands.process import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "\x1b[2J\x9b\u202ekcatta\u2066"
EVENTS = [
    event("desk:1", "2022-01-04T10:00:00Z", summary="first", location={"place": "Almaty"}),
    event("desk:2", "2022-01-05T09:00:00Z", country="SAU", event_class="strike"),
    event("desk:3", "2022-01-05T10:00:00Z", extra_countries=["SAU"], event_class="protest"),
    event("desk:1", "2022-01-06T10:00:00Z", revision=1, status="retract", summary="first"),
]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> str:
    return str(write(tmp_path, events="\n".join(EVENTS) + "\n"))


def list_objects(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert cli.main(["events", *words, "--format", "json"]) == ExitCode.OK
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_revision_is_a_row_with_what_the_screen_measured(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list_objects(capsys, folder)
    assert [(row["event_id"], row["revision"], row["status"]) for row in rows] == [
        ("desk:1", 0, "new"),
        ("desk:2", 0, "new"),
        ("desk:3", 0, "new"),
        ("desk:1", 1, "retract"),
    ]
    first = rows[0]
    assert first["known_at"] == "2022-01-04T10:00:00Z"
    assert first["occurred_at"] == "2022-01-04T10:00:00Z"
    assert (first["class"], first["country"], first["place"]) == ("riot", "KAZ", "Almaty")
    assert first["headline"] == "first"
    assert first["exposure"] == pytest.approx(0.651, abs=0.001)
    assert first["relevance"] == pytest.approx(0.6 * first["exposure"])


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--since", "2022-01-05T10:00"], ["desk:3", "desk:1"]),
        (["--country", "Saudi Arabia"], ["desk:2", "desk:3"]),
        (["--country", "KZ", "--country", "SAU", "--class", "riot"], ["desk:1", "desk:1"]),
        (["--class", "strike", "--class", "protest"], ["desk:2", "desk:3"]),
    ],
)
def test_filters_leave_what_fits_all_of_them(
    folder: str, options: list[str], ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [row["event_id"] for row in list_objects(capsys, folder, *options)] == ids


def test_csv_has_the_same_rows(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected = list_objects(capsys, folder)
    assert cli.main(["events", folder, "--format", "csv"]) == ExitCode.OK
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["event_id"] for row in rows] == [row["event_id"] for row in expected]
    assert list(rows[0]) == list(expected[0])


def test_the_table_says_it_in_words(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main(["events", folder]) == ExitCode.OK
    head, _, first, *_, last = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert head.split() == [
        "known", "occurred", "event", "exposure", "relevance", "feed", "headline", "revision",
    ]  # fmt: skip
    words = ["2022-01-04 10:00", "10:00", "Riot, Almaty, Kazakhstan", "0.65", "0.39", "first"]
    assert [word for word in words if word not in first] == []
    assert last.endswith("retracted")


def test_text_of_others_moves_nothing_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = event(
        "desk:1",
        "2022-01-04T10:00:00Z",
        summary=f"=1+1 {EVIL}\nnext",
        location={"place": EVIL},
        provenance={"feed": EVIL},
    )
    folder = str(write(tmp_path, events=hostile))
    for form in ("table", "csv", "json"):
        assert cli.main(["events", folder, "--format", form]) == ExitCode.OK
        out = capsys.readouterr().out
        assert [line for line in out.split("\n") if not line.isprintable()] == []
        assert "kcatta" in out
    assert cli.main(["events", folder, "--format", "csv"]) == ExitCode.OK
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert row["headline"].startswith("'=1+1 ")


def test_it_exits_with_4_where_nothing_matches(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["events", folder, "--country", "NOR"]) == ExitCode.NOTHING_MATCHED
    assert capsys.readouterr() == ("", "events: no event matches; 4 were read\n")


def test_it_exits_with_5_where_lines_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write(tmp_path, events=f"{EVENTS[0]}\nno event\n"))
    assert cli.main(["events", folder]) == ExitCode.PARTIAL
    assert "events: 1 line could not be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["abqaiq-2019", "--from-kafka"], ["abqaiq-2019", "--country", "Atlantis"]]
)
def test_a_command_that_asks_for_nothing_or_for_what_is_not_there_is_refused(words: list[str]) -> None:
    assert cli.main(["events", *words]) == ExitCode.USAGE


@pytest.mark.parametrize("name", ["catalogue", "kazakhstan-2022", "intraday-demo"])
def test_bundled_histories_are_listed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list_objects(capsys, name)
    assert rows
    assert all(row["known_at"] <= after["known_at"] for row, after in pairwise(rows))
