"""How often stories reach 100 to 1 on the validation spans: by chance, and as the methods page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks.long_series import BRENT, GAS, LONG_SERIES, WTI, LongSeries
from benchmarks.stories import LENGTHS, measure

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.turns import Tally, replay_signals

pytestmark = pytest.mark.slow

TEXT = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
ROWS = {"Brent 2002 on": BRENT, "WTI 2014 on": WTI, "gas 1999 on": GAS}
MOVES = (0.0, 2.0, 3.0, -3.0)
A_FEW_STORIES = 0.003


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("series", LONG_SERIES, ids=str)
def test_by_chance_at_most_one_story_of_a_hundred_reaches_a_hundred(series: LongSeries, length: int) -> None:
    """Ville's bound, on forecasts that are not perfect and prices that hold real news."""
    found = measure(series, length, 0.0).reached

    assert 0.0 < found.value <= 0.01
    assert found.value + 2.0 * found.error <= 0.01


@pytest.mark.parametrize("direction", [3.0, -3.0])
@pytest.mark.parametrize("series", [BRENT, WTI], ids=str)
def test_a_story_finds_what_single_sessions_do_not(series: LongSeries, direction: float) -> None:
    """And the products of shifts find more than a mean over the shifts in each session."""
    found = measure(series, 10, direction)

    assert found.reached.value - found.single.value > 3.0 * found.reached.error
    assert found.reached.value - found.by_session.value > 3.0 * found.reached.error


@pytest.mark.parametrize("name", ROWS)
def test_the_methods_page_tells_what_is_measured(name: str) -> None:
    (line,) = re.findall(rf"^\| evidence of 100, {name} \| (.*)\|$", TEXT, re.MULTILINE)
    for cell, move in zip(line.split("|"), MOVES, strict=False):
        share, error = (float(each) for each in cell.split("±"))
        found = measure(ROWS[name], 10, move).reached
        digits = 3 if move == 0.0 else 2

        assert share == pytest.approx(found.value, abs=0.5 * 10.0**-digits + A_FEW_STORIES * (move != 0.0))
        assert error == pytest.approx(found.error, abs=0.005 if move else 0.001)


def test_the_row_of_single_sessions_too() -> None:
    (line,) = re.findall(r"^\| a session at 0\.01, Brent 2002 on \| (.*)\|$", TEXT, re.MULTILINE)
    told = [float(cell.split("±")[0]) for cell in line.split("|") if "±" in cell]

    assert told == pytest.approx([measure(BRENT, 10, move).single.value for move in MOVES], abs=0.006)


def test_in_the_catalogue_one_story_reached_a_hundred() -> None:
    tally = Tally()
    for turn in replay_signals(build_rules(BRENT_SPOT), find_history("catalogue").signals):
        tally.take(turn)
    told = [each for study in tally.headlines.values() for each in study.stories]

    assert {each.story_id for each in told if each.reached} == {"brent-spot:LBY:escalation:2011-02-22"}
    assert len({each.story_id for each in told}) > 40
