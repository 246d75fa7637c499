from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.core.intraday.sessions import busy, closing_at, referred, start

from brentwatch.core.domain import NotYet, Refused
from brentwatch.core.intraday.clock import RELEASE, SETTLEMENT, SLOTS, has_release, time_of
from brentwatch.core.intraday.grid import BROKEN, QUIET, Grid
from brentwatch.core.intraday.minutes import (
    HOUR,
    LEVEL,
    QUARTER,
    SHORT_HISTORY,
    SMALLEST_TOLD,
    WINDOWS,
    Minutes,
)
from brentwatch.core.intraday.reference import Reference
from brentwatch.core.intraday.window_study import Result, WindowFound, measure_day, study

HISTORY = busy(60)
TODAY = HISTORY[50]
TEN = 192
"""The slot that begins at 10:00 in New York."""


def against() -> Reference:
    return referred(HISTORY[:50])


def asked(grid: Grid, slot: int, window: Minutes = QUARTER) -> Result:
    return study(against(), grid, start(grid, slot), window)


def found(grid: Grid, slot: int, window: Minutes = QUARTER) -> WindowFound:
    result = asked(grid, slot, window)
    assert isinstance(result, WindowFound)
    return result


def reason(grid: Grid, slot: int, window: Minutes = QUARTER) -> str:
    result = asked(grid, slot, window)
    assert isinstance(result, Refused)
    return result.reason


def changed(slots: slice, *, returns: float | None = None, kind: int | None = None) -> Grid:
    moved, kinds = TODAY.returns.copy(), TODAY.kinds.copy()
    if returns is not None:
        moved[slots] = returns
    if kind is not None:
        kinds[slots] = kind
    return replace(TODAY, returns=moved, kinds=kinds)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_z_is_the_move_beside_what_level_profile_and_hour_expect(window: Minutes) -> None:
    reference, within = against(), slice(TEN, TEN + window.bars)
    profile = reference.select_profile(TODAY.session)
    fast, slow = reference.level
    for value, expected in zip(TODAY.returns[:TEN].tolist(), profile[:TEN].tolist(), strict=True):
        fast += (1.0 - 0.5 ** (1.0 / 36.0)) * (abs(value) / expected - fast)
        slow += (1.0 - 0.5 ** (1.0 / 276.0)) * (abs(value) / expected - slow)
    level, m = (2.0 * fast + slow) / 3.0, reference.pools[window].usual[TEN]
    z = abs(TODAY.returns[within].sum()) / (level * math.sqrt(np.square(profile[within]).sum()) * m)
    made = found(TODAY, TEN, window)

    assert made.z == pytest.approx(z, rel=1e-9)
    assert made.p == pytest.approx(reference.pools[window].tail.p(np.array([z]))[0], rel=1e-9)


def test_the_estimate_is_the_summed_return_of_the_bars_of_the_window() -> None:
    made = found(TODAY, TEN, HOUR)

    assert made.move == pytest.approx(math.log(TODAY.prices[TEN + 11] / TODAY.prices[TEN - 1]))
    assert (made.price_before, made.price_after) == (TODAY.prices[TEN - 1], TODAY.prices[TEN + 11])
    assert (made.begins_at, made.ends_at) == (time_of(TODAY.session, TEN), time_of(TODAY.session, TEN + 12))
    assert (made.session, made.window, made.sessions) == (TODAY.session, HOUR, 50)


def test_the_first_window_of_a_session_begins_at_the_open_of_its_first_bar() -> None:
    made = found(TODAY, 0)

    assert made.price_before == TODAY.first_price
    assert made.move == pytest.approx(math.log(TODAY.prices[2] / TODAY.first_price))


def test_the_range_is_where_p_is_five_percent_to_either_side() -> None:
    made = found(TODAY, TEN)
    edge = (made.high - made.low) / 2.0
    twenty = np.array([edge / made.usual])

    assert (made.low + made.high) / 2.0 == pytest.approx(made.move)
    assert against().pools[QUARTER].tail.p(twenty)[0] == pytest.approx(0.05, abs=1e-3)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_minimum_detectable_effect_is_found_four_times_in_five(window: Minutes) -> None:
    made, tail = found(TODAY, TEN, window), against().pools[window].tail
    noise = made.usual * np.concatenate([tail.pool, -tail.pool])

    for move, level in ((made.mde_alert, LEVEL), (made.mde_05, 0.05)):
        power = np.mean(tail.p(np.abs(noise + move) / made.usual) <= level)
        assert power == pytest.approx(0.8, abs=0.003)


def test_the_smallest_move_that_can_be_seen_is_larger_when_the_market_is_busy() -> None:
    assert found(TODAY, TEN).mde_alert > 1.5 * found(TODAY, 30).mde_alert


def test_the_same_move_in_the_slot_that_settles_is_less_unusual_than_beside_it() -> None:
    profile = against().select_profile(TODAY.session)

    assert profile[SETTLEMENT] > 1.2 * profile[SETTLEMENT - 1]
    assert found(TODAY, SETTLEMENT).usual > found(TODAY, SETTLEMENT + 1).usual


