"""`brentwatch calibrate --intraday`: on made-up bars, on one's own, and what bad input is told."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday.sessions import history

from brentwatch.core.calibration.intraday import summarise_clusters
from brentwatch.core.calibration.simulator import count_history, split_sessions
from brentwatch.history.intraday_calibration import read_own_calibration

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COLUMNS = "measure,window,group,at,n,value,error,bars"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", "--intraday", *words],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def made_up() -> list[dict[str, str]]:
    done = run("--sessions", "16", "--seed", "3", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == (
        "calibrate: calibrated on simulated bars only: 16 sessions in 8 histories, seed 3"
    )
    assert done.stdout.splitlines()[0] == COLUMNS
    return list(csv.DictReader(done.stdout.splitlines()))


def made_up_file(path: Path, sessions: int) -> None:
    """So many made-up sessions as a file."""
    made, rows = history(max(sessions, 60)), ["opens_at,open,usd_per_bbl"]
    for at in range(sessions):
        rows += [
            f"{bar.opens_at.isoformat()},{bar.open or ''},{bar.close}" for bar in made.build_bars(at).bars
        ]
    path.write_text("\n".join(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty-eight made-up sessions as a file; some lie on holidays and are left out."""
    path = tmp_path_factory.mktemp("bars") / "bars.csv"
    made_up_file(path, 48)
    return path


def test_without_a_file_it_is_said_on_every_row_that_bars_are_simulated() -> None:
    assert {row["bars"] for row in made_up()} == {"simulated"}


def test_the_figures_are_those_of_the_histories_of_the_seed() -> None:
    expected = summarise_clusters(
        [count_history(length, 3, number) for number, length in enumerate(split_sessions(16))]
    )

    for row, figure in zip(made_up(), expected, strict=True):
        assert (row["measure"], row["window"], row["group"]) == (figure.measure, figure.window, figure.group)
        assert int(row["n"]) == figure.n
        assert row["value"] == ("" if figure.value is None else f"{figure.value:.12g}")


def test_all_that_was_promised_is_there() -> None:
    found = {(row["measure"], row["window"], row["group"], row["at"]) for row in made_up()}
    groups = ["volatility fifth 1", "volatility fifth 5", "day after a jump", "within 2 h of a jump"]
    groups += ["weekly report", "hour 00", "hour 23"]

    for window in ("15", "60"):
        assert {("size", window, "all", level) for level in ("0.05", "0.01", "0.001")} <= found
        assert {("size", window, group, "0.01") for group in groups} <= found
        assert {("mde", window, block, "0.001") for block in ("18:00-02:00", "08:30-14:30")} <= found
    for window, kind in (("gap", "night"), ("gap", "weekend"), ("gap + 60 minutes", "long")):
        assert {("size", window, kind, level) for level in ("0.05", "0.01", "0.001")} <= found
    assert ("family-wise", "", "1 event", "0.004") in found
    assert ("family-wise", "", "8 events", "0.004") in found
    assert sum(key[:3] == ("power", "15", "08:30-14:30") for key in found) == 5


def test_people_are_told_what_cannot_be_shown_of_week_ends() -> None:
    done = run("--sessions", "2", "--seed", "3")

    assert done.returncode == 0, done.stderr
    assert "about one alarm in 190 weekends" in done.stdout


def test_ones_own_bars_are_tested_with_the_calendar_of_globex(bars: Path) -> None:
    done = run("--prices", str(bars), "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert {row["bars"] for row in rows} == {"own"}
    assert "bars outside trading hours: skipped" in done.stderr  # New Year's Day, and early closes
    assert "7 sessions tested, from 2024-02-27 to 2024-03-06" in done.stderr
    assert next(row["n"] for row in rows if row["measure"] == "family-wise") == 28


def test_for_people_moves_are_in_percent(bars: Path) -> None:
    done = run("--prices", str(bars))
    power = next(line for line in done.stdout.splitlines() if "1.50 %" in line)

    assert power.split()[:4] == ["15", "18:00-02:00", "1.50", "%"]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_too_few_sessions_are_told(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("opens_at,usd_per_bbl\n2024-05-07T13:30:00Z,83.1\n", encoding="utf-8")
    done = run("--prices", str(few))

    assert (done.returncode, done.stdout) == (4, "")
    assert "calibrate: no session can be tested: " in done.stderr
    assert "has 0 complete sessions, and the first 40 are needed as history; add older bars" in done.stderr


FRONT = """
[instruments.front]
partition = 1
series = "brent-front"
calendar = "globex"
settlement = "14:30"
time_zone = "America/New_York"
intraday = true
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "desk.toml"
    path.write_text(FRONT, encoding="utf-8")
    return path


def kept(settings: Path, prices: Path, out: Path) -> subprocess.CompletedProcess[str]:
    given = ("--prices", str(prices), "--instrument", "front", "--out", str(out))
    return run(*given, "--settings", str(settings), "--format", "json")


def test_what_was_found_on_own_bars_is_kept_for_the_settings(settings: Path, tmp_path: Path) -> None:
    prices, out = tmp_path / "bars.csv", tmp_path / "record.csv"
    made_up_file(prices, 310)
    done = kept(settings, prices, out)

    assert done.returncode == 0, done.stderr
    read = read_own_calibration(str(out), "brent-front-5m")
    assert f"calibrate: {read}; written to {out}: set intraday_calibration = " in done.stderr
    assert read.sessions >= 250
    assert f"{read.sessions} sessions tested, from {read.first} to {read.last}" in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    sizes = [
        row["value"] for row in rows if (row["measure"], row["group"], row["at"]) == ("size", "all", 0.01)
    ]
    assert sizes == pytest.approx([each.size_01 for each in read.sizes], abs=6e-6)


def test_of_too_few_sessions_no_record_is_kept(bars: Path, settings: Path, tmp_path: Path) -> None:
    done = kept(settings, bars, tmp_path / "record.csv")

    assert done.returncode == 7
    assert "has 7 sessions that can be tested; a record needs 250 after the first 40" in done.stderr
    assert not (tmp_path / "record.csv").exists()


def test_of_an_instrument_without_bars_no_record_is_kept(bars: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        FRONT.replace("brent-front", "own").replace("intraday = true", 'roll = "none"'), encoding="utf-8"
    )
    done = kept(other, bars, tmp_path / "record.csv")

    assert done.returncode == 3
    assert "front has no 5-minute bars; expected an instrument with the series brent-front" in done.stderr


@pytest.mark.parametrize("words", [(), ("--prices", "bars.csv"), ("--instrument", "brent-spot")])
def test_a_record_wants_bars_and_whose_they_are(words: tuple[str, ...]) -> None:
    done = run("--out", "record.csv", *words)

    assert done.returncode == 2
    assert "--out needs --prices FILE with your own bars, and --instrument" in done.stderr


@pytest.mark.parametrize(
    "words", [("--model", "garch-t"), ("--window", "0,1"), ("--each",), ("--from", "2024-01-01")]
)
def test_what_belongs_to_the_daily_test_is_refused(words: tuple[str, ...]) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert f"{words[0]} cannot be used with --intraday" in done.stderr


def test_a_calendar_without_hours_is_refused(bars: Path) -> None:
    done = run("--prices", str(bars), "--instrument", "brent-spot")

    assert done.returncode == 3
    assert "the calendar of brent-spot has no hours of trade" in done.stderr
