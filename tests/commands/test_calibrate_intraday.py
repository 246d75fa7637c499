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

from brentwatch.core.intraday.calibration import figures
from brentwatch.core.intraday.histories import counts_of, lengths

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "measure,window,group,at,n,value,error,bars"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", "--intraday", *words],
        env={**os.environ, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def made_up() -> list[dict[str, str]]:
    done = run("--sessions", "16", "--seed", "3", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "calibrate: calibrated on simulated bars only: 16 sessions in 8 histories, seed 3\n"
    )
    assert done.stdout.splitlines()[0] == COLUMNS
    return list(csv.DictReader(done.stdout.splitlines()))


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty-eight made-up sessions as a file; some lie on holidays and are left out."""
    path, made = tmp_path_factory.mktemp("bars") / "bars.csv", history()
    rows = ["opens_at,open,usd_per_bbl"]
    for at in range(48):
        rows += [f"{bar.opens_at.isoformat()},{bar.open or ''},{bar.close}" for bar in made.bars(at).bars]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_without_a_file_it_is_said_on_every_row_that_bars_are_simulated() -> None:
    assert {row["bars"] for row in made_up()} == {"simulated"}


def test_the_figures_are_those_of_the_histories_of_the_seed() -> None:
    expected = figures([counts_of(length, 3, number) for number, length in enumerate(lengths(16))])

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
    assert ("family-wise", "", "1 event", "0.004") in found
    assert ("family-wise", "", "8 events", "0.004") in found
    assert sum(key[:3] == ("power", "15", "08:30-14:30") for key in found) == 5


def test_ones_own_bars_are_tested_with_the_calendar_of_globex(bars: Path) -> None:
    done = run("--prices", str(bars), "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert {row["bars"] for row in rows} == {"own"}
    assert "bars outside the hours of trade: left out" in done.stderr  # New Year's Day, and early closes
    assert "7 sessions tested, from 2024-02-27 to 2024-03-06" in done.stderr
    assert next(row["n"] for row in rows if row["measure"] == "family-wise") == 28


def test_for_people_moves_are_in_percent(bars: Path) -> None:
    done = run("--prices", str(bars))
    (power,) = [line for line in done.stdout.splitlines() if line.startswith("power") and "1.50 %" in line][
        :1
    ]

    assert power.split()[:5] == ["power", "15", "18:00-02:00", "1.50", "%"]


def test_too_few_sessions_are_told(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("opens_at,usd_per_bbl\n2024-05-07T13:30:00Z,83.1\n", encoding="utf-8")
    done = run("--prices", str(few))

    assert done.returncode == 7
    assert "has 0 whole sessions; more than 40 were wanted" in done.stderr


@pytest.mark.parametrize(
    "words", [("--model", "garch-t"), ("--window", "0,1"), ("--each",), ("--from", "2024-01-01")]
)
def test_what_belongs_to_the_daily_test_is_refused(words: tuple[str, ...]) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert f"{words[0]} cannot stand with --intraday" in done.stderr


def test_a_calendar_without_hours_is_refused(bars: Path) -> None:
    done = run("--prices", str(bars), "--instrument", "brent-spot")

    assert done.returncode == 3
    assert "the calendar of brent-spot has no hours of trade" in done.stderr
