"""The record of GDELT's downloads gives back what was recorded of the same files, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from brentwatch.ingest.feeds.gdelt_downloads import DownloadRecord, UsedRows
from brentwatch.ingest.feeds.gdelt_lists import ListedFile

if TYPE_CHECKING:
    from pathlib import Path

FIRST = datetime(2024, 5, 7, 12, 0, tzinfo=UTC)
USED = UsedRows(rows=("1\tAktau", "2\tŞymkent"), total=2_000, left_out={"old": 3}, mentions=(7, 7, 9))


def listed(number: int, kind: str = "export") -> ListedFile:
    time = FIRST + timedelta(minutes=15 * number)
    return ListedFile(f"{time:%Y%m%d%H%M%S}.{kind}.CSV.zip", time, f"{number:032x}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gdelt.part"
    record = DownloadRecord(path, "brentwatch 1")
    for number in range(3):
        record.add(listed(number), listed(number, "mentions"), USED)
    record.close()
    return path


def find(path: Path, events: ListedFile, mentions: ListedFile | None) -> UsedRows | None:
    record = DownloadRecord(path, "brentwatch 1")
    try:
        return record.find(events, mentions)
    finally:
        record.close()


def test_what_was_recorded_is_found_by_a_later_process(path: Path) -> None:
    assert find(path, listed(2), listed(2, "mentions")) == USED


def test_a_file_that_has_changed_or_lost_its_mentions_is_not_found(path: Path) -> None:
    assert find(path, replace(listed(2), md5="f" * 32), listed(2, "mentions")) is None
    assert find(path, listed(2), None) is None


def test_a_line_that_was_not_written_whole_is_dropped_and_the_others_stay(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])
    assert find(path, listed(2), listed(2, "mentions")) is None
    record = DownloadRecord(path, "brentwatch 1")
    assert record.count(date(2024, 5, 7), date(2024, 5, 7)) == 2
    record.add(listed(2), listed(2, "mentions"), USED)
    record.close()
    assert find(path, listed(2), listed(2, "mentions")) == USED


def test_a_damaged_line_is_not_found(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[-1][:-9] + b"AAAAAAAA\n"]))
    assert find(path, listed(2), listed(2, "mentions")) is None
    assert find(path, listed(1), listed(1, "mentions")) == USED


def test_a_record_of_another_version_is_started_again(path: Path) -> None:
    record = DownloadRecord(path, "brentwatch 2")
    assert record.count(date(2024, 5, 1), date(2024, 5, 31)) == 0
    record.close()
    assert find(path, listed(1), listed(1, "mentions")) is None


def test_only_the_days_asked_for_are_counted(path: Path) -> None:
    record = DownloadRecord(path, "brentwatch 1")
    assert record.count(date(2024, 5, 8), date(2024, 5, 9)) == 0
    assert record.count(date(2024, 5, 7), date(2024, 5, 7)) == 3
    record.close()