def test_on_wednesdays_the_report_is_expected() -> None:
    wednesday, thursday = HISTORY[52], HISTORY[53]
    assert has_release(wednesday.session)
    moved = {each.session: _with_return(each, RELEASE.start, 0.008) for each in (wednesday, thursday)}
    at = {
        session: study(referred(HISTORY[:50]), grid, start(grid, RELEASE.start), QUARTER)
        for session, grid in moved.items()
    }
    report, other = at[wednesday.session], at[thursday.session]

    assert isinstance(report, WindowFound)
    assert isinstance(other, WindowFound)
    assert report.usual > 1.5 * other.usual


def _with_return(grid: Grid, slot: int, value: float) -> Grid:
    returns = grid.returns.copy()
    returns[slot] = value
    return replace(grid, returns=returns)


def test_a_large_move_alerts_and_an_ordinary_one_does_not() -> None:
    assert found(changed(slice(TEN, TEN + 3), returns=0.02), TEN).alerts
    assert found(changed(slice(TEN, TEN + 3), returns=0.02), TEN).p < SMALLEST_TOLD
    assert not found(changed(slice(TEN, TEN + 3), returns=0.0), TEN).alerts


def test_until_its_last_bar_is_known_a_window_is_pending() -> None:
    almost, whole = replace(TODAY, known=TEN + 2), replace(TODAY, known=TEN + 3)

    assert asked(almost, TEN) == NotYet(settles_at=time_of(TODAY.session, TEN + 3))
    assert isinstance(asked(whole, TEN), WindowFound)
    assert isinstance(asked(whole, TEN, HOUR), NotYet)


@pytest.mark.parametrize(("slot", "window"), [(SLOTS - 2, QUARTER), (SLOTS - 11, HOUR)])
def test_a_window_that_would_cross_the_nightly_break_is_refused(slot: int, window: Minutes) -> None:
    assert "would cross the break" in reason(TODAY, slot, window)
    assert isinstance(asked(TODAY, slot - 1, window), WindowFound)


def test_a_window_that_would_cross_an_early_close_is_refused_before_its_bars_are_due() -> None:
    early = replace(TODAY, closes=240, known=230)

    assert "would cross the break" in reason(early, 238)
    assert isinstance(asked(early, 237), NotYet)


def test_a_window_with_a_bar_that_has_no_return_is_refused() -> None:
    broken = changed(slice(TEN + 1, TEN + 2), returns=0.0, kind=BROKEN)

    assert "have no return: a price is zero or below" in reason(broken, TEN)
    assert isinstance(asked(broken, TEN + 2), WindowFound)


def test_a_window_of_which_more_than_a_third_is_without_trades_is_refused() -> None:
    assert isinstance(asked(changed(slice(TEN, TEN + 1), kind=QUIET), TEN), WindowFound)
    assert "2 of the 3 bars" in reason(changed(slice(TEN, TEN + 2), kind=QUIET), TEN)
    assert isinstance(asked(changed(slice(TEN, TEN + 4), kind=QUIET), TEN, HOUR), WindowFound)
    assert "5 of the 12 bars" in reason(changed(slice(TEN, TEN + 5), kind=QUIET), TEN, HOUR)


def test_a_window_after_three_hours_of_which_more_than_a_third_is_without_trades_is_refused() -> None:
    assert isinstance(asked(changed(slice(TEN - 12, TEN), kind=QUIET), TEN), WindowFound)
    assert "the volatility is not known" in reason(changed(slice(TEN - 13, TEN), kind=QUIET), TEN)


def test_what_the_bars_without_trades_of_a_window_are_is_reported() -> None:
    assert found(changed(slice(TEN, TEN + 1), kind=QUIET), TEN).quiet == 1


def test_without_a_reference_there_is_no_test() -> None:
    none = Refused("39 whole sessions")

    assert study(none, TODAY, start(TODAY, TEN), QUARTER) == none


def test_an_hour_that_no_session_before_had_is_refused() -> None:
    past = tuple(closing_at(each, 200) for each in HISTORY[:50])
    result = study(referred(past), TODAY, start(TODAY, 230), QUARTER)

    assert isinstance(result, Refused)
    assert "at that hour of the sessions before" in result.reason


def test_a_short_history_is_flagged() -> None:
    assert found(TODAY, TEN).flags == (SHORT_HISTORY,)


def test_the_null_is_reported_in_words() -> None:
    assert found(TODAY, TEN, HOUR).null == (
        "the return of these 60 minutes is a draw from the usual returns at this hour, "
        "at the recent volatility"
    )


def test_a_session_as_far_as_it_is_known_is_measured_as_the_whole_one_so_far() -> None:
    returns, kinds = TODAY.returns.copy(), TODAY.kinds.copy()
    returns[TEN:], kinds[TEN:] = 0.0, 0
    so_far = replace(TODAY, known=TEN, returns=returns, kinds=kinds)

    assert (
        measure_day(against(), so_far).moves.before[: TEN + 1].tolist()
        == measure_day(against(), TODAY).moves.before[: TEN + 1].tolist()
    )
