"""`brentwatch study --show tests` and `--show diagnostics` against other ways to the same figures."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from tests.core.event_study.series import BRENT, WTI, prices, row_of

from brentwatch import bundled_prices, cli, session_tests

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain.arrays import Floats

pytestmark = pytest.mark.slow


EVENTS = (
    "event_id,date\nabqaiq,2019-09-14T00:45:00Z\nkazakhstan,2022-01-05\nlibya,2011-02-21\nearly,2001-08-01\n"
)
OVERLAPPING = "event_id,date\negypt,2011-01-25\nlibya,2011-02-01\nabqaiq,2019-09-16\n"
TESTS_HEADER = "event,model,window,session,quantity,value,test,p"
LONG_HEADER = "model,window,test,quantity,tau,statistic,p,df,n,valid,null,note"
DIAGNOSTICS_HEADER = (
    "event,model,window,factor,n,alpha,alpha_se,alpha_hac_se,beta,beta_se,beta_hac_se,arch_lm_p,ljung_box_p,"
    "jarque_bera_p"
)
MARKET = ("--model", "market", "--benchmark", str(WTI))
ADJUSTED = ("--model", "market-adjusted", "--benchmark", str(WTI))


def run(
    capsys: pytest.CaptureFixture[str], folder: Path, events: str, *arguments: str, form: str = "csv"
) -> tuple[int, str, str]:
    path = folder / "events.csv"
    path.write_text(events)
    model = () if "--model" in arguments else ("--model", "constant-mean")
    code = cli.main(["study", str(path), "--prices", str(BRENT), "--format", form, *model, *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def find(rows: list[dict[str, str]], name: str, quantity: str, test: str = "") -> dict[str, str]:
    """The row of an event, a quantity and a test."""
    (row,) = (
        each for each in rows if (each["event"], each["quantity"], each["test"]) == (name, quantity, test)
    )
    return row


@cache
def returns() -> Floats:
    """Row i is the return into session i."""
    closes = np.array(list(prices(BRENT).values()))
    return np.concatenate([[0.0], np.diff(np.log(closes))])


def parts(session: str, window: tuple[int, int] = (-5, 10)) -> tuple[Floats, Floats]:
    """The estimation and the event returns around a session, by the default design."""
    at = row_of(session)
    first = at + window[0]
    return returns()[first - 125 : first - 5], returns()[first : at + window[1] + 1]


def plain_permutation(session: str) -> float:
    """Exchange by exchange: how many have a difference of means as large?"""
    estimation, event = parts(session)
    both, n, length = np.concatenate([estimation, event]), len(estimation), len(event)
    scores = np.random.default_rng([n + length, length]).random((999, n + length))
    observed, as_far = abs(event.mean() - estimation.mean()), 0
    for score in scores:
        taken = set(np.argsort(score)[:length].tolist())
        one = np.mean([both[row] for row in taken])
        other = np.mean([both[row] for row in range(n + length) if row not in taken])
        as_far += abs(one - other) >= observed - 1e-12
    return (1 + as_far) / 1000


NAMES = ("abqaiq", "kazakhstan", "libya", "early")


def test_an_event_has_a_row_for_each_quantity_and_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, tmp_path, EVENTS, "--show", "tests")
    _, plain, _ = run(capsys, tmp_path, EVENTS)
    at_zero = {row["event"]: row for row in records(plain) if row["tau"] == "0"}
    at_end = {row["event"]: row for row in records(plain) if row["tau"] == "10"}
    rows = records(out)

    assert code == 0
    assert "study: 3 events with a date and no time (kazakhstan, libya, early): the hour is not" in err
    assert out.splitlines()[0] == TESTS_HEADER
    assert tuple(dict.fromkeys(row["event"] for row in rows)) == NAMES
    assert [(row["quantity"], row["test"]) for row in rows[:8]] == [
        ("ar", "t"),
        ("ar", "rank"),
        ("ar", "ewma-rank"),
        ("car", "t"),
        ("car", "permutation"),
        ("car", "holm"),
        ("car", "bh"),
        ("bhar", ""),
    ]
    for name in NAMES:
        ar, rank, car = (find(rows, name, *key) for key in (("ar", "t"), ("ar", "rank"), ("car", "t")))
        assert (ar["session"], ar["value"], ar["p"]) == tuple(
            at_zero[name][key] for key in ("session", "ar", "p")
        )
        assert rank["p"] == at_zero[name]["rank_p"]
        assert (car["value"], car["p"]) == (at_end[name]["car"], at_end[name]["car_p"])


def test_the_ewma_rank_is_the_session_test_of_the_project_and_empty_where_history_is_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests")
    rows = {row["event"]: row for row in records(out) if row["test"] == "ewma-rank"}
    tested = session_tests(bundled_prices(), "ewma-rank")["p"]

    assert rows.pop("early")["p"] == ""
    assert [float(row["p"]) for row in rows.values()] == pytest.approx(
        [tested.loc[row["session"]] for row in rows.values()], rel=1e-9
    )


def test_bhar_and_permutation_are_those_of_a_plain_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests")

    for name in NAMES:
        row, exchanged = find(records(out), name, "bhar"), find(records(out), name, "car", "permutation")
        estimation, event = parts(row["session"])
        gained = normal = 1.0
        for each in event.tolist():
            gained *= math.exp(each)
            normal *= math.exp(float(estimation.mean()))
        assert float(row["value"]) == pytest.approx(gained - normal, rel=1e-9)
        assert float(exchanged["p"]) == pytest.approx(plain_permutation(row["session"]))


def test_bhar_of_the_market_model_is_over_its_own_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", *MARKET)
    row, car = find(records(out), "abqaiq", "bhar"), find(records(out), "abqaiq", "car", "t")
    _, event = parts(row["session"])

    assert float(row["value"]) == pytest.approx(
        math.exp(event.sum()) - math.exp(event.sum() - float(car["value"])), rel=1e-9
    )


def test_p_is_corrected_for_the_batch_by_holm_and_by_benjamini_and_hochberg(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--window", "0,1")
    by_test = {
        test: [float(find(records(out), name, "car", test)["p"]) for name in NAMES]
        for test in ("t", "holm", "bh")
    }
    order = np.argsort(by_test["t"])
    p, n = [by_test["t"][place] for place in order], len(order)
    holm = [max(min(1.0, (n - place) * p[place]) for place in range(rank + 1)) for rank in range(n)]
    fdr = [min(min(1.0, n / (place + 1) * p[place]) for place in range(rank, n)) for rank in range(n)]

    assert n == 4
    assert [by_test["holm"][place] for place in order] == pytest.approx(holm, rel=1e-9)
    assert [by_test["bh"][place] for place in order] == pytest.approx(fdr, rel=1e-9)
    assert holm != pytest.approx(fdr)


def test_without_tau_0_in_the_window_there_is_no_abnormal_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--window", "1,3")

    assert {row["quantity"] for row in records(out)} == {"car", "bhar"}
    assert all(row["p"] for row in records(out) if row["test"])
    assert records(out)[0]["session"] == "2019-09-16"


def test_several_windows_are_several_studies_in_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--window", "0,0", "--window", "0,1")
    _, out, _ = run(capsys, tmp_path, EVENTS, *words)
    _, alone, _ = run(capsys, tmp_path, EVENTS, *words[2:])

    assert [row["window"] for row in records(out)[:5]] == ["[0, 0]"] * 4 + ["[0, 1]"]
    assert [row for row in records(out) if row["window"] == "[0, 1]"] == records(alone)


TESTS = (
    "cross-sectional", "patell", "bmp", "brown-warner", "corrado", "sign", "wilcoxon", "grank-t", "bhar",
)  # fmt: skip
CORRECTED = ("kolari-pynnonen-bmp", "kolari-pynnonen-patell")


def test_the_average_has_a_row_for_each_test_and_tau_with_its_null_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--aggregate")
    rows = records(out)

    assert out.splitlines()[0] == LONG_HEADER
    assert tuple(dict.fromkeys(row["test"] for row in rows)) == (*TESTS, *CORRECTED)
    assert [row["tau"] for row in rows[:16]] == [str(tau) for tau in range(-5, 11)]
    assert {row["quantity"] for row in rows} == {"aar", "caar", "bhar"}
    assert {row["n"] for row in rows} == {"4"}
    assert {row["df"] for row in rows if row["test"] == "cross-sectional"} == {"3"}
    assert all(row["null"] and (row["note"] == "") == (row["valid"] == "True") for row in rows)
    assert all((row["statistic"] == "") == (row["test"] in CORRECTED) for row in rows)


def test_the_average_is_shown_with_the_test_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Egypt and Libya are five sessions apart: from tau 0 on their cumulated windows share sessions."""
    _, out, _ = run(capsys, tmp_path, OVERLAPPING, "--aggregate")
    _, tests, _ = run(capsys, tmp_path, OVERLAPPING, "--aggregate", "--show", "tests")
    found = {(row["test"], row["quantity"], row["tau"]): row for row in records(tests)}

    assert {row["aar_test"] for row in records(out)} == {"bmp"}
    assert [row["caar_test"] for row in records(out)] == ["bmp"] * 5 + ["kolari-pynnonen-bmp"] * 11
    for row in records(out):
        for quantity in ("aar", "caar"):
            used = found[row[f"{quantity}_test"], quantity, row["tau"]]
            assert (used["statistic"], used["p"], used["valid"]) == (
                row[f"{quantity}_t"],
                row[f"{quantity}_p"],
                "True",
            )


