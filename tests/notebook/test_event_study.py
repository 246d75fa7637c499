"""`event_study` gives what `brentwatch study` gives, as results of Python."""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.core.event_study.series import BRENT, WTI

from brentwatch import bundled_prices, cli, event_study
from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch import EventStudyResults
    from brentwatch.notebook.names import ClassicalModel

pytestmark = pytest.mark.slow

EVENTS = {
    "abqaiq": pd.Timestamp("2019-09-14 00:45", tz="UTC"),
    "kazakhstan": dt.date(2022, 1, 5),
    "libya": pd.Timestamp("2011-02-21"),
    "late": dt.date(2030, 1, 1),
}
FILE = (
    "event_id,date\nabqaiq,2019-09-14T00:45:00Z\nkazakhstan,2022-01-05\nlibya,2011-02-21\nlate,2030-01-01\n"
)


def wti() -> pd.Series[float]:
    return pd.read_csv(WTI, index_col="date", parse_dates=True)["usd_per_bbl"]


def shown(study: EventStudyResults, words: tuple[str, ...]) -> pd.DataFrame:
    match words:
        case ("--aggregate",):
            return study.aggregate()
        case ("--show", "tests"):
            return study.tests()
        case ("--show", "tests", "--aggregate"):
            return study.tests(aggregate=True)
        case ("--show", "diagnostics"):
            return study.diagnostics()
        case _:
            return study.rows


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--aggregate",),
        ("--show", "tests"),
        ("--show", "tests", "--aggregate"),
        ("--show", "diagnostics"),
    ],
)
@pytest.mark.parametrize("model", ["constant-mean", "market", "market-adjusted"])
def test_a_study_holds_what_the_command_shows(
    words: tuple[str, ...], model: ClassicalModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(FILE)
    given = ("--prices", str(BRENT), "--model", model, "--benchmark", str(WTI), "--format", "csv")
    cli.main(["study", str(path), *given, *words])
    header, *expected = csv.reader(StringIO(capsys.readouterr().out))
    found = shown(event_study(EVENTS, bundled_prices(), wti(), model=model), words)

    assert list(found.columns) == header
    assert len(found) == len(expected) > 0
    for row, cells in zip(found.itertuples(index=False), expected, strict=True):
        assert [same(*pair) for pair in zip(row, cells, strict=True)] == [True] * len(header)


def same(value: Any, cell: str) -> bool:
    if pd.isna(value):
        return cell == ""
    if isinstance(value, pd.Timestamp):
        return str(value.date()) == cell
    if isinstance(value, str | bool | np.bool_):
        return str(value) == cell
    return float(cell) == pytest.approx(value, rel=1e-10)


def test_columns_are_numbers_also_where_none_has_a_value() -> None:
    study = event_study(EVENTS, bundled_prices())

    assert study.rows["beta"].dtype == np.float64
    assert study.rows["session"].iloc[5] == pd.Timestamp("2019-09-16")
    assert study.tests(aggregate=True)["df"].dtype == np.float64


def test_events_without_a_result_are_listed_with_their_reason() -> None:
    study = event_study(EVENTS, bundled_prices(), window=(0, 1))
    none = event_study({"late": dt.date(2030, 1, 1)}, bundled_prices())

    assert repr(study) == (
        "<EventStudyResults: constant-mean, [0, 1], 3 events with a result, 1 refused; see summary(), "
        "plot(), "
        "to_frame()>"
    )
    assert list(study.refused) == ["late"]
    assert study.refused["late"].startswith("no session settles after the event")
    assert [len(table) for table in (none.rows, none.aggregate(), none.tests(), none.diagnostics())] == [
        0
    ] * 4


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            {"model": "capm"},
            "model is 'capm'; expected one of constant-mean, market-adjusted, market, factors",
        ),
        ({"model": "marke"}, "did you mean 'market'?"),
        ({"model": "garch-t"}, r"or test with a forecast: impact\(events, model='garch-t'\)"),
        ({"model": "market"}, "market compares with a benchmark, and none is given; expected benchmark="),
        ({"estimation": 2}, "the estimation window has 2 sessions"),
        ({"window": (5, -5)}, "ends before it starts"),
        ({"window": (0, 1), "windows": [(0, 1)]}, "windows and window were both given"),
        ({"instrument": "wti"}, "did you mean 'wti-front'?"),
    ],
)
def test_a_design_that_cannot_work_is_refused_in_a_sentence(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        event_study(EVENTS, bundled_prices(), **wrong)


def test_all_faults_of_all_arguments_are_reported_at_once() -> None:
    nonsense: Any = "markt"
    fraction: Any = 2.5
    with pytest.raises(InvalidInput) as raised:
        event_study(
            {"a": "soon", "b": pd.NaT},
            model=nonsense,
            windows=[(3, 1), (2, 1)],
            estimation=fraction,
            instrument="x",  # type: ignore[arg-type]  # the attempt is the test
        )

    assert len(raised.value.faults) == 7


def test_prices_are_the_bundled_brent_spot_unless_given() -> None:
    study = event_study(EVENTS)

    assert study.rows.equals(event_study(EVENTS, bundled_prices()).rows)
    assert study.notes[0] == "prices are the bundled Brent spot of the EIA, 2001-01-02 to 2026-08-18"
    with pytest.raises(InvalidInput, match=r"no prices were given for brent-front; .* give a Series"):
        event_study(EVENTS, instrument="brent-front")


def test_several_windows_give_what_each_gives_alone() -> None:
    windows = [(0, 0), (0, 1), (-5, 10)]
    several = event_study(EVENTS, windows=windows)
    frame = several.to_frame()

    assert set(frame.columns) < set(several.rows.columns)
    assert list(frame["event"].unique()) == ["abqaiq", "kazakhstan", "libya"]
    for window in windows:
        alone = event_study(EVENTS, window=window)
        mine = frame[frame["window"] == f"[{window[0]}, {window[1]}]"].reset_index(drop=True)
        assert mine.equals(alone.to_frame())
        rows = several.rows[several.rows["window"] == mine["window"].iloc[0]]
        assert rows.reset_index(drop=True).equals(alone.rows)
        first, last = (getattr(alone.rows.groupby("event", sort=False), end)() for end in ("first", "last"))
        assert list(mine["car"]) == list(last["car"])
        assert list(mine["car_p"]) == list(last["car_p"])
        assert mine["car_high"].to_numpy() == pytest.approx(last["car_high"].to_numpy())
        if window[0] == 0:
            assert list(mine["p"]) == list(first["p"])
            assert mine["low"].to_numpy() == pytest.approx(first["low"].to_numpy())


def test_the_interval_of_a_car_is_where_its_p_would_be_a_twentieth() -> None:
    study = event_study({"abqaiq": "2019-09-14T00:45Z"}, window=(0, 1))
    row = study.to_frame().iloc[0]
    car, t = float(row["car"]), float(row["car_t"])
    half = float(stats.t.ppf(0.975, 119)) * car / t

    assert row["car_low"] == pytest.approx(car - half, abs=1e-12)
    assert row["car_high"] == pytest.approx(car + half, abs=1e-12)
    assert row["car_p"] == pytest.approx(2.0 * float(stats.t.sf(abs(t), 119)), rel=1e-9)


def test_an_abnormal_return_is_missing_where_the_window_lacks_session_0() -> None:
    assert event_study(EVENTS, window=(1, 5)).to_frame()[["ar", "t", "p"]].isna().all(axis=None)


def test_an_event_with_a_result_for_one_window_only_is_noted_and_not_refused() -> None:
    study = event_study({"last": "2026-08-17"}, windows=[(0, 0), (0, 5)])

    assert list(study.to_frame()["window"]) == ["[0, 0]"]
    assert study.refused == {}
    assert any(note.startswith("last has no result for the window [0, 5]: ") for note in study.notes)


def test_a_benchmark_that_the_model_does_not_need_is_not_read() -> None:
    nonsense: Any = "nonsense"

    assert event_study(EVENTS, bundled_prices(), nonsense).rows.equals(
        event_study(EVENTS, bundled_prices()).rows
    )
