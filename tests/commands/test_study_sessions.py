"""`brentwatch study` on prices with rows that are no sessions, and with sessions that are missing."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from tests.core.event_study.series import BRENT, ROOT, prices

from brentwatch import cli

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.slow

ABQAIQ = "event_id,date\nabqaiq,2019-09-14\n"
BY_DAY = "1 event with a date and no time (abqaiq): the hour is not known"
GONE = ("2019-06-14", "2019-08-08")


def written(path: Path, rows: Iterable[tuple[object, float]]) -> Path:
    path.write_text("date,usd_per_bbl\n" + "".join(f"{day},{price}\n" for day, price in rows))
    return path


def run(
    capsys: pytest.CaptureFixture[str], folder: Path, prices_at: Path, *words: str, events: str = ABQAIQ
) -> tuple[int, list[dict[str, str]], str]:
    path = folder / ("events.jsonl" if events.startswith("{") else "events.csv")
    path.write_text(events)
    model = () if "--model" in words else ("--model", "constant-mean")
    code = cli.main(["study", str(path), "--prices", str(prices_at), "--format", "csv", *model, *words])
    said = capsys.readouterr()
    return code, list(csv.DictReader(StringIO(said.out))), said.err


@pytest.mark.parametrize("window", ["0,1", "-5,10"])
def test_a_sunday_row_is_left_out_and_abqaiq_keeps_its_move(
    window: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sunday = written(tmp_path / "prices.csv", [*list(prices(BRENT).items()), ("2019-09-15", 61.50)])
    code, rows, err = run(capsys, tmp_path, sunday, "--window", window)
    _, without, _ = run(capsys, tmp_path, BRENT, "--window", window)

    assert (code, rows) == (0, without)
    at_zero = next(row for row in rows if row["tau"] == "0")
    assert (at_zero["session"], at_zero["ar"]) == (
        "2019-09-16",
        "0.111338474274" if window == "-5,10" else at_zero["ar"],
    )
    assert float(at_zero["ar"]) == pytest.approx(0.112, abs=1e-3)
    assert f"{sunday}: 1 row is left out (2019-09-15): no session trades on a Saturday or Sunday" in err
    assert BY_DAY in err
    assert "tau 0 is the first of the two" in err


def test_rows_that_fill_weekends_and_holidays_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pandas as pd

    series = pd.Series(prices(BRENT)).loc[lambda each: each.index >= pd.Timestamp("2018-01-01").date()]
    series.index = pd.to_datetime(series.index)
    filled = written(
        tmp_path / "filled.csv",
        ((f"{day:%Y-%m-%d}", price) for day, price in series.asfreq("D").ffill().items()),
    )
    code, rows, err = run(capsys, tmp_path, filled, "--window", "0,1")

    assert code == 0
    assert rows[0]["session"] == "2019-09-16"
    assert float(rows[0]["ar"]) == pytest.approx(0.1115, abs=5e-4)
    assert "rows are left out (2018-01-06, 2018-01-07" in err
    assert "the file fills days without a price" in err


@pytest.mark.parametrize(("words", "expected"), [((), 4), (("--span",), 0)])
def test_a_window_over_missing_sessions_is_refused_unless_span_is_given(
    words: tuple[str, ...], expected: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hole = written(
        tmp_path / "hole.csv",
        [row for row in prices(BRENT).items() if not GONE[0] <= str(row[0]) <= GONE[1]],
    )
    event = "event_id,date\nafter,2019-08-09\n"
    code, rows, err = run(capsys, tmp_path, hole, "--window", "0,1", *words, events=event)

    assert code == expected
    told = (
        "study: after: the return of 2019-08-09 spans 40 sessions, since 39 sessions between 2019-06-13 and "
        "2019-08-09 have no price: "
    )
    if words:
        assert f"{told}it is judged with the mean and the variance of 40 sessions" in err
        assert float(rows[0]["p"]) > 0.2
    else:
        assert f"{told}no test judges it as the return of one session; give the missing prices" in err
        assert rows == []


def test_a_spanning_return_amid_the_estimation_window_is_passed_over_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gap = written(tmp_path / "gap.csv", [row for row in prices(BRENT).items() if str(row[0]) != "2019-07-16"])
    code, _, err = run(capsys, tmp_path, gap)

    assert code == 0
    assert (
        "abqaiq: 1 session in its estimation window whose return spans missing sessions (2019-07-17): the "
        "window starts that many sessions earlier"
    ) in err


@pytest.mark.parametrize("day", ["2011-02-21", "2012-04-04", "2019-01-02", "2010-12-27"])
def test_no_event_on_the_bundled_prices_is_refused_for_a_holiday_of_the_source(
    day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows, _ = run(capsys, tmp_path, BRENT, events=f"event_id,date\na,{day}\n")

    assert (code, len(rows)) == (0, 16)


@pytest.mark.parametrize(
    ("precision", "known", "session", "by_day"),
    [
        ("day", "2019-09-14T00:00:00Z", "2019-09-16", True),
        ("day", "2019-09-16T00:00:00Z", "2019-09-16", True),
        ("day", "2019-09-16T23:59:59Z", "2019-09-17", False),
        ("hour", "2019-09-16T00:00:00Z", "2019-09-16", False),
    ],
)
def test_an_unrest_event_of_a_bare_date_is_placed_by_its_day(
    precision: str,
    known: str,
    session: str,
    *,
    by_day: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = json.loads((ROOT / "schemas" / "examples" / "unrest_event.v1" / "minimal.json").read_text())
    event["event_id"], event["known_at"] = "abqaiq", known
    event["occurred"] = {"start": f"{known[:10]}T00:00:00Z", "precision": precision}
    code, rows, err = run(capsys, tmp_path, BRENT, "--window", "0,1", events=json.dumps(event) + "\n")

    assert (code, rows[0]["session"] if rows else err) == (0, session)
    assert (BY_DAY in err) == by_day