def test_a_test_of_independent_events_is_marked_where_their_windows_overlap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, err = run(capsys, tmp_path, OVERLAPPING, "--aggregate", "--show", "tests")
    _, table, _ = run(capsys, tmp_path, OVERLAPPING, "--aggregate", "--show", "tests", form="table")
    rows = [row for row in records(out) if row["test"] in TESTS]
    marked = [row for row in rows if row["note"]]

    assert records(out)[0]["test"] == CORRECTED[0]
    assert {row["note"] for row in marked} == {"not valid here (windows overlap)"}
    assert {row["valid"] for row in marked} == {"False"}
    assert all(bool(row["note"]) == (row["quantity"] != "aar" and int(row["tau"]) >= 0) for row in rows)
    assert err.count("overlap") == 1
    assert "the event windows [-5, 10] of 2 events overlap (egypt, libya)" in err
    assert "bmp CAAR[-5, 10] not valid here (windows overlap)" in " ".join(table.split())


def test_bhar_t_is_the_t_of_relative_wealth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--aggregate")
    _, each, _ = run(capsys, tmp_path, EVENTS, "--show", "tests")
    cars = [float(find(records(each), name, "car", "t")["value"]) for name in NAMES]
    wealth = np.expm1(cars)
    last = [row for row in records(out) if row["test"] == "bhar"][-1]

    assert float(last["statistic"]) == pytest.approx(
        math.sqrt(4) * wealth.mean() / wealth.std(ddof=1), rel=1e-9
    )


