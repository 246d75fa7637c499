"""`brentwatch ingest`: why each row of a file is kept or left out, and rows to label."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from tests.ingest.feeds.gdelt_stub import FIRST, GdeltStub, row, zipped

from brentwatch import cli
from brentwatch.ingest.feeds.label_rows import COLUMN_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "20240507120000.export.CSV"
LINES = [
    row(1, code="190", url="https://example.org/soldiers-kill-nine-in-libya"),
    row(2, code="190", url="https://example.org/bakery-wins-a-prize"),
    row(3, code="190", url="https://example.org/gunmen-in-court-over-raid"),
    row(4, code="010"),
    row(5, code="190", url="https://example.org/7"),
    "no row",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


def explained(capsys: pytest.CaptureFixture[str], *words: object) -> Sequence[dict[str, object]]:
    assert cli.main(["ingest", "explain", *map(str, words), "--format", "json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_row_has_its_outcome_and_the_words_that_decided(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = explained(capsys, file)
    assert [each["outcome"] for each in rows] == ["kept", "kind", "crime", "class", "mute", "unreadable"]
    assert rows[0] == {
        "number": "1",
        "outcome": "kept",
        "country": "LBY",
        "moved_from": "KAZ",
        "kind": "armed",
        "class": "armed_clash",
        "words": "soldiers kill libya",
        "url": "https://example.org/soldiers-kill-nine-in-libya",
    }
    assert (rows[2]["kind"], rows[2]["words"]) == ("armed", "court")


def test_a_zipped_file_and_an_address_say_the_same(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / f"{NAME}.zip"
    packed.write_bytes(zipped(NAME, LINES))
    with GdeltStub() as stub:
        stub.add(FIRST, LINES)
        asked = explained(capsys, f"{stub.url}/gdeltv2/{NAME}.zip")
    assert explained(capsys, file) == explained(capsys, packed) == asked


def test_rows_are_chosen_by_their_outcome_and_counted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ingest", "explain", str(file), "--outcome", "crime", "--format", "csv"]) == 0
    answer = capsys.readouterr()
    assert [each["number"] for each in csv.DictReader(io.StringIO(answer.out))] == ["3"]
    assert "ingest: 6 rows: kept 1, kind 1, crime 1, class 1, mute 1, unreadable 1" in answer.err
    assert cli.main(["ingest", "explain", str(file), "--outcome", "past"]) == 4
    assert cli.main(["ingest", "explain", str(file)]) == 0
    assert "soldiers kill libya" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no more", b"date,price\n", b""])
def test_what_is_no_export_file_is_refused(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert cli.main(["ingest", "explain", str(path)]) == 7
    assert "again later" not in capsys.readouterr().err


def test_rows_to_label_are_drawn_by_seed_in_the_layout_that_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / NAME
    path.write_text("".join(row(number, code="190" if number % 2 else "010") + "\n" for number in range(200)))

    def draw(seed: int) -> str:
        assert cli.main(["ingest", "label", str(path), "--rows", "20", "--seed", str(seed)]) == 0
        return capsys.readouterr().out

    rows = list(csv.DictReader(io.StringIO(draw(1))))
    assert tuple(rows[0]) == COLUMN_NAMES
    assert len(rows) == 20
    assert {each["EventCode"] for each in rows} == {"190"}
    assert {each["file"] for each in rows} == {"2024-05-07"}
    assert {each["is_current_unrest"] for each in rows} == {""}
    assert draw(1) == draw(1) != draw(2)


def test_labels_go_to_a_new_file_and_never_over_an_old_one(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.csv"
    assert cli.main(["ingest", "label", str(file), "--out", str(out)]) == 0
    written = out.read_text()
    assert written.count("\n") == 5
    assert cli.main(["ingest", "label", str(file), "--out", str(out)]) == 1
    assert out.read_text() == written
