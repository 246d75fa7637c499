"""What must hold of any bars: nothing known later tells, and neither scale nor sign does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.intraday.sessions import grids, referred, start

from brentwatch.core.calibration.intraday_placebos import run_placebo_sessions
from brentwatch.core.intraday.clock import SLOTS
from brentwatch.core.intraday.minutes import WINDOWS, Minutes
from brentwatch.core.intraday.window_study import Result, WindowFound, study

if TYPE_CHECKING:
    from brentwatch.core.intraday.grid import Grid

HISTORY = grids(60)
PAST, TODAY = HISTORY[:44], HISTORY[44]

slots = st.integers(0, SLOTS - 12)
windows = st.sampled_from(WINDOWS)
moves = st.lists(st.floats(-0.2, 0.2), min_size=SLOTS, max_size=SLOTS)


def result(past: tuple[Grid, ...], today: Grid, slot: int, window: Minutes) -> Result:
    return study(referred(past), today, start(today, slot), window)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(slots, windows, moves)
def test_bars_after_the_window_tell_nothing(slot: int, window: Minutes, later: list[float]) -> None:
    end = slot + window.bars
    returns = np.concatenate([TODAY.returns[:end], later[end:]])
    kinds = np.concatenate([TODAY.kinds[:end], np.full(SLOTS - end, 1, dtype=np.int8)])
    other = replace(TODAY, returns=returns, kinds=kinds)

    assert result(PAST, other, slot, window) == result(PAST, replace(TODAY), slot, window)


@settings(max_examples=20, deadline=None)
@given(slots, windows, st.integers(0, SLOTS - 1))
def test_what_is_not_known_yet_tells_nothing(slot: int, window: Minutes, more: int) -> None:
    known = min(slot + window.bars + more, SLOTS)
    returns, kinds = TODAY.returns.copy(), TODAY.kinds.copy()
    returns[known:], kinds[known:] = 0.0, 0
    so_far = replace(TODAY, known=known, returns=returns, kinds=kinds)

    assert result(PAST, so_far, slot, window) == result(PAST, TODAY, slot, window)


def test_sessions_that_come_later_tell_nothing() -> None:
    early, whole = list(run_placebo_sessions(HISTORY[:46])), list(run_placebo_sessions(HISTORY))

    for one, other in zip(early, whole, strict=False):
        for window in WINDOWS:
            assert one.by_window[window].p.tolist() == other.by_window[window].p.tolist()
            assert one.by_window[window].critical.tolist() == other.by_window[window].critical.tolist()


@settings(max_examples=15, deadline=None)
@given(slots, windows, st.floats(1e-3, 1e3), st.sampled_from([-1.0, 1.0]))
def test_neither_scale_nor_sign_of_all_returns_tells(
    slot: int, window: Minutes, scale: float, sign: float
) -> None:
    def other(grid: Grid) -> Grid:
        return replace(grid, returns=sign * scale * grid.returns)

    one = result(PAST, TODAY, slot, window)
    same = result(tuple(other(each) for each in PAST), other(TODAY), slot, window)

    assert type(same) is type(one)
    if isinstance(one, WindowFound) and isinstance(same, WindowFound):
        # Moves that cancel out are rounding, and rank among the other moves of the pool that are.
        assert same.p == pytest.approx(one.p, rel=1e-9 if one.z > 1e-6 else 0.05)
        assert same.z == pytest.approx(one.z, rel=1e-9, abs=1e-9)
        assert same.move == pytest.approx(sign * scale * one.move, abs=1e-12 * scale)
        assert same.mde_alert == pytest.approx(scale * one.mde_alert, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(slots, windows, moves)
def test_what_a_session_does_before_the_window_moves_the_level_alone(
    slot: int, window: Minutes, earlier: list[float]
) -> None:
    returns = np.concatenate([earlier[:slot], TODAY.returns[slot:]])
    one, other = (
        result(PAST, TODAY, slot, window),
        result(PAST, replace(TODAY, returns=returns), slot, window),
    )

    if isinstance(one, WindowFound) and isinstance(other, WindowFound):
        assert other.move == one.move
        assert other.mde_alert / one.mde_alert == pytest.approx(other.usual / one.usual)


@settings(max_examples=25, deadline=None)
@given(slots, windows, st.floats(0.0, 0.1), st.floats(0.0, 0.1))
def test_a_larger_move_never_has_a_larger_p(slot: int, window: Minutes, one: float, other: float) -> None:
    def moved(by: float) -> Result:
        returns = TODAY.returns.copy()
        returns[slot : slot + window.bars] = by / window.bars
        return result(PAST, replace(TODAY, returns=returns), slot, window)

    smaller, larger = moved(min(one, other)), moved(max(one, other))

    if isinstance(smaller, WindowFound) and isinstance(larger, WindowFound):
        assert larger.p <= smaller.p
