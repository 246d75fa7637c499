"""`impact` gives what `brentwatch study` gives by the monitor's forecasts, as results of Python."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from tests.notebook.test_inputs import frame_of_yahoo

from brentwatch import InvalidInput, PricesWarning, bundled_events, bundled_prices, cli, impact

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EVENTS = {"Abqaiq": "2019-09-14T00:45Z", "Kazakhstan": "2022-01-05", "late": "2030-01-01"}
FOUND = impact(EVENTS)


def test_the_frame_is_that_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,date\n" + "".join(f"{name},{day}\n" for name, day in EVENTS.items()))
    cli.main(["study", str(path), "--format", "csv"])
    header, *expected = csv.reader(StringIO(capsys.readouterr().out))
    frame = FOUND.to_frame()

    assert list(frame.columns) == header
    assert len(frame) == len(expected) == 9
    for row, cells in zip(frame.itertuples(index=False), expected, strict=True):
        assert [same(*pair) for pair in zip(row, cells, strict=True)] == [True] * len(header)


def same(value: Any, cell: str) -> bool:
    if pd.isna(value):
        return cell == ""
    if isinstance(value, pd.Timestamp):
        return str(value.date()) == cell
    if isinstance(value, str | bool):
        return str(value) == cell
    return float(cell) == pytest.approx(value, rel=1e-10)


def test_the_figures_are_those_of_a_replay() -> None:
    frame = FOUND.to_frame().set_index(["event", "next_session", "window"])

    assert frame.loc[("Abqaiq", False, "[0, 0]"), "p"] == pytest.approx(0.0016, abs=1e-4)
    assert frame.loc[("Abqaiq", False, "[0, 0]"), "verdict"] == "abnormal"
    assert frame.loc[("Kazakhstan", False, "[0, 0]"), "p"] == pytest.approx(0.355, abs=1e-3)
    assert frame.loc[("Kazakhstan", True, "[0, 0]"), "session"] == pd.Timestamp("2022-01-06")


def test_events_without_a_result_are_listed_with_their_reason() -> None:
    assert FOUND.events == ("Abqaiq", "Kazakhstan")
    assert FOUND.refused["late"].startswith("its session has no price yet")
    assert repr(FOUND) == (
        "<ImpactResults: adaptive-garch-t, 2 events with a result, 1 refused; see summary(), plot(), "
        "to_frame()>"
    )


def test_bundled_events_go_straight_in_and_windows_and_models_can_be_chosen() -> None:
    events = bundled_events(country="LBY")
    found = impact(events, model="ewma-rank", windows=(0, 2))

    assert list(found.events) == list(events["event"])
    assert set(found.to_frame()["window"]) == {"[0, 2]"}


def test_prices_of_others_are_said_to_be_uncalibrated() -> None:
    found = impact(EVENTS, bundled_prices() * 1.01, "ewma-rank")

    assert all("uncalibrated" in notes for notes in found.to_frame()["notes"])
    assert "How often ewma-rank is wrong on these prices is not measured" in str(found.summary())


def test_prices_of_yfinance_bring_their_instrument() -> None:
    """They are London prices here: six sessions of Globex are missing."""
    prices = frame_of_yahoo(["Price", "Ticker"], "BZ=F")
    with pytest.warns(PricesWarning, match="6 sessions have no price"):
        found = impact("2019-09-14", prices, "constant-mean", windows=(0, 0))

    assert found.level == 0.006
    assert "Instrument:               brent-front" in str(found.summary())


def test_the_summary_fits_80_columns_and_says_what_its_words_mean() -> None:
    text = FOUND.summary().as_text()
    lines = text.split("\n")

    assert max(map(len, lines)) <= 79
    (abqaiq,) = (line for line in lines if line.startswith("Abqaiq"))
    assert " ".join(abqaiq.split()) == (
        "Abqaiq 2019-09-16 [0, 0] +11.7 % \N{MINUS SIGN}6.7 to +5.2 % < 0.002 abnormal"
    )
    assert any(line.startswith("or ") and "2022-01-06" in line for line in lines)
    assert "abnormal: p is 0.01 or less." in text
    assert "How often this is wrong: of 5,845 sessions" in text
    assert "late is refused: its session has no price yet" in text
    assert FOUND._repr_html_() == FOUND.summary().as_html()


def test_all_faults_of_all_arguments_are_reported_at_once() -> None:
    wrong: Any = "garch"
    with pytest.raises(InvalidInput) as raised:
        impact({"a": "soon"}, None, wrong, windows=[(1, 2), (0, 900)], instrument=wrong)

    assert len(raised.value.faults) == 5
    assert "did you mean 'garch-t'?" in raised.value.faults[0]


def test_a_classical_model_is_refused_with_the_function_that_has_it() -> None:
    with pytest.raises(InvalidInput, match=r"event_study\(events, model=...\) has this model"):
        impact(EVENTS, model="market")  # type: ignore[arg-type]  # mypy finds it too


def test_a_plot_shows_each_move_beside_its_normal_range_and_three_marks() -> None:
    axes = FOUND.plot()
    legend: Any = axes.get_legend()

    assert [text.get_text() for text in axes.get_yticklabels()][-2:] == [
        "Kazakhstan [0, 5]",
        "or 2022-01-06 [0, 0]",
    ]
    assert [text.get_text() for text in legend.get_texts()] == [
        "normal range (95 %)", "inside it", "outside the normal range", "abnormal (p ≤ 0.01)",
    ]  # fmt: skip


def test_the_path_of_one_event_runs_through_its_windows() -> None:
    axes = FOUND.plot("Abqaiq")
    (path,) = (line for line in axes.get_lines() if len(np.ravel(np.asarray(line.get_xdata()))) == 4)

    assert list(np.ravel(np.asarray(path.get_xdata()))) == [-1, 0, 1, 5]
    with pytest.raises(InvalidInput, match="event 'late' has no result: its session has no price yet"):
        FOUND.plot("late")
    with pytest.raises(InvalidInput, match="no event has a result, so there is nothing to draw"):
        impact({"late": "2030-01-01"}).plot()


@pytest.fixture(autouse=True)
def without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
