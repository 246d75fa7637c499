"""A return that spans missing sessions is tested as their sum, flagged, and teaches no model anything."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.desk import (
    SERIES,
    Desk,
    at,
    bar,
    event,
    found,
    quiet_closes,
    session,
    update,
)
from tests.core.desk import warmed as warmed_on_spot

from brentwatch.core.domain import BRENT_SPOT, HEADLINE, LAST_TAU, SPANS_MISSING_SESSIONS, Refused, Window
from brentwatch.core.forecasts.abnormal_returns import NULL_OF_A_SPAN
from brentwatch.core.forecasts.forecast import Ahead, Path
from brentwatch.core.forecasts.table import SHOWN, load
from brentwatch.core.monitor.machine import Rules, State, create_state, step
from brentwatch.core.monitor.state_values import Forecasts, assemble_state, take_snapshot
from brentwatch.core.sessions.calendar import Override
from brentwatch.wire.state import decode_saved, encode_saved

MISSING = 8
"""Sessions without a price, after the first."""

MOVE = 0.05


def after_a_hole(move: float, missing: int = MISSING, state: State | None = None) -> Desk:
    """A desk where one session settled, some never had a price, and the next return holds `move`."""
    desk = Desk(state)
    desk.tell(event("desk:attack", at(session(missing + 1))))
    desk.settle(0)
    desk.settle(missing + 1, move)
    return desk


def test_a_move_over_missing_sessions_is_judged_by_the_forecast_of_their_sum() -> None:
    desk, usual = after_a_hole(MOVE), after_a_hole(MOVE, missing=0)
    study = desk.headline(session(MISSING + 1))

    assert found(study).p > 0.01 > found(usual.headline(session(1))).p
    assert (desk.alerts(), len(usual.alerts())) == ([], 1)
    assert SPANS_MISSING_SESSIONS in study.flags
    assert SPANS_MISSING_SESSIONS not in usual.headline(session(1)).flags
    assert found(study).null == NULL_OF_A_SPAN


@pytest.mark.parametrize("model", SHOWN)
def test_the_variance_is_that_of_all_sessions_and_the_mean_as_many_times(model: str) -> None:
    desk = after_a_hole(MOVE)
    before = Desk()
    before.settle(0)
    past, memory = before.state.prices.compute_returns(), before.state.memories.get(model)
    fit = before.state.fits[load(model).family].fit if load(model).monthly else load(model).fit(past)
    assert not isinstance(fit, Refused)
    days = [(session(number + 1) - session(number)).days for number in range(MISSING + 1)]
    path = load(model).forecast(past, fit, Ahead(tuple(days)), memory)
    assert isinstance(path, Path)

    told = found(desk.study(session(MISSING + 1), HEADLINE, model))
    assert (told.expected, told.standard_error) == (path.steps[-1].expected, path.steps[-1].standard_error)
    one = path.steps[0].standard_error
    assert told.standard_error == pytest.approx(one * math.sqrt(MISSING + 1), rel=0.15)


def test_no_model_learns_from_it_and_no_fit_holds_it() -> None:
    large, small = after_a_hole(0.3), after_a_hole(0.001)
    usual = Desk()
    usual.settle(0)
    assert large.state.memories == small.state.memories == usual.state.memories

    for desk in (large, small):
        for number in range(MISSING + 2, MISSING + 30):  # into the next month, which is fitted anew
            desk.settle(number, 0.01 * (-1) ** (number % 3))
    tests = [found(desk.headline(session(MISSING + 29))) for desk in (large, small)]
    assert tests[0].p == pytest.approx(tests[1].p, rel=1e-9)


def test_a_hole_within_a_window_counts_and_a_window_beyond_the_forecast_is_refused() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", at(session(0))))
    for number in (0, 2, 3, 4, 5, 6):  # the second session never had a price
        desk.settle(number)

    near, usual = found(desk.study(session(0), Window(0, 1))), found(desk.headline(session(0)))
    assert near.standard_error == pytest.approx(usual.standard_error * math.sqrt(3), rel=0.1)
    assert SPANS_MISSING_SESSIONS in desk.study(session(0), Window(0, 1)).flags
    far = desk.study(session(0), Window(0, LAST_TAU)).result
    assert isinstance(far, Refused)
    assert "the window spans 7 sessions, of which 6 have a price" in far.reason


def test_what_followed_a_session_is_judged_over_the_hole_as_well() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", at(session(0))))
    desk.settle(0)
    desk.settle(MISSING + 1, MOVE)

    after = desk.study(session(0), Window(0, 5)).after
    assert after is not None
    assert after.p == pytest.approx(found(desk.headline(session(MISSING + 1))).p, rel=1e-9)


def test_a_holiday_that_the_calendar_or_an_override_knows_is_no_missing_session() -> None:
    closed = tuple(Override(session(number), closed=True) for number in range(1, MISSING + 1))
    desk = after_a_hole(MOVE, state=warmed_with(closed))

    assert SPANS_MISSING_SESSIONS not in desk.headline(session(MISSING + 1)).flags
    assert [each.session for each in desk.alerts()] == [session(MISSING + 1)]


@cache
def warmed_with(overrides: tuple[Override, ...]) -> State:
    days = [session(number - 520) for number in range(520)]
    bars = [bar(day, close) for day, close in zip(days, quiet_closes(520), strict=True)]
    instrument = replace(BRENT_SPOT, series=replace(BRENT_SPOT.series, overrides=overrides))
    return step(create_state(Rules(instrument=instrument)), update(*bars, warmup=True, series=SERIES))[0]


def test_warm_up_over_a_hole_feeds_no_estimation() -> None:
    """A step to another level before the testing begins is no volatility."""
    closes = np.array(quiet_closes(520))
    closes[:200] *= 0.5
    days = [session(number - 520 - (40 if number < 200 else 0)) for number in range(520)]
    bars = [bar(day, close) for day, close in zip(days, closes.tolist(), strict=True)]
    state, _ = step(create_state(Rules(instrument=BRENT_SPOT)), update(*bars, warmup=True))
    stepped, level = Desk(state), Desk(warmed_on_spot())
    for desk in (stepped, level):
        desk.settle(0, MOVE)

    sizes = [found(desk.headline(session(0))).standard_error for desk in (stepped, level)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.05)


def test_a_restored_state_leaves_the_same_returns_out() -> None:
    state = after_a_hole(MOVE).state
    again = assemble_state(state.rules, take_snapshot(state))

    assert again.left_out == state.left_out == {session(MISSING + 1)}


def test_a_forecast_over_a_hole_is_kept_as_it_was_made() -> None:
    path = after_a_hole(MOVE).state.decided[session(MISSING + 1)].paths["adaptive-garch-t"]
    assert isinstance(path, Path)
    assert (path.spans, len(path.steps)) == (MISSING + 1, LAST_TAU + 1)
    kept = Forecasts(paths={"adaptive-garch-t": path})
    assert decode_saved(encode_saved(kept)) == kept
