"""`brentwatch calibrate`: the documented sizes on the bundled prices, tables, and errors of bad input."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from scipy.stats import kstest
from tests.prices.markets import ordinary

from brentwatch import cli
from brentwatch.core.sessions.roll import find_spliced_sessions

pytestmark = pytest.mark.slow

PRICES = str(files("brentwatch.history") / "data" / "catalogue" / "prices.csv")
SHARES = ("size", *(f"size_fifth_{number}" for number in range(1, 6)), "size_after_shock")
SIZES = ",".join(
    ["model,window,nominal,n", *(column for share in SHARES for column in (share, f"{share}_error"))]
)
ADAPTIVE = ("adaptive-garch-t", "adaptive-rank")


def run(*words: str, given: str = "", columns: int = 110) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", "calibrate", *words],
        env={**os.environ, "COLUMNS": str(columns)},
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


@pytest.mark.parametrize("model", ADAPTIVE)
def test_beside_each_size_stands_its_monte_carlo_error(model: str) -> None:
    """At least that of as many independent tests, and more where windows overlap."""
    for nominal in ("0.05", "0.01"):
        alone, overlapping = sizes()[model, "0,0", nominal], sizes()[model, "0,5", nominal]
        level = max(alone["size"], float(nominal))
        independent = (level * (1 - level) / alone["n"]) ** 0.5
        assert independent - 1e-12 <= alone["size_error"] <= 1.5 * independent
        assert overlapping["size_error"] > 1.3 * independent
        assert all(alone[f"{share}_error"] > 2.0 * independent for share in SHARES[1:])


def test_for_people_there_is_a_table() -> None:
    done = run("--prices", PRICES, "--model", "ewma-rank")

    shown = " ".join(done.stdout.split())
    assert "ewma-rank 0,0 0.05 6004 0.0515 ± 0.0029 0.0541 ± 0.0066" in shown
    assert "ewma-rank 0,0 0.05 0.0674 0.0483 0.0450 0.0483 0.0483" in shown
    # A slow machine also shows progress.
    how, model = (line for line in done.stderr.splitlines() if " left" not in line)
    assert how.endswith("header in row 1, date from 'date', price from 'usd_per_bbl'")
    assert model == "calibrate: ewma-rank on 6,505 sessions"


def test_without_prices_it_takes_the_bundled_brent_spot_and_says_so() -> None:
    done = run("--model", "ewma-rank", "--format", "csv")

    assert done.stdout == run("--prices", PRICES, "--model", "ewma-rank", "--format", "csv").stdout
    assert "no --prices given: using the bundled Brent spot prices, 6,505 sessions from 2001" in done.stderr


def test_an_instrument_of_another_series_needs_prices() -> None:
    done = run("--instrument", "brent-front")

    assert (done.returncode, done.stdout) == (3, "")
    assert "only prices of brent-spot are bundled; give --prices FILE or --fetch brent-front" in done.stderr


@pytest.mark.parametrize("words", [(), ("--by", "all"), ("--each", "--from", "2026-08-01")])
def test_no_table_is_wider_than_80_columns_or_cut(words: tuple[str, ...]) -> None:
    done = run("--model", "adaptive-garch-t", *words, columns=80)

    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in done.stdout
    headings = [line for line in done.stdout.splitlines() if line.startswith("model ")]
    assert all("level" in line or "test" in line or "session" in line for line in headings), "a split table"


def test_long_work_shows_its_progress_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brentwatch.commands.progress.QUIET_SECONDS", 0.0)
    monkeypatch.setattr("brentwatch.commands.progress.LINE_SECONDS", 0.0)
    assert cli.main(["calibrate", "--model", "constant-mean", "--format", "csv"]) == 0

    shown = capsys.readouterr()
    assert "of 6,505 sessions" in shown.err
    assert "calibrate: 6,505 of 6,505 sessions (100 %)" in shown.err
    assert "sessions" not in shown.out


WITH_A_BAR_AT_ONCE = """
import sys
from brentwatch import cli
from brentwatch.commands import progress
progress.QUIET_SECONDS = 0.0
sys.exit(cli.main(sys.argv[1:]))
"""


def test_on_a_terminal_sentences_stand_above_the_bar() -> None:
    master, slave = os.openpty()
    words = ["calibrate", "--model", "garch-t", "--model", "ewma-rank", "--format", "csv"]
    started = subprocess.Popen(
        [sys.executable, "-c", WITH_A_BAR_AT_ONCE, *words],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    with suppress(OSError):  # how a terminal ends
        while part := os.read(master, 65_536):
            shown += part
    os.close(master)

    assert started.wait() == 0
    assert b"of 13,010 sessions" in shown
    (line,) = re.findall(rb"([^\r\n]*)calibrate: ewma-rank on 6,505 sessions", shown)
    assert b"calibrate" not in line, "the sentence was appended to the bar"


def test_an_unknown_model_names_those_there_are() -> None:
    done = run("--prices", PRICES, "--model", "egarch")

    assert done.returncode == 3
    assert "no model is called 'egarch'; expected one of adaptive-garch-t" in done.stderr


def test_a_window_that_does_not_begin_with_the_session_is_refused() -> None:
    done = run("--prices", PRICES, "--model", "ewma-rank", "--window=-1,1")

    assert done.returncode == 7
    assert "window [-1, 1] begins at tau -1; expected 0" in done.stderr


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
            "session, and the first session that can be tested comes after 500; give more price history"
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


@pytest.mark.parametrize("rule", ["brent", "cl"])
def test_the_first_two_returns_after_an_expiry_are_not_tested_and_that_is_said(rule: str) -> None:
    front = {"partition": "0", "series": "own", "calendar": "globex", "settlement": "14:30", "roll": rule}
    given = {**front, "time_zone": "America/New_York"}.items()
    options = [word for key, value in given for word in ("--set", f"instruments.front.{key}={value}")]
    told = ordinary("globex", date(2024, 6, 28), 640)
    rows = "".join(f"{day},{price!r}\n" for day, price in told.items())
    words = (*options, "--instrument", "front", "--model", "ewma-rank", "--each", "--format", "csv")
    done = run("--prices", "-", *words, given=f"date,usd_per_bbl\n{rows}")

    assert done.returncode == 0, done.stderr
    spliced = find_spliced_sessions(rule, list(told))
    assert f"{len(spliced)} returns are the first or second after an expiry (roll rule {rule})" in done.stderr
    tested = {row["session"] for row in csv.DictReader(done.stdout.splitlines())}
    whole = {str(day) for day in list(told)[-50:]}
    assert whole - tested == whole & {str(day) for day in spliced}


def test_several_files_are_joined_and_each_takes_over_on_its_first_day(tmp_path: Path) -> None:
    header, *rows = Path(recent(tmp_path, 700)).read_text(encoding="utf-8").splitlines()
    day, price = rows[399].split(",")
    older, newer = tmp_path / "older.csv", tmp_path / "newer.csv"
    older.write_text("\n".join([header, *rows[:399], f"{day},{float(price) * 1.2}", ""]), encoding="utf-8")
    newer.write_text("\n".join([header, *rows[399:], ""]), encoding="utf-8")
    words = ("--model", "ewma-rank", "--each", "--format", "csv")
    joined = run("--prices", str(older), "--prices", str(newer), *words)

    assert joined.stdout == run("--prices", recent(tmp_path, 700), *words).stdout
    assert "newer.csv was read as comma-separated text" in joined.stderr
    assert f"from {day} on" in joined.stderr


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
