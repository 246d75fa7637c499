"""The record of the intraday test keeps what is promised, and is what the test does today, in a short form.

On made-up bars only. `make intraday` makes the record anew; it takes minutes, the short form here a second.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from benchmarks import intraday_calibration as maker

from brentwatch.core.calibration.intraday import MOVES, summarise_clusters
from brentwatch.core.calibration.simulator import count_history, split_sessions
from brentwatch.core.domain import Cell, Figure
from brentwatch.history import intraday_calibration

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RECORD = intraday_calibration.load().figures
LEVEL = 0.001
MORNING = "08:30-14:30"

DETECTABLE = {
    ("15", MORNING): 2.3,
    ("60", MORNING): 4.0,
    ("15", "02:00-08:30"): 1.5,
    ("60", "02:00-08:30"): 3.0,
    ("15", "18:00-02:00"): 0.6,
    ("60", "18:00-02:00"): 1.1,
}
"""Percent, measured before on bars made up elsewhere; to the digits that were told.

The made-up market was chosen until it showed the same: this tells of a change, and nothing of any market.
"""

POWERS = {"15": (0.03, 0.30, 0.58, 0.75, 0.90), "60": (0.00, 0.06, 0.21, 0.39, 0.65)}
"""In New York's morning, of moves of half a percent to three; told likewise."""

both = pytest.mark.parametrize("window", ["15", "60"])


def value(cell: Cell) -> float:
    figure = RECORD[cell]
    assert figure.value is not None
    return figure.value


@cache
def short() -> dict[Cell, Figure]:
    made = summarise_clusters(
        [count_history(sessions, 7, number) for number, sessions in enumerate(split_sessions(320))]
    )
    return {Cell(each.measure, each.window, each.group, each.at): each for each in made}


@both
def test_the_size_is_what_is_promised(window: str) -> None:
    assert 0.045 <= value(Cell("size", window, "all", 0.05)) <= 0.055
    assert 0.008 <= value(Cell("size", window, "all", 0.01)) <= 0.013
    assert 0.0008 <= value(Cell("size", window, "all", LEVEL)) <= 0.0015


@pytest.mark.parametrize("window", ["gap", "gap + 60 minutes"])
def test_a_night_s_re_open_is_wrong_about_once_in_a_thousand(window: str) -> None:
    """Week-ends and long breaks are too few to show it."""
    assert 0.0006 <= value(Cell("size", window, "night", LEVEL)) <= 0.0015
    assert 0.008 <= value(Cell("size", window, "night", 0.01)) <= 0.013
    assert value(Cell("size", window, "weekend", 0.01)) <= 0.013


@both
def test_no_hour_is_wrong_more_than_twice_as_often_as_it_says(window: str) -> None:
    hours = [hour for hour in range(24) if hour != 17]

    assert max(value(Cell("size", window, f"hour {hour:02d}", 0.01)) for hour in hours) <= 0.02


@both
def test_calm_and_turbulent_hours_are_wrong_about_as_often(window: str) -> None:
    fifths = [value(Cell("size", window, f"volatility fifth {number}", 0.01)) for number in range(1, 6)]

    assert 0.006 <= min(fifths) <= max(fifths) <= 0.015


def test_false_alarms_a_session_stay_within_their_budget_however_many_events_come() -> None:
    groups = ["1 event", *(f"{events} events" for events in range(2, 9))]

    assert max(value(Cell("family-wise", "", group, 0.004)) for group in groups) <= 0.004


@pytest.mark.parametrize(("window", "block"), DETECTABLE)
def test_the_smallest_move_that_can_be_seen_is_what_was_measured_before(window: str, block: str) -> None:
    percent = 100.0 * math.expm1(value(Cell("mde", window, block, LEVEL)))

    assert percent == pytest.approx(DETECTABLE[window, block], rel=0.05)


@both
def test_power_is_what_was_measured_before(window: str) -> None:
    powers = [value(Cell("power", window, MORNING, move)) for move in MOVES]

    assert powers == pytest.approx(POWERS[window], abs=0.025)


@pytest.mark.parametrize("level", [0.05, 0.01, LEVEL])
@both
def test_the_size_of_the_record_is_that_of_today(window: str, level: float) -> None:
    cell = Cell("size", window, "all", level)

    assert agrees(short()[cell], RECORD[cell])


@both
def test_the_power_of_the_record_is_that_of_today(window: str) -> None:
    assert agrees(short()[Cell("mde", window, MORNING, LEVEL)], RECORD[Cell("mde", window, MORNING, LEVEL)])


@pytest.mark.parametrize("level", [0.05, 0.01, LEVEL])
@pytest.mark.parametrize("window", ["gap", "gap + 60 minutes"])
def test_the_size_of_re_opens_in_the_record_is_that_of_today(window: str, level: float) -> None:
    cell = Cell("size", window, "night", level)
    made, told = short()[cell], value(cell)

    assert made.value == pytest.approx(told, abs=4.0 * math.sqrt(told * (1.0 - told) / made.n))


@pytest.mark.parametrize("group", ["1 event", "3 events", "8 events"])
def test_the_false_alarms_of_the_record_are_those_of_today(group: str) -> None:
    """By the error of a share of so many: none in 1,280 would tell of no error."""
    cell = Cell("family-wise", "", group, 0.004)
    made, told = short()[cell], value(cell)

    assert made.value == pytest.approx(told, abs=4.0 * math.sqrt(told * (1.0 - told) / made.n))


def agrees(made: Figure, told: Figure) -> bool:
    """Whether two figures differ by less than four standard errors of both."""
    assert made.value is not None
    assert made.error is not None
    assert told.value is not None
    assert told.error is not None
    return abs(made.value - told.value) < 4.0 * math.hypot(made.error, told.error)


def test_the_record_was_made_of_as_many_sessions_as_it_should_be() -> None:
    assert RECORD[Cell("family-wise", "", "1 event", 0.004)].n == 4 * maker.SESSIONS


def test_the_maker_writes_the_file_that_is_bundled() -> None:
    bundled = files("brentwatch.history") / "data" / intraday_calibration.FILE

    assert maker.RECORD.read_text("utf-8") == bundled.read_text("utf-8")


def test_the_maker_writes_what_the_command_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maker, "RECORD", tmp_path / "record.csv")
    expected = list(summarise_clusters([count_history(1, maker.SEED, number) for number in range(8)]))

    assert maker.main(["8"]) == 0
    written = maker.RECORD.read_text("utf-8")
    assert capsys.readouterr().out == written
    assert list(intraday_calibration.parse(written).figures) == [
        Cell(each.measure, each.window, each.group, each.at) for each in expected
    ]
