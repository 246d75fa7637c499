"""`brentwatch history build` makes a folder that replays, from feeds and prices, each time the same."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.prices.markets import SPOT, ordinary
from tests.prices.stub import Answer, Stub
from tests.screen.messages import message
from tests.web.stub import send
from tests.web.troubles import status

from brentwatch import __version__, cli
from brentwatch.history.manifest import compute_checksum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

pytestmark = pytest.mark.slow

FRIDAY, SATURDAY, TUESDAY = (datetime(2024, 5, day, 9, tzinfo=UTC) for day in (3, 4, 7))
PRICES = ordinary("london", date(2024, 5, 31), 560)
DAYS = ("--from", "2024-05-04", "--to", "2024-05-07")


class Outside:
    """GDELT and FRED, and the words by which `history build` is told where they are."""

    def __init__(self, gdelt: GdeltStub, fred: Stub, folder: Path) -> None:
        self.gdelt, self.fred, self.folder = gdelt, fred, folder
        gdelt.add(FRIDAY, [row(1, added=FRIDAY, code="195", country="IZ", lat=33.3, lon=44.4)])
        gdelt.add(
            SATURDAY, [row(2, added=SATURDAY), row(3, added=SATURDAY, country="TI", lat=38.5, lon=68.8)]
        )
        gdelt.add(TUESDAY, [row(4, added=TUESDAY, code="010"), row(5, added=TUESDAY, country="LY")])
        later = TUESDAY + timedelta(days=1)
        gdelt.add(later, [row(6, added=later, country="NI")])
        rows = "".join(f"{day},{price}\n" for day, price in PRICES.items())
        fred.always(Answer(f"observation_date,DCOILBRENTEU\n{rows}".encode()))

    def build(self, *words: str, **more: Any) -> int:
        return cli.main(self.words(*words, **more))

    def words(self, *words: str, feeds: tuple[str, ...] = ("gdelt",), **settings: object) -> list[str]:
        told = {
            "ingest.gdelt.url": f"{self.gdelt.url}/gdeltv2",
            "ingest.first_wait_seconds": 0.01,
            "prices.fred.url": self.fred.url,
            "prices.backfill_sessions": 520,
        } | {name.replace("__", "."): value for name, value in settings.items()}
        options = [word for key, value in told.items() for word in ("--set", f"{key}={value}")]
        named = [word for feed in feeds for word in ("--feed", feed)]
        chosen = () if "--out" in words else ("--out", str(self.folder))
        return ["history", "build", *named, "--prices", "fred", *chosen, *(words or DAYS), *options]

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "events.jsonl").read_text().splitlines()]

    def prices(self) -> dict[str, tuple[str, str]]:
        with (self.folder / "prices.csv").open() as file:
            return {each["date"]: (each["usd_per_bbl"], each["known_at"]) for each in csv.DictReader(file)}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with GdeltStub() as gdelt, Stub().running() as fred:
        yield Outside(gdelt, fred, tmp_path / "history")


def test_what_became_known_on_these_days_goes_in_whole_and_nothing_else(outside: Outside) -> None:
    assert outside.build() == 0
    # gdelt:3 is a protest in Tajikistan, which the screen would leave out
    assert [event["event_id"] for event in outside.events()] == ["gdelt:2", "gdelt:3", "gdelt:5"]


def test_prices_warm_up_and_reach_as_far_as_windows_do_each_known_its_delay_after_its_close(
    outside: Outside,
) -> None:
    outside.build()
    told, sessions = outside.prices(), list(PRICES)
    first = sessions.index(date(2024, 5, 7))  # Monday the 6th is a bank holiday
    assert list(told) == [str(day) for day in sessions[first - 520 : first + 7]]
    for day in (sessions[first - 520], sessions[first]):
        known_at = SPOT.closes_at(day) + SPOT.delay
        assert told[str(day)] == (repr(PRICES[day]), f"{known_at:%Y-%m-%dT%H:%M:%SZ}")


def test_the_manifest_says_where_it_comes_from_on_which_terms_and_the_checksums(outside: Outside) -> None:
    outside.build()
    files = outside.files()
    manifest = tomllib.loads(files["history.toml"].decode())
    assert manifest["title"] == "Unrest by gdelt and brent-spot by fred, 2024-05-04 to 2024-05-07"
    assert "The GDELT Project" in manifest["source"]
    assert "Energy Information Administration" in manifest["source"]
    assert "gdelt: free for any use, with attribution" in manifest["licence"]
    assert manifest["start"] == date(2024, 5, 7)
    assert manifest["made"] == {
        "by": f"brentwatch {__version__}",
        "from": date(2024, 5, 4),
        "to": date(2024, 5, 7),
        "feeds": ["gdelt"],
        "prices": "fred",
        "series": "brent-spot",
    }
    assert manifest["sha256"] == {
        name: compute_checksum(files[name]) for name in ("events.jsonl", "prices.csv")
    }


def test_the_same_inputs_make_the_same_bytes_also_elsewhere_and_over_what_was_made(outside: Outside) -> None:
    outside.build()
    first = outside.files()
    other = [sys.executable, "-m", "brentwatch", *outside.words()]
    done = subprocess.run(other, env=os.environ | {"PYTHONHASHSEED": "1"}, check=False)
    assert done.returncode == 0
    assert outside.files() == first


def test_it_replays(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    outside.build()
    capsys.readouterr()
    assert cli.main(["replay", str(outside.folder), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["event_id"] for line in lines if line["kind"] == "event"} == {
        "gdelt:2",
        "gdelt:3",
        "gdelt:5",
    }
    tested = [line["session"] for line in lines if line["kind"] == "session"]
    assert tested == [str(day) for day in PRICES if date(2024, 5, 7) <= day <= date(2024, 5, 15)]


def test_events_of_several_feeds_stand_in_the_order_in_which_they_became_known(
    outside: Outside, tmp_path: Path
) -> None:
    desk = tmp_path / "desk.jsonl"
    times = {
        "desk:1": "2024-05-04T10:00:00Z",
        "desk:2": "2024-05-01T10:00:00Z",
        "desk:3": "2024-05-07T09:00:00Z",
    }
    lines = [
        message(event_id=event_id, known_at=at, occurred={"start": at, "precision": "minute"})
        for event_id, at in times.items()
    ]
    desk.write_bytes(b"\n".join(lines))
    assert outside.build(feeds=("file", "gdelt"), ingest__file__path=desk) == 0
    found = [event["event_id"] for event in outside.events()]
    assert found == ["gdelt:2", "gdelt:3", "desk:1", "desk:3", "gdelt:5"]


def test_a_file_that_was_changed_is_refused(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    outside.build()
    path = outside.folder / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"gdelt:3", b"gdelt:4"))
    assert cli.main(["history", "check", str(outside.folder)]) == 7
    assert "events.jsonl has the sha256" in capsys.readouterr().err


def test_prices_of_another_series_are_refused(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    outside.build()
    path = outside.folder / "history.toml"
    path.write_bytes(path.read_bytes().replace(b'series = "brent-spot"', b'series = "brent-front"'))
    assert cli.main(["replay", str(outside.folder)]) == 7
    assert "has prices of brent-front; expected brent-spot" in capsys.readouterr().err


def test_a_folder_that_holds_something_else_is_left_alone(
    outside: Outside, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert outside.build(*DAYS, "--out", str(tmp_path)) == 7
    assert "name another one with --out" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_where_nothing_became_known_nothing_is_made(outside: Outside) -> None:
    assert outside.build("--from", "2024-05-05", "--to", "2024-05-06") == 4
    assert not outside.folder.exists()


def test_a_feed_that_fails_for_a_while_is_asked_again_and_nothing_is_lost(outside: Outside) -> None:
    failed = status(503)
    outside.gdelt.well_for = 5

    def twice(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        outside.gdelt.trouble = twice if outside.gdelt.well_for > -2 else None
        failed(handler, answer)

    outside.gdelt.trouble = twice
    assert outside.build() == 0
    assert [event["event_id"] for event in outside.events()] == ["gdelt:2", "gdelt:3", "gdelt:5"]


@pytest.mark.parametrize("code", [401, 500])
def test_a_feed_that_goes_on_failing_is_told_with_its_exit_code(
    outside: Outside, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.gdelt.trouble = status(code)
    assert outside.build() == 6
    assert f"lastupdate.txt answers {code}" in capsys.readouterr().err
    assert len(outside.gdelt.asked) == (1 if code == 401 else 5)
    assert not outside.folder.exists()


def test_without_a_network_a_feed_is_asked_again_and_then_the_exit_code_says_so(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outside.build(ingest__gdelt__url="http://127.0.0.1:1") == 6

    lines = [line for line in capsys.readouterr().err.splitlines() if "Connection refused" in line]
    tries = [f"try {number} of 5" in line for number, line in enumerate(lines, start=2)]
    assert tries == [True] * 4 + [False]
    assert not outside.folder.exists()


def test_without_a_network_a_price_provider_is_asked_again_and_then_the_exit_code_says_so(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outside.build(prices__fred__url="http://127.0.0.1:1") == 6

    told = [line for line in capsys.readouterr().err.splitlines() if "Connection refused" in line]
    assert ["try" in line for line in told] == [True] * 4 + [False]
    assert not outside.folder.exists()


def test_a_price_provider_that_fails_for_a_while_is_asked_again(outside: Outside) -> None:
    good, asked = outside.fred.answer, []

    def busy_at_first(target: str) -> Answer:
        asked.append(target)
        return good(target) if len(asked) > 2 else Answer(status=503)

    outside.fred.answer = busy_at_first

    assert outside.build() == 0
    assert len(outside.prices()) > 500


def test_before_it_starts_it_says_how_many_files_there_are_and_about_how_long_it_takes(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outside.build() == 0
    shown = capsys.readouterr()
    assert "gdelt: 384 files from 2024-05-04 to 2024-05-07, about 2 min at 3 files a second" in shown.err
    assert "run the same command again" in shown.err
    assert "files" not in shown.out


def test_a_build_that_was_killed_goes_on_with_the_files_it_lacks_and_makes_the_same_bytes(
    outside: Outside, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = tmp_path / "whole"
    assert outside.build(*DAYS, "--out", str(whole)) == 0
    reached, go_on = Event(), Event()

    def hang_at_the_last_file(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if f"{TUESDAY:%Y%m%d%H%M%S}.export" in handler.path:
            reached.set()
            go_on.wait(60)
        send(handler, answer)

    outside.gdelt.trouble = hang_at_the_last_file
    with subprocess.Popen([sys.executable, "-m", "brentwatch", *outside.words()]) as process:
        assert reached.wait(60)
        process.kill()
    go_on.set()
    outside.gdelt.trouble = None
    outside.gdelt.asked.clear()
    capsys.readouterr()

    assert outside.build() == 0
    assert "gdelt: resuming: 1 files are already in " in capsys.readouterr().err
    files = [asked.path for asked in outside.gdelt.asked if ".CSV.zip" in asked.path]
    assert [f"{TUESDAY:%Y%m%d}" in path for path in files] == [True, True]
    for name, data in outside.files().items():
        assert (whole / name).read_bytes() == data
    assert list(tmp_path.glob("*.part")) == []


def test_what_was_downloaded_with_other_settings_is_not_used(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.fred.always(Answer(status=401))
    assert outside.build() == 6
    capsys.readouterr()

    assert outside.build(ingest__gdelt__oldest_days=2) == 6
    shown = capsys.readouterr().err
    assert "gdelt: starting again: " in shown
    assert "resuming" not in shown
    assert outside.build(ingest__gdelt__oldest_days=2) == 6
    assert "gdelt: resuming: 2 files" in capsys.readouterr().err


def test_a_feed_that_cannot_resume_says_so(
    outside: Outside, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = tmp_path / "desk.jsonl"
    at = "2024-05-04T10:00:00Z"
    desk.write_bytes(message(event_id="desk:1", known_at=at, occurred={"start": at, "precision": "minute"}))
    assert outside.build(feeds=("file",), ingest__file__path=desk) == 0
    assert "file: an interrupted build starts again from the beginning" in capsys.readouterr().err


def test_days_that_end_before_they_begin_are_a_fault_of_usage(outside: Outside) -> None:
    assert outside.build("--from", "2024-05-07", "--to", "2024-05-04") == 2
