"""The library in a notebook gives what the commands give."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from tests.core.event_study.series import BRENT, WTI

import brentwatch
from brentwatch import bundled_prices, cli, event_study, session_tests, sizes
from brentwatch.core.errors import InvalidInput, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.notebook import EventStudies

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


def test_the_test_of_a_session_is_that_of_a_replay() -> None:
    tests = session_tests(bundled_prices())

    assert list(tests.columns) == ["ar", "sigma", "z", "p"]
    assert tests.loc["2022-01-05", "p"] == pytest.approx(0.445, abs=5e-4)
    assert tests.loc["2019-09-16", "p"] == pytest.approx(0.0028, abs=5e-4)
    assert len(tests) == 6_004


def test_sizes_have_a_row_for_each_model_window_and_level() -> None:
    found = sizes(bundled_prices(), models=["ewma-rank"], windows=[(0, 0), (0, 1)])

    assert list(zip(found["window"], found["nominal"], strict=True)) == [
        ("[0, 0]", 0.05),
        ("[0, 0]", 0.01),
        ("[0, 1]", 0.05),
        ("[0, 1]", 0.01),
    ]
    assert found.loc[0, "size"] == pytest.approx(0.0515, abs=5e-4)


@pytest.mark.slow
def test_the_order_of_prices_does_not_matter_and_two_of_one_day_do() -> None:
    prices = bundled_prices("vorukh-2021")
    assert session_tests(prices[::-1]).equals(session_tests(prices))
    with pytest.raises(InvalidInput, match="2021-05-12 has two prices"):
        session_tests(pd.concat([prices, prices.tail(1)]))


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match="no model is called 'egarch'"):
        session_tests(bundled_prices("vorukh-2021"), "egarch")
    with pytest.raises(InvalidInput, match="no history is called 'nowhere'"):
        bundled_prices("nowhere")
    with pytest.raises(AttributeError, match="has no attribute 'rumours'; it has "):
        brentwatch.rumours  # noqa: B018 - the attempt is the test


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, brentwatch; sys.exit(bool({'pandas', 'numpy', 'scipy', 'arch'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def wti() -> pd.Series[float]:
    return pd.read_csv(WTI, index_col="date", parse_dates=True)["usd_per_bbl"]


def shown(study: EventStudies, words: tuple[str, ...]) -> pd.DataFrame:
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
    words: tuple[str, ...], model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
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
    return value == cell if isinstance(value, str) else float(cell) == pytest.approx(value, rel=1e-10)


def test_columns_are_numbers_also_where_none_has_a_value() -> None:
    study = event_study(EVENTS, bundled_prices())

    assert study.rows["beta"].dtype == np.float64
    assert study.rows["session"].iloc[5] == pd.Timestamp("2019-09-16")
    assert study.tests(aggregate=True)["df"].dtype == np.float64


def test_events_without_a_result_are_told_with_their_reason() -> None:
    study = event_study(EVENTS, bundled_prices(), window=(0, 1))
    none = event_study({"late": dt.date(2030, 1, 1)}, bundled_prices())

    assert (
        repr(study)
        == "EventStudies(constant-mean, window [0, 1]: 3 events with a result, 1 refused; see notes)"
    )
    assert list(study.refused) == ["late"]
    assert study.refused["late"].startswith("no session settles after the event")
    assert [len(table) for table in (none.rows, none.aggregate(), none.tests(), none.diagnostics())] == [
        0
    ] * 4


def test_events_come_as_a_series_and_each_way_of_a_date_is_understood() -> None:
    """At midnight without a zone pandas means the day: Wednesday. A zone makes it an instant."""
    series = pd.Series(EVENTS.values(), index=list(EVENTS))
    ways: dict[str, Any] = {
        "date": dt.date(2022, 1, 5),
        "midnight": pd.Timestamp("2022-01-05"),
        "numpy": np.datetime64("2022-01-05"),
        "before": pd.Timestamp("2022-01-05 16:29", tz="Europe/London"),
        "settled": dt.datetime(2022, 1, 5, 16, 30, tzinfo=dt.UTC),
    }
    tests = event_study(ways, bundled_prices()).tests().set_index("event_id")["session"]

    assert event_study(series, bundled_prices()).rows.equals(event_study(EVENTS, bundled_prices()).rows)
    assert [str(session.date()) for session in tests] == ["2022-01-05"] * 4 + ["2022-01-06"]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ({}, "there are no events"),
        ([dt.date(2022, 1, 5)], "events came as list"),
        ({"a": "2022-01-05"}, r"event 'a' has '2022-01-05'; a date .* was expected"),
        ({"a": pd.NaT}, "event 'a' has 'NaT'"),
        ({"a": pd.Timestamp("2022-01-05 10:10")}, "'2022-01-05 10:10:00', in no time zone"),
        ({"a": dt.date(22, 1, 5)}, "of 1900 to 2200"),
        (pd.Series([dt.date(2022, 1, 5)] * 2, index=["a", "a"]), "there are two events 'a'"),
    ],
)
def test_events_that_make_no_sense_are_refused_in_a_sentence(events: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        event_study(events, bundled_prices())


def test_all_faults_of_the_events_are_told_at_once() -> None:
    nowhere: dict[str, Any] = {"a": pd.NaT, "b": "soon"}
    with pytest.raises(InvalidInput) as raised:
        event_study(nowhere, bundled_prices())

    assert len(raised.value.faults) == 2


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        (pd.DataFrame({"usd_per_bbl": [80.0]}), "prices came as DataFrame; .* take one column"),
        (pd.Series([80.0, 81.0]), "prices are numbered"),
        (pd.Series([], dtype="float64"), "there are no prices"),
        (pd.Series(["x"], index=[dt.date(2022, 1, 5)]), "the price of 2022-01-05 is 'x', a str; a number"),
        (pd.Series([80.0], index=["Wednesday"]), "row 1 of the prices is dated 'Wednesday'"),
        (pd.Series([np.inf], index=[dt.date(2022, 1, 5)]), "the price of 2022-01-05 is 'inf'"),
    ],
)
def test_prices_that_make_no_sense_are_refused_in_a_sentence(prices: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        event_study(EVENTS, prices)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"model": "capm"}, "one of constant-mean, market-adjusted, market was wanted"),
        ({"model": "market"}, "market compares with a benchmark, and none was given; give one"),
        ({"estimation": 2}, "the estimation window has 2 sessions"),
        ({"window": (5, -5)}, "ends before it starts"),
    ],
)
def test_a_design_that_cannot_work_is_refused_in_a_sentence(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        event_study(EVENTS, bundled_prices(), **wrong)


def test_a_benchmark_that_the_model_does_not_need_is_not_read() -> None:
    nonsense: Any = "nonsense"

    assert event_study(EVENTS, bundled_prices(), nonsense).rows.equals(
        event_study(EVENTS, bundled_prices()).rows
    )
