"""`brentwatch study` as a person or a program meets it."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from tests.core.event_study.series import BRENT, ROOT, WTI

from brentwatch import cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EVENTS = "event_id,date\nabqaiq,2019-09-14T00:45:00Z\nkazakhstan,2022-01-05\nlibya,2011-02-21\n"
BY_DAY = (
    "study: 2 events with a date and no time (kazakhstan, libya): the hour is not known, so the news may "
    "belong to the session of that day or to the next; tau 0 is the first of the two\n"
)
EVENT_HEADER = (
    "event,model,window,session,tau,ar,t,p,low,high,rank_p,car,car_t,car_p,car_low,car_high,alpha,beta,"
    "sigma,df"
)
AGGREGATE_HEADER = "model,window,tau,n,aar,aar_test,aar_t,aar_p,caar,caar_test,caar_t,caar_p"
WTI_LINES = [line for line in WTI.read_text().splitlines()[1:] if line < "2020"]
CATALOGUE = BRENT.parent / "events.jsonl"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    model = () if "--model" in arguments else ("--model", "constant-mean")
    code = cli.main(["study", *map(str, arguments), *model])
    told = capsys.readouterr()
    return code, told.out, told.err


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_csv_has_its_exact_header_a_row_a_session_and_twelve_digits(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, events, "--prices", BRENT, "--format", "csv")
    rows = records(out)
    abqaiq = next(row for row in rows if row["tau"] == "0")

    assert code == 0
    assert err.endswith(BY_DAY)
    assert all(" was read as comma-separated text" in line for line in err.splitlines()[:-1])
    assert out.splitlines()[0] == EVENT_HEADER
    assert [row["tau"] for row in rows] == [str(tau) for tau in range(-5, 11)] * 3
    assert (abqaiq["event"], abqaiq["session"], abqaiq["df"]) == ("abqaiq", "2019-09-16", "119")
    assert abqaiq["ar"] == "0.111338474274"
    assert abqaiq["beta"] == ""
    assert all(len(value.lstrip("-0.").replace(".", "").split("e")[0]) <= 12 for value in abqaiq.values())


def test_a_program_gets_data_on_standard_output_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, CATALOGUE, "--prices", BRENT, "--format", "csv", "--window", "0,1")

    assert code == 0
    assert len(records(out)) == 82 * 2
    assert err.count("overlap") == 1
    assert "each event is tested alone" in err
    assert all(line.startswith("study: ") for line in err.splitlines())


def test_json_holds_the_same_with_null_for_what_does_not_exist(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text, _ = run(capsys, events, "--prices", BRENT, "--format", "csv")
    _, out, _ = run(capsys, events, "--prices", BRENT, "--format", "json")
    objects = json.loads(out)

    assert list(objects[0]) == EVENT_HEADER.split(",")
    assert objects[0]["beta"] is None
    assert [
        {
            key: "" if value is None else str(value)
            for key, value in each.items()
            if not isinstance(value, float)
        }
        for each in objects
    ] == [
        {key: row[key] for key in ("event", "model", "window", "session", "tau", "beta", "df")}
        for row in records(text)
    ]
    assert [each["ar"] for each in objects] == [float(row["ar"]) for row in records(text)]


def test_the_average_has_its_exact_header_and_never_a_nan(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (events, "--prices", BRENT, "--aggregate", "--window", "0,3")
    code, out, _ = run(capsys, *arguments, "--format", "csv")
    _, data, _ = run(capsys, *arguments, "--format", "json")

    assert code == 0
    assert out.splitlines()[0] == AGGREGATE_HEADER
    assert [(row["tau"], row["n"]) for row in records(out)] == [(str(tau), "3") for tau in range(4)]
    assert all(math.isfinite(float(row["caar_t"])) for row in records(out))
    assert list(json.loads(data)[0]) == AGGREGATE_HEADER.split(",")


def test_what_one_event_cannot_say_is_an_empty_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "one.csv"
    alone.write_text("event_id,date\na,2022-01-05\n")
    _, out, _ = run(capsys, alone, "--prices", BRENT, "--aggregate", "--format", "csv")

    assert (records(out)[0]["n"], records(out)[0]["aar_t"]) == ("1", "")
    assert "nan" not in out.lower()


def test_the_market_model_tells_its_line_and_what_the_benchmark_lacks(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    market = ("--model", "market", "--benchmark", WTI, "--format", "csv")
    code, out, err = run(capsys, events, "--prices", BRENT, *market)

    assert code == 5
    assert {row["event"] for row in records(out)} == {"abqaiq"}
    assert {row["df"] for row in records(out)} == {"118"}
    assert float(records(out)[0]["beta"]) == pytest.approx(0.6, abs=0.01)
    assert "study: libya: 0 returns with a benchmark value before" in err
    assert "study: abqaiq: 3 sessions in its estimation window without a return of the benchmark" in err
    assert "2019-07-04" in err


def test_market_adjusted_has_no_alpha_and_a_beta_of_one(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ("--model", "market-adjusted", "--benchmark", WTI, "--format", "csv")
    _, out, _ = run(capsys, events, "--prices", BRENT, *model)

    assert {(row["alpha"], row["beta"], row["df"]) for row in records(out)} == {("", "1", "119")}


def test_refused_events_are_told_with_their_reason_and_exit_with_5(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events.write_text(f"{EVENTS}early,2001-02-01\nlate,2030-01-01\nbad,soon\n")
    code, out, err = run(capsys, events, "--prices", BRENT, "--format", "csv")

    assert code == 5
    assert len(records(out)) == 3 * 16
    assert "study: early: 11 returns before its event window and a gap of 5 sessions; expected 120" in err
    assert "study: late: no session settles after the event: the prices end on 2026-08-18" in err
    assert "study: row 7 of " in err


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize("aggregate", [(), ("--aggregate",)])
def test_where_all_events_are_refused_nothing_matched(
    form: str, aggregate: tuple[str, ...], events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events.write_text("event_id,date\nlate,2030-01-01\n")
    code, out, err = run(capsys, events, "--prices", BRENT, "--format", form, *aggregate)

    assert code == 4
    assert out.count("\n") <= 1
    assert err.splitlines()[-1] == "study: no event has a result"


def test_a_person_sees_a_row_an_event_and_how_far_to_trust_it(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, events, "--prices", BRENT)
    flat = " ".join(out.split())

    assert code == 0
    assert "abqaiq Mon 16 Sep 2019 +11.8 % < 0.002 0.0083" in flat
    assert "2.7 times too many alarms" in flat


def test_a_person_sees_of_a_single_event_every_session_and_of_an_average_too(
    tmp_path: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "one.csv"
    alone.write_text("event_id,date\n[red]a,2022-01-05\n")
    _, one, _ = run(capsys, alone, "--prices", BRENT)
    _, average, _ = run(capsys, events, "--prices", BRENT, "--aggregate")

    assert "[red]a" in one
    assert "Wed 5 Jan 2022 0 +1.6 % 0.49" in " ".join(one.split())
    assert "averages of 3 events" in average


def test_an_event_in_a_hole_of_the_prices_is_placed_on_the_next_session_and_told(
    tmp_path: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = BRENT.read_text().splitlines()
    prices = tmp_path / "prices.csv"
    prices.write_text("\n".join(line for line in lines if not line.startswith("2022-01-0")) + "\n")
    _, _, err = run(capsys, events, "--prices", prices)

    assert "study: kazakhstan, known 2022-01-05, is placed on 2022-01-10, 5 days later" in err


def test_other_headers_by_option(tmp_path: Path, events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = tmp_path / "fred.csv"
    prices.write_text(BRENT.read_text().replace("date,usd_per_bbl", "observation_date,DCOILBRENTEU"))
    columns = ("--date-column", "observation_date", "--price-column", "DCOILBRENTEU")
    _, plain, _ = run(capsys, events, "--prices", BRENT, "--format", "csv")
    _, named, _ = run(capsys, events, "--prices", prices, "--format", "csv", *columns)

    assert named == plain
    assert run(capsys, events, "--prices", prices, "--price-column", "WTI")[0] == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "capm"), "expected one of constant-mean, market-adjusted, market"),
        (("--model", "garch-t", "--aggregate"), "--aggregate belongs to the classical study"),
        (("--model", "garch-t", "--window", "-5,10"), "window [-5, 10] starts at -5; expected 0"),
        (("--html", "page.html"), "constant-mean is a classical model"),
        (("--model", "market"), "add --benchmark FILE"),
        (("--window", "5"), "such as 0,1"),
        (("--window", "5,-5"), "ends before it starts"),
        (("--estimation", "2"), "the estimation window has 2 sessions"),
        (("--gap", "-1"), "the gap has -1 sessions"),
    ],
)
def test_a_slip_of_the_hand_is_told_as_usage(
    arguments: tuple[str, ...], told: str, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, events, "--prices", BRENT, *arguments)

    assert (code, out) == (2, "")
    assert told in " ".join(err.split())


@pytest.mark.parametrize("content", [None, b"day,price\n", b"date,usd_per_bbl\n2022-01-04,x\n", b"PAR1"])
def test_prices_that_cannot_be_read_are_told_in_a_sentence(
    content: bytes | None, tmp_path: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = tmp_path / "prices"
    if content is not None:
        prices.write_bytes(content)
    code, out, err = run(capsys, events, "--prices", prices)

    assert (code, out) == (7, "")
    assert err.startswith("brentwatch: ")


def test_a_benchmark_that_nobody_asked_for_is_not_read(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, events, "--prices", BRENT, "--benchmark", "nowhere.csv")

    assert code == 0
    assert "study: constant-mean uses no benchmark: nowhere.csv is not read" in err


def test_events_come_from_standard_input_too() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "brentwatch",
            "study",
            "-",
            "--prices",
            str(BRENT),
            "--window",
            "-5,10",
            "--format",
            "csv",
        ],
        input=EVENTS,
        env={**os.environ, "COLUMNS": "110"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr.endswith(BY_DAY)
    assert "study: standard input was read as comma-separated text in UTF-8" in done.stderr
    assert len(records(done.stdout)) == 3 * 16


def test_a_row_without_a_statistic_is_an_empty_field_and_other_tests_stay(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Two events of one session do not differ at all: no cross-section, and Patell still answers."""
    twice = tmp_path / "twice.csv"
    twice.write_text("event_id,date\na,2019-09-16\nb,2019-09-16\n")
    words = ("--window", "0,1", "--aggregate", "--format", "csv")
    _, out, _ = run(capsys, twice, "--prices", BRENT, *words)
    _, tests, _ = run(capsys, twice, "--prices", BRENT, *words, "--show", "tests")
    rows = records(out) + records(tests)

    assert [(row["aar_test"], row["aar_t"]) for row in records(out)] == [("", ""), ("", "")]
    assert all(row["statistic"] for row in records(tests) if row["test"] == "kolari-pynnonen-patell")
    assert not {"nan", "inf", "-inf"} & {cell for row in rows for cell in row.values()}


