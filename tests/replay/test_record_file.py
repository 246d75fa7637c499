"""A file of a record only grows; a broken one is refused and left as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.replay.records import SPOT, find_signals, record, record_history

from brentwatch.core.domain import BRENT_FRONT
from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.replay.record_file import load_record, open_record

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Signal


def write(path: Path, signals: tuple[Signal, ...]) -> int:
    """Write or continue a record; the number of bytes that were cut off."""
    with open_record(path, SPOT) as file:
        file.append(record(signals, file.written.place))
        return file.written.cut


def test_a_record_in_several_runs_has_the_bytes_of_one_run(tmp_path: Path) -> None:
    path, signals = tmp_path / "record.jsonl", find_signals()
    for end in (len(signals) - 9, len(signals) - 4, len(signals), len(signals)):
        write(path, signals[:end])

    assert path.read_bytes() == b"".join(record_history())
    assert len(load_record(path)) == len(record_history())


@pytest.mark.parametrize("left", [0.0, 0.001, 0.5, 0.999])
@pytest.mark.parametrize("line", [0, 1, -1])
def test_a_line_that_a_killed_process_left_is_written_again(tmp_path: Path, line: int, left: float) -> None:
    path, lines = tmp_path / "record.jsonl", record_history()
    broken = lines[line]
    kept = broken[: int(len(broken) * left)]
    path.write_bytes(b"".join(lines[: lines.index(broken)]) + kept)

    assert write(path, find_signals()) == len(kept)
    assert path.read_bytes() == b"".join(lines)


def test_a_broken_record_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path, lines = tmp_path / "record.jsonl", list(record_history())
    changed = lines[3].replace(b'"tested"', b'"teste_"')
    assert changed != lines[3]
    path.write_bytes(b"".join([*lines[:3], changed, *lines[4:]]))
    before = path.read_bytes()

    with pytest.raises(InvalidInput, match="the chain breaks at line 4"):
        write(path, find_signals())
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"price,date\n", b"price", b'{"a":1}', b"\x00" * 100])
def test_a_file_that_is_no_record_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match="line 1"):
        write(path, find_signals())
    assert path.read_bytes() == content


def test_what_follows_a_whole_record_without_being_a_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"".join(record_history()) + b"notes of mine")

    with pytest.raises(InvalidInput, match="no line break and is not the beginning of a line"):
        write(path, find_signals())
    assert path.read_bytes().endswith(b"notes of mine")


@pytest.mark.parametrize("other", [replace(BRENT_FRONT, alerts=True), replace(SPOT, alert_level=0.02)])
def test_a_record_of_another_instrument_or_level_is_refused(tmp_path: Path, other: object) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"".join(record_history()))

    with (
        pytest.raises(InvalidInput, match=r"a record of brent-spot \(.*expected one of .*--instrument"),
        open_record(path, other),  # type: ignore[arg-type] # an instrument
    ):
        pass


def test_two_processes_do_not_write_one_record(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with (
        open_record(path, SPOT),
        pytest.raises(Unavailable, match="another process"),
        open_record(path, SPOT),
    ):
        pass


def test_an_empty_file_is_no_record_to_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    with pytest.raises(InvalidInput, match="is empty"):
        load_record(tmp_path / "empty")


def test_the_header_says_whose_record_it_is() -> None:
    header = json.loads(record_history()[0])

    assert (header["instrument"], header["level"], header["model"]) == (
        "brent-spot",
        0.01,
        "adaptive-garch-t",
    )
