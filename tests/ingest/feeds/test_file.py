"""The desk's own files: JSON lines, CSV with a mapping, a folder that is watched."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.history.tables.variants import parquet, xlsx
from tests.ingest.desk import EVERY_SECONDS, Desk
from tests.ingest.feeds.contract import NOW, FeedContract, events, keys
from tests.screen.messages import GOOD

from brentwatch.core.domain import EventClass, Precision
from brentwatch.core.errors import SettingsError
from brentwatch.ingest.feeds import deliveries as gathering
from brentwatch.ingest.feeds import file, file_rows
from brentwatch.ingest.feeds.file import WatchedFiles, open_feed
from brentwatch.ingest.feeds.presets import Preset
from brentwatch.ingest.feeds.settings import FileFeedSettings
from brentwatch.telemetry import table
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from pathlib import Path

CSV = """what,when,where_,town,kind,seen
Crowds at the port,2024-05-06,KAZ,Aktau,protest,2024-05-06T11:00:00Z
Shots,2024-05-06T10:00:00+06:00,KAZ,Almaty,riot,
Quiet,last week,KAZ,,,
"""
MAPPING = {
    "summary": "what", "start": "when", "country": "where_", "place": "town", "event_class": "kind",
    "known_at": "seen",
}  # fmt: skip


def line(number: int, **changes: object) -> str:
    document = {name: value for name, value in GOOD.items() if name != "provenance"}
    return json.dumps(document | {"event_id": f"file:{number}"} | changes)


class TestFile(FeedContract):
    name = "file"
    reads_with = file_rows

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "events"
        self.path.mkdir()
        self.write("a.jsonl", line(1), line(2))
        self.write("b.jsonl", line(3), "", line(1))

    def write(self, name: str, *lines: str) -> None:
        (self.path / name).write_text("\n".join(lines))

    def make(self, **changes: object) -> WatchedFiles:
        return open_feed(FileFeedSettings.model_validate({"path": self.path, **changes}))

    def more(self) -> None:
        self.write("a.jsonl", line(1), line(2), line(1, revision=1), line(4))

    def test_a_file_that_is_laid_into_the_folder_is_read(self) -> None:
        feed = self.make()
        events(feed)
        self.write("c.jsonl", line(9))
        assert keys(events(feed)) == [("file:9", 0)]

    def test_csv_is_read_by_its_mapping_and_what_is_missing_is_filled_carefully(self) -> None:
        self.write("c.csv", CSV)
        feed = self.make(path=self.path / "c.csv", mapping=MAPPING)
        (delivery,) = feed.poll(NOW)
        port, shots = delivery.documents
        assert (port.country, port.event_class, port.summary) == (
            "KAZ", EventClass.PROTEST, "Crowds at the port",
        )  # fmt: skip
        assert (port.occurred.precision, port.known_at.isoformat()) == (
            Precision.DAY, "2024-05-06T11:00:00+00:00",
        )  # fmt: skip
        assert (shots.occurred.precision, shots.known_at.isoformat()) == (
            Precision.MINUTE, "2024-05-06T04:00:00+00:00",
        )  # fmt: skip
        assert port.event_id.startswith("file:")
        assert port.event_id != shots.event_id
        assert delivery.left_out == {"unreadable": 1}
        assert "row 4 of c.csv: when is text of 9 characters; expected a date" in delivery.notes[0]

    def test_a_bare_date_says_that_the_day_is_known_and_the_hour_is_not(self) -> None:
        self.write("c.csv", "date,country\n2024-05-06,KAZ\n")
        (event,) = events(self.make(path=self.path / "c.csv"))
        assert event.known_at.isoformat() == "2024-05-06T00:00:00+00:00"
        assert event.occurred.start == event.known_at
        assert event.occurred.precision is Precision.DAY

    def test_a_line_that_cannot_be_read_is_counted_and_stops_nothing(self) -> None:
        self.write("a.jsonl", line(1), "{", line(5, country="Kazakhstan"), line(2))
        first, _ = self.make().poll(NOW)
        assert keys(first.documents) == [("file:1", 0), ("file:2", 0)]
        assert first.left_out == {"unreadable": 2}
        assert [note[:18] for note in first.notes] == ["line 2 of a.jsonl:", "line 3 of a.jsonl:"]

    def test_an_event_keeps_the_feed_that_it_names(self) -> None:
        self.write("a.jsonl", line(7, provenance={"feed": "desk"}))
        event = events(self.make(path=self.path / "a.jsonl", name="own"))[0]
        assert event.provenance is not None
        assert event.provenance.feed == "desk"

    def test_a_file_that_has_not_changed_is_not_read_again(self) -> None:
        feed = self.make()
        events(feed)
        mark = (self.path / "a.jsonl").stat()
        self.write("a.jsonl", line(1), line(6))
        os.utime(self.path / "a.jsonl", ns=(mark.st_atime_ns, mark.st_mtime_ns))
        assert events(feed) == []

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("0.csv", b"\xff\xfeD\x00a"),
            ("0.csv", bytes(range(256)) * 9),
            ("0.csv", b"date,date,country\n2024-05-06,2024-05-06,KAZ\n"),
            ("0.csv", b"weather,mood\nrain,bad\n"),
            ("0.xlsx", b"PK\x03\x04 and then no archive"),
            ("0.parquet", b"PAR1 and then nothing"),
            ("0.txt", b"Nothing but a sentence.\n"),
            ("0.tsv", b"date\tcountry\n2024-05-06\n"),
            ("0.jsonl", b"\xff\xfe{\x00"),
            ("0.jsonl", b"[" * 5000 + b"\n"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_counted_and_told_and_stops_no_later_one(
        self, name: str, data: bytes
    ) -> None:
        (self.path / name).write_bytes(data)
        feed = self.make()
        first, *others = feed.poll(NOW)
        assert first.documents == ()
        assert sum(first.left_out.values()) >= 1
        assert "internal" not in first.left_out
        assert any(name in note for note in first.notes)
        assert keys(each for delivery in others for each in delivery.documents) == [
            ("file:1", 0), ("file:2", 0), ("file:3", 0),
        ]  # fmt: skip
        assert list(feed.poll(NOW)) == []

    def test_a_file_in_another_encoding_is_read_and_stops_no_later_one(self) -> None:
        rows = "date,country,place\n2024-05-06,KAZ,Aktau\n2024-05-06,CIV,Bouaké — nord\n"
        (self.path / "0.csv").write_bytes(rows.encode("cp1252"))
        found = events(self.make())
        assert found[1].location is not None
        assert found[1].location.place == "Bouaké — nord"
        assert len(found) == 5

    def test_a_file_out_of_reach_is_counted_once_and_read_once_it_can_be(self) -> None:
        loop = self.path / "0.csv"
        loop.symlink_to(loop)
        feed = self.make()
        first, *_ = feed.poll(NOW)
        assert first.left_out == {"file": 1}
        assert "0.csv cannot be read" in first.notes[0]
        assert list(feed.poll(NOW)) == []
        loop.unlink()
        loop.write_text("date,country\n2024-05-06,KAZ\n")
        assert len(events(feed)) == 1

    def test_folders_and_what_an_editor_or_excel_has_open_are_passed_over(self) -> None:
        (self.path / "folder.csv").mkdir()
        self.write(".a.csv", "date,country", "2024-05-06,KAZ")
        self.write("~$a.csv", "date,country", "2024-05-06,KAZ")
        self.write("a.csv~", "date,country", "2024-05-06,KAZ")
        assert len(events(self.make())) == 3

    def test_an_error_that_nobody_thought_of_costs_its_file_and_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("nobody thought of it")

        self.write("0.csv", "date,country", "2024-05-06,KAZ")
        monkeypatch.setattr(file, "read_table", broken)
        desk = Desk(now=NOW, file=self.make())
        desk.turns.turn()
        assert len(desk.written()) == 3
        assert desk.counted(table.REPORTS_LEFT_OUT, reason="internal") == 1
        assert desk.log_lines.count("ZeroDivisionError: nobody thought of it") == 1

    def test_bare_dates_in_json_lines_are_days(self) -> None:
        def dated(number: int, start: str, known_at: str, **more: str) -> str:
            return line(number, occurred={"start": start, **more}, known_at=known_at)

        self.write(
            "a.jsonl",
            dated(1, "2024-05-06", "2024-05-06"),
            dated(2, "2024-05-06", "2024-05-07T08:00:00Z"),
            dated(3, "2024-05-06T10:00:00Z", "2024-05-06", precision="minute"),
            dated(4, "2024-05-06", "2024-05-07", precision="week", end="2024-05-08"),
        )
        found = events(self.make(path=self.path / "a.jsonl"))
        assert [(f"{each.known_at:%d %H:%M}", each.occurred.precision) for each in found] == [
            ("06 00:00", Precision.DAY),
            ("07 08:00", Precision.DAY),
            ("06 10:00", Precision.MINUTE),
            ("07 00:00", Precision.WEEK),
        ]

    def test_what_happened_long_before_it_became_known_is_left_out_and_counted(self) -> None:
        def late(number: int, start: str, **more: str) -> str:
            occurred = {"start": f"{start}T00:00:00Z", "precision": "day", **more}
            return line(number, occurred=occurred, known_at="2024-05-06T10:00:00Z")

        self.write(
            "a.jsonl",
            late(1, "2024-03-07"),
            late(2, "2024-03-06"),
            late(3, "2024-02-10", precision="month"),
            late(4, "2024-02-01", end="2024-04-30T00:00:00Z"),
            late(5, "1990-05-06"),
            late(6, "2024-02-01", end="2024-03-06T00:00:00Z", precision="month"),
        )
        (delivery,) = self.make(path=self.path / "a.jsonl").poll(NOW)
        assert keys(delivery.documents) == [("file:1", 0), ("file:3", 0), ("file:4", 0)]
        assert delivery.left_out == {"old": 3}
        history = self.make(path=self.path / "a.jsonl", oldest_days=20_000)
        assert len(events(history)) == 6

    def test_a_path_that_is_not_there_is_waited_for(self) -> None:
        feed = self.make(path=self.path / "later.jsonl")
        with pytest.raises(NoAnswer) as caught:
            events(feed)
        assert caught.value.reason is Reason.MISSING
        self.write("later.jsonl", line(8))
        assert keys(events(feed)) == [("file:8", 0)]


SECRET = "root:hunter2:19000:0:99999:7:::"
PLANTED = {"0-link.csv", "0-loop.csv", "0-folder.csv", "0-nowhere.csv", "0-pipe.csv", "0-socket.jsonl"}


def plant(folder: Path) -> None:
    """What is no regular file, under names that are read before those of the desk."""
    secret = folder.with_name("shadow")
    secret.write_text(f"{SECRET}\n{SECRET}\n")
    (folder / "0-link.csv").symlink_to(secret)
    (folder / "0-loop.csv").symlink_to(folder / "0-loop.csv")
    (folder / "0-folder.csv").symlink_to(folder)
    (folder / "0-nowhere.csv").symlink_to("nowhere")
    os.mkfifo(folder / "0-pipe.csv")
    os.chdir(folder)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("0-socket.jsonl")


@pytest.mark.attack
def test_links_pipes_and_sockets_are_left_out_once_and_hold_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "events"
    folder.mkdir()
    plant(folder)
    (folder / "a.jsonl").write_text(line(1))
    desk = Desk(now=NOW, file=open_feed(FileFeedSettings(path=folder)))
    for _ in range(5):
        desk.after(EVERY_SECONDS)

    assert desk.written() == [("file:1", 0)]
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="file") == len(PLANTED)
    assert {name for name in PLANTED if desk.log_lines.count(name) == 1} == PLANTED
    assert "hunter2" not in desk.log_lines


WORD = "hunter2"
NAMES = (
    "event_id",
    "date",
    "end",
    "known_at",
    "country",
    "event_class",
    "lat",
    "lon",
    "fatalities",
    "status",
)
WHOLE = {
    "event_id": "a", "date": "2024-05-06", "end": "2024-05-06", "known_at": "2024-05-06", "country": "KAZ",
    "event_class": "riot", "lat": "1", "lon": "1", "fatalities": "1", "status": "new",
}  # fmt: skip


def secrets() -> dict[str, bytes]:
    """Files by their names that hold a secret in every place where one may stand."""
    document = {name: value for name, value in GOOD.items() if name != "provenance"}
    files = {
        "passwd.csv": f"root:{WORD}:0:0\n" * 3,
        "key.txt": f"-----BEGIN {WORD}-----\n{WORD}\n",
        "pairs.csv": f"user,{WORD}\nroot,{WORD}\n",
        "twice.csv": f"date,date,country,{WORD}\n2024-05-06,2024-05-06,KAZ,{WORD}\n",
        "quote.csv": f'date,country\n"{WORD},KAZ\n2024-05-06,KAZ\n',
        "wide.csv": f"date,country\n2024-05-06,KAZ,{WORD},{WORD}\n",
        "zero.csv": f"date,country\n2024-05-06,KAZ\x00{WORD}\n",
        "text.jsonl": f"{WORD}\n[{WORD}]\n",
        "lines.jsonl": "\n".join(json.dumps(document | {name: WORD}) for name in document),
        "lists.jsonl": "\n".join(json.dumps(document | {name: [WORD, {WORD: WORD}]}) for name in document),
        "deep.jsonl": json.dumps(document | {"occurred": {"start": WORD, "precision": WORD}}),
        "bare.jsonl": json.dumps(WORD),
    }
    for name in WHOLE:
        cells = (WHOLE | {name: WORD}).values()
        files[f"cell-{name}.csv"] = f"{','.join(WHOLE)}\n{','.join(cells)}\n"
    binary = {
        "book.xlsx": xlsx([[WORD, WORD], [WORD, WORD]]),
        "broken.xlsx": b"PK\x03\x04" + WORD.encode(),
        "broken.parquet": b"PAR1" + WORD.encode() * 9 + b"PAR1",
        "columns.parquet": parquet(pd.DataFrame({WORD: [WORD], f"{WORD}2": [WORD]})),
    }
    return {name: text.encode() for name, text in files.items()} | binary


@pytest.mark.attack
@pytest.mark.parametrize("preset", list(Preset))
def test_nothing_of_what_is_refused_is_quoted_in_the_log(
    preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_MOST_NOTES", 1000)
    for name, data in secrets().items():
        (tmp_path / name).write_bytes(data)
    desk = Desk(now=NOW, file=open_feed(FileFeedSettings(path=tmp_path, preset=preset)))
    desk.after(EVERY_SECONDS)

    assert desk.counted(table.REPORTS_LEFT_OUT, reason="internal") == 0
    assert (desk.counted(table.REPORTS_LEFT_OUT, reason="file") or 0) >= 4
    assert "expected" in desk.log_lines
    assert WORD not in desk.log_lines


@pytest.mark.attack
def test_a_bad_file_that_is_touched_again_and_again_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    desk = Desk(now=NOW, file=open_feed(FileFeedSettings(path=tmp_path)))
    for number in range(5):
        path.write_text("{\n")
        os.utime(path, ns=(number, number))
        desk.after(EVERY_SECONDS)
    assert desk.log_lines.count("line 1 of a.jsonl") == 1
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="unreadable") == 5
    for content in (f"{line(1)}\n", "{\n", "\n{\n"):
        path.write_text(content)
        desk.after(EVERY_SECONDS)
    assert desk.log_lines.count("line 1 of a.jsonl") == 2  # it was mended, and is bad again
    assert desk.log_lines.count("line 2 of a.jsonl") == 1
    assert desk.written() == [("file:1", 0)]


@pytest.mark.attack
def test_the_one_file_is_no_pipe_and_no_link(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    os.mkfifo(path)
    feed = open_feed(FileFeedSettings(path=path))
    with pytest.raises(NoAnswer, match=r"events.jsonl cannot be read: it is a pipe, not a regular file"):
        list(feed.poll(NOW))
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(NoAnswer, match="it is a symbolic link, not a regular file"):
        list(feed.poll(NOW))
    path.unlink()
    path.write_text(line(1))
    assert keys(events(feed)) == [("file:1", 0)]


def test_without_a_path_or_with_a_mapping_of_nothing_there_is_no_feed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ingest\.file\.path is not set"):
        open_feed(FileFeedSettings())
    with pytest.raises(SettingsError, match="mapping has weather; expected some of event_id"):
        open_feed(FileFeedSettings(path=tmp_path, mapping={"weather": "rain"}))
