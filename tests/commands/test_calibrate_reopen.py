"""`brentwatch calibrate --reopen`: figures on one's own daily openings, and what bad input is told."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.core.calibration.test_reopen import bars

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COLUMNS = "kind,measure,what,at,n,count,value,low,high"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", "--reopen", *words],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def lines(contract: str = "") -> tuple[str, ...]:
    """Every session opens .3 % above the settlement before; the last one 40 %."""
    closes = [bar.close for bar in bars()]
    opens = [closes[0], *(close * 1.003 for close in closes[:-2]), closes[-2] * 1.4]
    rows = zip(bars(), opens, strict=True)
    found = (f"{bar.session},{first:.4f},{bar.close:.4f},{contract}" for bar, first in rows)
    return ("date,open,close,contract", *found)


def write(folder: Path, text: tuple[str, ...]) -> str:
    path = folder / "prices.csv"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return str(path)


def test_it_prints_size_power_and_refusals_by_kind_of_break(tmp_path: Path) -> None:
    done = run("--prices", write(tmp_path, lines("one")), "--price-column", "close", "--format", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    size = {(row["kind"], row["at"]): row for row in rows if row["measure"] == "size"}

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == COLUMNS
    assert sum(int(row["count"]) for (_, at), row in size.items() if at == "0.001") == 1
    assert int(size["night", "0.001"]["n"]) + int(size["weekend", "0.001"]["n"]) <= 59
    assert float(size["night", "0.01"]["low"]) <= float(size["night", "0.01"]["value"])
    assert [row["what"] for row in rows if row["measure"] == "refused"] == ["no normal move"] * 3
    assert {row["measure"] for row in rows} >= {"size", "power", "detectable", "refused"}


def test_rows_without_contracts_are_refused_on_roll_days_and_people_are_told_the_limits(
    tmp_path: Path,
) -> None:
    done = run("--prices", write(tmp_path, lines()), "--price-column", "close")

    assert done.returncode == 0, done.stderr
    assert "roll days" in done.stdout
    assert "about one alarm in 190 weekends" in done.stdout
    assert "too few to measure the size of their gaps" in done.stdout
    assert "2.0 %" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_series_without_opening_prices_has_no_test_of_the_re_open(tmp_path: Path) -> None:
    done = run("--prices", write(tmp_path, ("date,usd_per_bbl", "2024-05-07,83.2")))

    assert done.returncode == 7
    assert "prices.csv has no column open; expected the opening price of each session" in done.stderr


def test_too_short_a_file_has_nothing_to_test(tmp_path: Path) -> None:
    done = run("--prices", write(tmp_path, lines("one")[:100]), "--price-column", "close", "--format", "csv")

    assert done.returncode == 4
    assert "no normal move" in done.stdout


def test_an_opening_price_that_is_none_is_named_with_its_row(tmp_path: Path) -> None:
    broken = (*lines()[:3], "2023-01-06,cheap,80.0,")
    done = run("--prices", write(tmp_path, broken), "--price-column", "close")

    assert done.returncode == 7
    assert "row 4 of" in done.stderr


@pytest.mark.parametrize("words", [("--intraday", "--each"), ("--by", "gap"), ("--seed", "0")])
def test_what_belongs_to_other_tests_is_refused(words: tuple[str, ...]) -> None:
    done = run(*words, "--prices", "prices.csv")

    assert done.returncode == 2
    assert "cannot be used with --" in done.stderr
    assert words[0] in done.stderr


def test_it_reads_one_file() -> None:
    done = run("--prices", "one.csv", "--prices", "two.csv")

    assert done.returncode == 2
    assert "--reopen reads one file of daily openings; give --prices once" in done.stderr


def test_an_instrument_whose_calendar_has_no_hours_is_refused(tmp_path: Path) -> None:
    done = run("--prices", write(tmp_path, lines()), "--price-column", "close", "--instrument", "brent-spot")

    assert done.returncode == 3
    assert "the calendar of brent-spot has no hours of trade; expected globex or ice" in done.stderr
