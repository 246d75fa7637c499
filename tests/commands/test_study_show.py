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
TESTS_HEADER = (
    "event_id,model,session,ar,p_ar,rank_p_ar,filtered_rank_p_ar,car,bhar,p_car,permutation_p_car,holm_p_car,"
    "bh_p_car"
)
LONG_HEADER = "test,on,tau,statistic,p,df,n,null,refused"
DIAGNOSTICS_HEADER = (
    "event_id,model,n,alpha,alpha_se,alpha_hac_se,beta,beta_se,beta_hac_se,arch_lm_p,ljung_box_p,"
    "jarque_bera_p"
)
MARKET = ("--model", "market", "--benchmark", str(WTI))
ADJUSTED = ("--model", "market-adjusted", "--benchmark", str(WTI))


def run(
    capsys: pytest.CaptureFixture[str], folder: Path, events: str, *arguments: str, form: str = "csv"
) -> tuple[int, str, str]:
    path = folder / "events.csv"
    path.write_text(events)
    code = cli.main(["study", str(path), "--prices", str(BRENT), "--format", form, *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


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


def test_an_event_has_one_row_with_its_tests_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, tmp_path, EVENTS, "--show", "tests")
    _, plain, _ = run(capsys, tmp_path, EVENTS)
    at_zero = {row["event_id"]: row for row in records(plain) if row["tau"] == "0"}
    at_end = {row["event_id"]: row for row in records(plain) if row["tau"] == "10"}

    assert code == 0
    assert "study: 3 events with a date and no time (kazakhstan, libya, early): the hour is not" in err
    assert out.splitlines()[0] == TESTS_HEADER
    assert [row["event_id"] for row in records(out)] == ["abqaiq", "kazakhstan", "libya", "early"]
    for row in records(out):
        same = {name: at_zero[row["event_id"]][name] for name in ("session", "ar", "p_ar", "rank_p_ar")}
        same |= {name: at_end[row["event_id"]][name] for name in ("car", "p_car")}
        assert {name: row[name] for name in same} == same


def test_the_filtered_rank_is_the_session_test_of_the_project_and_empty_where_history_is_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests")
    rows = {row["event_id"]: row for row in records(out)}
    tested = session_tests(bundled_prices(), "ewma-rank")["p"]

    assert rows.pop("early")["filtered_rank_p_ar"] == ""
    assert [float(row["filtered_rank_p_ar"]) for row in rows.values()] == pytest.approx(
        [tested.loc[row["session"]] for row in rows.values()], rel=1e-9
    )


def test_bhar_and_permutation_are_those_of_a_plain_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests")

    for row in records(out):
        estimation, event = parts(row["session"])
        gained = normal = 1.0
        for each in event.tolist():
            gained *= math.exp(each)
            normal *= math.exp(float(estimation.mean()))
        assert float(row["bhar"]) == pytest.approx(gained - normal, rel=1e-9)
        assert float(row["permutation_p_car"]) == pytest.approx(plain_permutation(row["session"]))


def test_bhar_of_the_market_model_is_over_its_own_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", *MARKET)
    (row,) = records(out)
    _, event = parts(row["session"])

    assert float(row["bhar"]) == pytest.approx(
        math.exp(event.sum()) - math.exp(event.sum() - float(row["car"])), rel=1e-9
    )


def test_p_is_corrected_for_the_batch_by_holm_and_by_benjamini_and_hochberg(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--window", "0,1")
    rows = sorted(records(out), key=lambda row: float(row["p_car"]))
    p, n = [float(row["p_car"]) for row in rows], len(rows)
    holm = [max(min(1.0, (n - place) * p[place]) for place in range(rank + 1)) for rank in range(n)]
    fdr = [min(min(1.0, n / (place + 1) * p[place]) for place in range(rank, n)) for rank in range(n)]

    assert n == 4
    assert [float(row["holm_p_car"]) for row in rows] == pytest.approx(holm, rel=1e-9)
    assert [float(row["bh_p_car"]) for row in rows] == pytest.approx(fdr, rel=1e-9)
    assert holm != pytest.approx(fdr)


def test_without_tau_0_in_the_window_what_is_said_of_it_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--window", "1,3")
    _, text, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--window", "1,3", form="json")
    names = ("ar", "p_ar", "rank_p_ar", "filtered_rank_p_ar")

    assert {row[name] for row in records(out) for name in names} == {""}
    assert {row[name] for row in json.loads(text) for name in names} == {None}
    assert all(row["p_car"] and row["bhar"] for row in records(out))
    assert records(out)[0]["session"] == "2019-09-16"


def test_the_average_has_a_row_for_each_test_and_tau_with_its_null_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", "--aggregate")
    _, wide, _ = run(capsys, tmp_path, OVERLAPPING, "--aggregate")
    rows, names = records(out), list(records(wide)[0])[5:]
    found = {(row["test"], row["tau"]): row["p" if "_p_" in row["test"] else "statistic"] for row in rows}
    calendar = ["kp_bmp_t_aar", "kp_bmp_t_caar", "kp_patell_z_aar", "kp_patell_z_caar"]

    assert out.splitlines()[0] == LONG_HEADER
    assert list(dict.fromkeys(row["test"] for row in rows)) == [*names, "bhar_t", *calendar]
    assert [row["tau"] for row in rows[:16]] == [str(tau) for tau in range(-5, 11)]
    assert {(name, row["tau"]): row[name] for row in records(wide) for name in names} == {
        key: figure for key, figure in found.items() if key[0] in names
    }
    assert {row["on"] for row in rows} == {"aar", "caar", "bhar"}
    assert {row["n"] for row in rows} == {"3"}
    assert {row["df"] for row in rows if row["test"] == "csect_t_aar"} == {"2"}
    assert all(row["null"] and (row["refused"] == "") == (row["statistic"] != "") for row in rows)


def test_bhar_t_is_the_t_of_relative_wealth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", "--aggregate")
    _, each, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests")
    wealth = np.array([math.expm1(float(row["car"])) for row in records(each)])
    last = [row for row in records(out) if row["test"] == "bhar_t"][-1]

    assert float(last["statistic"]) == pytest.approx(
        math.sqrt(3) * wealth.mean() / wealth.std(ddof=1), rel=1e-9
    )


def test_what_overlaps_in_the_calendar_is_corrected_where_it_does_and_else_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Egypt and Libya are five sessions apart: of one row nothing is shared, cumulated from tau 0 on."""
    _, apart, _ = run(capsys, tmp_path, EVENTS, "--show", "tests", "--aggregate")
    _, shared, _ = run(capsys, tmp_path, OVERLAPPING, "--show", "tests", "--aggregate")
    rows = [row for row in records(apart) if row["test"].startswith("kp_")]
    cumulated = [row for row in records(shared) if row["test"] == "kp_bmp_t_caar"]

    assert len(rows) == 4 * 16
    assert {(row["statistic"], row["p"], row["df"]) for row in rows} == {("", "", "")}
    assert all("no two events share a session" in row["refused"] for row in rows)
    assert [bool(row["statistic"]) for row in cumulated] == [False] * 5 + [True] * 11


def test_one_event_leaves_tests_of_a_spread_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(
        capsys, tmp_path, "event_id,date\na,2019-09-16\n", "--show", "tests", "--aggregate", form="json"
    )
    rows = json.loads(out)
    refused = next(row for row in rows if row["test"] == "bhar_t")

    assert refused["statistic"] is None
    assert refused["refused"] == "bhar_t was asked of 1 event, 2 or more wanted: give more events"
    assert next(row for row in rows if row["test"] == "patell_z_aar")["refused"] is None
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

    assert [row[name] for name in DIAGNOSTICS_HEADER.split(",")[3:9]] == [""] * 6
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
    assert "p is the textbook's t" in flat[0]
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
