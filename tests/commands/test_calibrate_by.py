"""`brentwatch calibrate --by`: what is printed, for people and for programs, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from functools import cache
from importlib.resources import files

import pytest

from brentwatch.commands.calibrate.by_dimension import NAMES, PIT
from brentwatch.core.calibration.dimensions import DIMENSIONS
from brentwatch.history.dimension_record import parse_dimensions

pytestmark = pytest.mark.slow

PRICES = str(files("brentwatch.history") / "data" / "catalogue" / "prices.csv")
USUAL = ("--prices", PRICES, "--model", "adaptive-garch-t", "--from", "2015-01-01")


@cache
def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", *words],
        env={**os.environ, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_names_are_the_dimensions_and_the_tests_of_the_fit() -> None:
    assert (*DIMENSIONS, PIT) == NAMES


def test_for_people_there_is_a_table_for_each_dimension() -> None:
    done = run(*USUAL, "--by", "gap", "--by", "pit")

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line.split()[:4] for line in lines if line.startswith("model")] == [
        ["model", "group", "level", "n"],
        ["model", "test", "n", "statistic"],
    ]
    assert [line.split()[1:4] for line in lines if line.startswith("adaptive")][:2] == [
        ["1", "or", "2"],
        ["3", "days", "0.05"],
    ]
    assert "an alarm at 0.05 is as likely" in done.stdout


def test_for_programs_there_is_one_table_with_the_columns_of_the_record() -> None:
    rows = list(
        csv.DictReader(run(*USUAL, "--by", "direction", "--by", "pit", "--format", "csv").stdout.splitlines())
    )

    assert ",".join(rows[0]) == "model,dimension,group,nominal,n,size,error,statistic,df,p,null"
    assert [row["group"] for row in rows] == [
        *("up", "down", "up", "down"),
        *("Kolmogorov-Smirnov", "chi-squared, 20 cells", "Berkowitz", "Christoffersen"),
    ]
    assert {(row["size"] != "", row["statistic"] != "") for row in rows} == {(True, False), (False, True)}


def test_json_has_one_object_a_line() -> None:
    done = run(*USUAL, "--by", "fifth", "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert [row["group"][0] for row in rows] == list("12345") * 2
    assert rows[0]["statistic"] is None


def test_all_is_every_dimension_and_what_a_record_is_made_of() -> None:
    done = run(*USUAL, "--by", "all", "--record", "copies of May")
    found = parse_dimensions(done.stdout)

    assert done.returncode == 0, done.stderr
    assert list(dict.fromkeys(each.figure.dimension for each in found)) == [
        name
        for name in NAMES
        if name != "expiry"  # spot prices do not expire
    ]
    assert {(each.series, each.model) for each in found} == {("brent-spot", "adaptive-garch-t")}


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    done = run(*USUAL, "--by", "moon", "--by", "gap")

    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.split())
    assert f"'moon': expected {', '.join(NAMES)} or all" in told


@pytest.mark.parametrize("words", [("--each",), ("--window", "0,5")])
def test_other_windows_and_single_sessions_do_not_stand_with_it(words: tuple[str, ...]) -> None:
    done = run(*USUAL, "--by", "gap", *words)

    assert done.returncode == 2
    assert "leave out --window and --each" in " ".join(done.stderr.split())


def test_it_does_not_stand_with_bars() -> None:
    done = run("--intraday", "--by", "gap")

    assert done.returncode == 2
    assert "--by cannot be used with --intraday" in " ".join(done.stderr.split())