def test_factors_are_columns_of_prices_or_of_returns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same two factors as levels and as returns in percent, in the manner of Fama and French."""
    events = tmp_path / "events.csv"
    events.write_text("event,date\nAbqaiq,2019-09-16\n")
    levels, returns = tmp_path / "levels.csv", tmp_path / "returns.csv"
    closes = [(line.split(",")[0], float(line.split(",")[1])) for line in WTI_LINES]
    growth = [0.0, *(100.0 * math.log(b / a) for (_, a), (_, b) in pairwise(closes))]
    wave = [math.sin(place) for place in range(len(closes))]
    level, rows, changes = 0.0, [], []
    for (day, close), move, swing in zip(closes, growth, wave, strict=True):
        level += swing / 100.0
        rows.append(f"{day},{close!r},{100.0 * math.exp(level)!r}")
        changes.append(f"{day},{move!r},{swing!r}")
    levels.write_text("\n".join(["date,oil,swing", *rows]))
    returns.write_text("\n".join(["date,oil,swing", *changes]))
    words = ("--model", "factors", "--benchmark-column", "oil", "--benchmark-column", "swing")
    found = []
    for path, values in ((levels, "prices"), (returns, "percent")):
        given = ("--benchmark", path, "--benchmark-values", values, *words)
        code, out, _ = run(capsys, events, *given, "--format", "csv")
        found.append((code, [float(row["car"]) for row in records(out)]))
        _, shown, _ = run(capsys, events, *given, "--show", "diagnostics", "--format", "csv")
        assert [row["factor"] for row in records(shown)] == ["oil", "swing"]
        assert float(records(shown)[0]["beta"]) == pytest.approx(0.6, abs=0.05)

    assert found[0][0] == found[1][0] == 0
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-9)
    assert run(capsys, events, "--model", "market", "--benchmark", levels, *words[2:])[0] == 2


def test_percent_that_is_given_as_fractions_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, returns = tmp_path / "events.csv", tmp_path / "returns.csv"
    events.write_text("event,date\nAbqaiq,2019-09-16\n")
    returns.write_text("date,oil\n" + "".join(f"{line.split(',')[0]},0.5\n" for line in WTI_LINES))
    words = ("--model", "factors", "--benchmark", returns, "--benchmark-column", "oil")
    code, _, err = run(capsys, events, *words, "--benchmark-values", "returns")

    assert code == 7
    assert "choose another of --benchmark-values" in err
