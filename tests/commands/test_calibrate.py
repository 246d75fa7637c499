"""`brentwatch calibrate`: the sizes that are promised, on the bundled prices, and what bad input is told."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from scipy.stats import kstest

PRICES = str(files("brentwatch.history") / "data" / "catalogue" / "prices.csv")
SIZES = (
    "model,window,nominal,n,size,size_fifth_1,size_fifth_2,size_fifth_3,size_fifth_4,size_fifth_5,"
    "size_after_shock"
)
ADAPTIVE = ("adaptive-garch-t", "adaptive-rank")


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", *words],
        env={**os.environ, "COLUMNS": "110"},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def sizes() -> dict[tuple[str, str, str], dict[str, float]]:
    windows = ("--window", "0,0", "--window", "0,1", "--window", "0,5")
    done = run("--prices", PRICES, *windows, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == SIZES
    numbers = SIZES.split(",")[3:]
    return {
        (row["model"], row["window"], row["nominal"]): {name: float(row[name]) for name in numbers}
        for row in csv.DictReader(done.stdout.splitlines())
    }


@cache
def each(model: str) -> list[dict[str, str]]:
    done = run("--prices", PRICES, "--model", model, "--each", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "model,session,ar,sigma,z,p"
    return list(csv.DictReader(done.stdout.splitlines()))


def fifths(found: dict[str, float]) -> list[float]:
    return [found[f"size_fifth_{number}"] for number in range(1, 6)]


@pytest.mark.parametrize("model", ADAPTIVE)
def test_headline_and_companion_have_the_size_they_promise(model: str) -> None:
    usual, rare = sizes()[model, "0,0", "0.05"], sizes()[model, "0,0", "0.01"]

    assert usual["n"] == 6_004
    assert 0.048 <= usual["size"] <= 0.052
    assert 0.035 <= min(fifths(usual)) <= max(fifths(usual)) <= 0.065
    assert 0.008 <= rare["size"] <= 0.013
    assert usual["size_after_shock"] <= 0.063


@pytest.mark.parametrize("window", ["0,1", "0,5"])
@pytest.mark.parametrize("model", ADAPTIVE)
def test_sums_of_sessions_have_the_size_they_promise(model: str, window: str) -> None:
    assert 0.04 <= sizes()[model, window, "0.05"]["size"] <= 0.065


def test_garch_t_keeps_its_wider_promise() -> None:
    usual = sizes()["garch-t", "0,0", "0.05"]

    assert 0.04 <= usual["size"] <= 0.06
    assert 0.03 <= min(fifths(usual)) <= max(fifths(usual)) <= 0.07


def test_the_textbook_alarms_far_too_often_in_turbulent_weeks() -> None:
    assert fifths(sizes()["constant-mean", "0,0", "0.05"])[-1] > 0.12


def test_the_companion_is_uniform() -> None:
    assert kstest([float(row["p"]) for row in each("adaptive-rank")], "uniform").pvalue > 0.05


def test_each_row_fits_together() -> None:
    for row in each("adaptive-garch-t")[::100]:
        assert float(row["z"]) == pytest.approx(float(row["ar"]) / float(row["sigma"]), rel=1e-9)
    assert len(each("adaptive-garch-t")) == 6_004


def test_sessions_before_the_date_are_not_counted() -> None:
    done = run(
        "--prices", PRICES, "--model", "ewma-rank", "--from", "2020-01-01", "--each", "--format", "json"
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert rows[0]["session"] == "2020-01-02"
    assert rows[0].keys() == {"model", "session", "ar", "sigma", "z", "p"}


def test_for_people_there_is_a_table() -> None:
    done = run("--prices", PRICES, "--model", "ewma-rank")

    assert "ewma-rank 0,0 0.0500 6004 0.0515 0.0674 0.0483" in " ".join(done.stdout.split())
    how, model = done.stderr.splitlines()
    assert how.endswith("header in row 1, date from 'date', price from 'usd_per_bbl'")
    assert model == "calibrate: ewma-rank on 6,505 sessions"


def test_an_unknown_model_names_those_there_are() -> None:
    done = run("--prices", PRICES, "--model", "egarch")

    assert done.returncode == 3
    assert "no model is called 'egarch': choose one of adaptive-garch-t" in done.stderr


def test_a_window_that_does_not_begin_with_the_session_is_refused() -> None:
    done = run("--prices", PRICES, "--model", "ewma-rank", "--window=-1,1")

    assert done.returncode == 7
    assert "window [-1, 1] begins at tau -1; 0 was wanted" in done.stderr


@pytest.mark.parametrize("window", ["5", "a,b", "1,0"])
def test_a_window_that_is_none_is_told(window: str) -> None:
    assert run("--prices", PRICES, "--window", window).returncode in (2, 7)


def test_every_fault_of_a_price_file_is_told() -> None:
    done = run("--prices", "-", given="date,usd_per_bbl\n2022-01-05,eighty\n2022-13-05,80\n")

    assert done.returncode == 7
    assert done.stderr.count("brentwatch: row ") == 2


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    done = run("--prices", str(tmp_path / "none.csv"))

    assert done.returncode == 7
    assert "cannot be read: No such file" in done.stderr


def recent(folder: Path, count: int, *more: str) -> str:
    """The newest rows of the bundled prices but one year, and `more`, as a file."""
    rows = Path(PRICES).read_text(encoding="utf-8").splitlines()[1:-250][-count:]
    path = folder / "prices.csv"
    path.write_text("\n".join(["date,usd_per_bbl", *rows, *more, ""]), encoding="utf-8")
    return str(path)


def test_too_few_prices_are_no_result_and_say_why(tmp_path: Path) -> None:
    done = run("--prices", recent(tmp_path, 400), "--format", "csv")

    assert (done.returncode, done.stdout) == (4, "")
    for model in ("adaptive-garch-t", "ewma-rank"):
        assert (
            f"calibrate: {model}, window [0, 0]: no session was tested: 400 prices give 399 returns of one "
            "session, and the first session that can be tested comes after 500: give more price history"
        ) in done.stderr


def test_a_beginning_after_the_last_session_is_no_result(tmp_path: Path) -> None:
    prices = recent(tmp_path, 600)
    for words in ((), ("--each",)):
        done = run("--prices", prices, "--model", "ewma-rank", "--from", "2030-01-01", *words)
        assert (done.returncode, done.stdout) == (4, "")
        assert "no session from 2030-01-01 on was tested" in done.stderr


def test_a_window_without_a_result_is_said_beside_the_others(tmp_path: Path) -> None:
    windows = ("--window", "0,0", "--window", "0,900")
    done = run("--prices", recent(tmp_path, 600), "--model", "ewma-rank", *windows, "--format", "csv")

    assert done.returncode == 5
    assert [row["window"] for row in csv.DictReader(done.stdout.splitlines())] == ["0,0", "0,0"]
    assert "calibrate: ewma-rank, window [0, 900]: no session was tested: none of the " in done.stderr


def test_rows_of_a_weekend_change_no_size_and_are_said(tmp_path: Path) -> None:
    words = ("--model", "ewma-rank", "--each", "--format", "csv")
    without = run("--prices", recent(tmp_path, 700), *words)
    sunday = run("--prices", recent(tmp_path, 700, "2024-09-15,61.50"), *words)

    assert sunday.stdout == without.stdout
    assert "1 row is left out (2024-09-15): no session trades on a Saturday or Sunday" in sunday.stderr


def test_a_return_over_missing_sessions_is_not_tested_and_is_said(tmp_path: Path) -> None:
    path = Path(recent(tmp_path, 700))
    rows = path.read_text(encoding="utf-8").splitlines()
    gone, after = rows[650].partition(",")[0], rows[652].partition(",")[0]
    path.write_text("\n".join([*rows[:650], *rows[652 - 1 :], ""]), encoding="utf-8")
    done = run("--prices", str(path), "--model", "ewma-rank", "--each", "--format", "csv")
    tested = [row["session"] for row in csv.DictReader(done.stdout.splitlines())]
    spanning = rows[651].partition(",")[0]

    assert spanning not in tested
    assert after in tested
    assert (
        f"1 session has no price ({gone}): 1 return spans more than one session ({spanning})" in done.stderr
    )