def test_what_overlaps_in_the_calendar_is_corrected_where_it_does_and_else_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, apart, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--aggregate")
    _, shared, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", "--aggregate")
    rows = [row for row in records(apart) if row["test"] in CORRECTED]
    cumulated = [row for row in records(shared) if (row["test"], row["quantity"]) == (CORRECTED[0], "caar")]

    assert len(rows) == 4 * 16
    assert {(row["statistic"], row["p"], row["df"]) for row in rows} == {("", "", "")}
    assert all(row["note"].startswith("no two events share a session") for row in rows)
    assert [bool(row["statistic"]) for row in cumulated] == [False] * 5 + [True] * 11


def test_one_event_leaves_tests_of_a_spread_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(
        capsys, tmp_path, "event_id,date\na,2019-09-16\n", "--show", "tests", "--aggregate", form="json"
    )
    rows = json.loads(out)
    refused = next(row for row in rows if row["test"] == "bhar")

    assert refused["statistic"] is None
    assert refused["note"] == "events given: 1; expected 2 or more; give more events"
    assert next(row for row in rows if row["test"] == "patell")["note"] is None
    assert "nan" not in out.lower()


@pytest.mark.parametrize("model", [(), MARKET], ids=["constant-mean", "market"])
def test_estimates_and_their_errors_are_those_of_statsmodels(
    model: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Newey-West by `fit(cov_type="HAC")`, four lags of 120 sessions."""
    code, out, _ = run(capsys, tmp_path, "event_id,date\na,2019-09-16\n", "--show", "diagnostics", *model)
    (row,) = records(out)
    own, x = parts("2019-09-16")[0], np.ones((120, 1))
    if model:
        own, market = line("2019-09-16")
        x = np.column_stack([np.ones(120), market])
    usual = sm.OLS(own, x).fit()
    robust = sm.OLS(own, x).fit(cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True})

    assert (code, out.splitlines()[0], row["n"]) == (0, DIAGNOSTICS_HEADER, "120")
    for place, name in enumerate(("alpha", "beta")[: len(usual.params)]):
        assert float(row[name]) == pytest.approx(usual.params[place], rel=1e-8)
        assert float(row[f"{name}_se"]) == pytest.approx(usual.bse[place], rel=1e-8)
        assert float(row[f"{name}_hac_se"]) == pytest.approx(robust.bse[place], rel=1e-8)
    assert (row["beta"] == "") == (model == ())


def line(session: str) -> tuple[Floats, Floats]:
    """The 120 newest returns of Brent and WTI, over the same two sessions, before the window and the gap."""
    days, pairs = list(prices(BRENT)), []
    for before, day in pairwise(days[: row_of(session) - 10]):
        if before in prices(WTI) and day in prices(WTI):
            pairs.append([math.log(values[day] / values[before]) for values in (prices(BRENT), prices(WTI))])
    own, market = np.array(pairs[-120:]).T
    return own, market


def test_the_long_run_error_is_the_sum_of_newey_and_west(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By hand: (n / (n - 1)) (g0 + 2 sum (1 - lag / 5) g_lag) / n, g the autocovariances."""
    _, out, _ = run(capsys, tmp_path, "event_id,date\na,2019-09-16\n", "--show", "diagnostics")
    left = parts("2019-09-16")[0] - parts("2019-09-16")[0].mean()
    covariances = [float(left[lag:] @ left[: 120 - lag]) / 120 for lag in range(5)]
    long_run = covariances[0] + 2.0 * sum((1.0 - lag / 5.0) * covariances[lag] for lag in range(1, 5))

    assert float(records(out)[0]["alpha_hac_se"]) == pytest.approx(
        math.sqrt(120.0 / 119.0 * long_run / 120.0), rel=1e-9
    )


def test_what_a_model_does_not_estimate_is_empty_and_its_residuals_are_diagnosed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, "event_id,date\na,2019-09-16\n", "--show", "diagnostics", *ADJUSTED)
    (row,) = records(out)
    own, market = line("2019-09-16")
    left = own - market
    residual = sm.stats.diagnostic.acorr_ljungbox(left, lags=[10])["lb_pvalue"].iloc[0]

    assert [row[name] for name in DIAGNOSTICS_HEADER.split(",")[5:11]] == [""] * 6
    assert float(row["ljung_box_p"]) == pytest.approx(residual, rel=1e-8)


def test_what_is_not_defined_is_empty_in_csv_and_null_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of eight sessions no square is regressed on five before it."""
    words = ("--show", "diagnostics", "--estimation", "8")
    _, out, _ = run(capsys, tmp_path, EVENTS, *words)
    _, text, _ = run(capsys, tmp_path, EVENTS, *words, form="json")

    assert {(row["arch_lm_p"], row["ljung_box_p"]) for row in records(out)} == {("", "")}
    assert {(row["arch_lm_p"], row["ljung_box_p"]) for row in json.loads(text)} == {(None, None)}
    assert all(row["jarque_bera_p"] for row in records(out))


def test_an_average_has_no_estimation_window_and_the_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, tmp_path, EVENTS, "--show", "diagnostics", "--aggregate")

    assert (code, out) == (2, "")
    assert "leave --aggregate out, or give --show tests with it" in " ".join(err.split())


@pytest.mark.parametrize("show", [("tests",), ("tests", "--aggregate"), ("diagnostics",)])
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_without_a_result_nothing_is_shown(
    show: tuple[str, ...], form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = "event_id,date\nlate,2030-01-01\n"
    code, out, _ = run(capsys, tmp_path, late, "--show", *show, form=form)

    assert code == 4
    assert out.count("\n") <= 1


@pytest.mark.slow
@pytest.mark.parametrize("show", [("rows",), ("rows", "--aggregate"), ("tests",), ("diagnostics",)])
@pytest.mark.parametrize("model", [(), MARKET, ADJUSTED], ids=["mean", "market", "adjusted"])
@pytest.mark.parametrize("width", [80, 110])
def test_a_table_fits_its_width_with_every_figure_whole(
    show: tuple[str, ...],
    model: tuple[str, ...],
    width: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    events = "event_id,date\na-long-name-of-an-event-2019-09,2019-09-16\nnext,2019-10-01\n"
    _, out, _ = run(capsys, tmp_path, events, "--show", *show, *model, form="table")
    lines = out.splitlines()

    assert max(map(len, lines)) <= width
    assert all("…" not in line.removeprefix("…") for line in lines)
    assert "--aggregate" in show or any("2019-09 " in line for line in lines)


def test_a_person_reads_the_tests_and_that_they_are_the_textbooks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, each, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", form="table")
    _, average, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", "--aggregate", form="table")
    _, windows, _ = run(capsys, tmp_path, EVENTS, "--show", "diagnostics", form="table")
    flat = [" ".join(text.split()) for text in (each, average, windows)]

    assert "abqaiq 2019-09-16 +11.8 % <0.002 0.0083 0.0040" in flat[0]
    assert "p is the textbook's" in flat[0]
    assert "corrected for 4 events" in flat[0]
    assert "the mean abnormal return of the session is zero" in flat[1]
    assert "these p are the textbook's" in flat[1].lower()
    assert "no two events share a session here" in flat[1]
    assert "At or below 0.05, of 4 events: ARCH-LM (5 lags: volatility in clusters)" in flat[2]
    assert "HAC: the error of Newey and West, 4 lags" in flat[2]


def test_events_that_recur_are_said_to_be_fewer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice = "event_id,date\na,2019-09-16\nb,2019-09-16\nc,2022-01-05\n"
    _, out, _ = run(capsys, tmp_path, twice, "--show", "tests", "--aggregate", form="table")

    assert "constant-mean, 3 events on 2 sessions" in " ".join(out.split())
