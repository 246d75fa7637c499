"""The reference of a session, held against the facts written out bar by bar."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.intraday.sessions import busy, closing_at, grids, referred

from brentwatch.core.domain import Refused
from brentwatch.core.intraday.clock import RELEASE, SETTLEMENT, SLOTS, has_release
from brentwatch.core.intraday.grid import QUIET
from brentwatch.core.intraday.minutes import (
    ENOUGH_SESSIONS,
    FEWEST_SESSIONS,
    HOUR,
    QUARTER,
    SHORT_HISTORY,
    WINDOWS,
    Minutes,
)
from brentwatch.core.intraday.reference import KEPT, Reference, build_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.intraday.grid import Grid

PAST = grids(60)[:FEWEST_SESSIONS]
BUSY = busy(FEWEST_SESSIONS)
WEDNESDAYS_REPORT = range(RELEASE.start, RELEASE.stop)


def slow_relative(grid: Grid) -> list[float]:
    absolute = [abs(value) for value in grid.returns.tolist()]
    return [each / fmean(absolute) for each in absolute]


def slow_profile(others: Sequence[Grid], session: Grid) -> list[float]:
    """P of a session from the others, as the facts say it: one loop after the other."""
    w = [(has_release(each.session), slow_relative(each)) for each in others]

    def raw(slot: int) -> float:
        apart = slot in WEDNESDAYS_REPORT
        return fmean(values[slot] for wednesday, values in w if not (apart and wednesday))

    means = [raw(slot) for slot in range(SLOTS)]
    smooth = []
    for slot in range(SLOTS):
        near = [at for at in range(slot - 2, slot + 3) if 0 <= at < SLOTS and at != SETTLEMENT]
        smooth.append(means[slot] if slot == SETTLEMENT else fmean(means[at] for at in near))
    scale = math.sqrt(fmean(each**2 for each in smooth))
    made = [each / scale for each in smooth]
    if has_release(session.session):
        for slot in WEDNESDAYS_REPORT:
            made[slot] = fmean(values[slot] for wednesday, values in w if wednesday) / scale
    return made


@cache
def slow_pool(window: Minutes) -> tuple[dict[int, float], list[float]]:
    """m by slot, and the pool of z in ascending order."""
    rows, fast, slow, quiet = [], math.nan, math.nan, list[bool]()
    for number, grid in enumerate(PAST):
        p = slow_profile([each for each in PAST if each is not grid], grid)
        u = [abs(value) / each for value, each in zip(grid.returns.tolist(), p, strict=True)]
        if number == 0:
            fast = slow = fmean(u)
        for slot in range(SLOTS):
            level = (2.0 * fast + slow) / 3.0
            within = slice(slot, slot + window.bars)
            awake = sum(quiet[-36:]) <= 12 and sum(grid.quiet[within]) <= window.bars // 3
            if number >= 3 and slot % 3 == 0 and slot + window.bars <= SLOTS and awake:
                size = math.sqrt(sum(each**2 for each in p[within]))
                rows.append((slot, abs(sum(grid.returns.tolist()[within])) / (level * size)))
            fast += (1.0 - 0.5 ** (1.0 / 36.0)) * (u[slot] - fast)
            slow += (1.0 - 0.5 ** (1.0 / 276.0)) * (u[slot] - slow)
            quiet.append(bool(grid.quiet[slot]))
    m = {slot: fmean(y for at, y in rows if abs(at - slot) <= 12) for slot in range(SLOTS - window.bars + 1)}
    return m, sorted(y / m[slot] for slot, y in rows)


@pytest.mark.slow
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_pool_is_that_of_the_facts(window: Minutes) -> None:
    made = referred(PAST).pools[window]
    m, pool = slow_pool(window)

    assert made.usual.tolist() == pytest.approx(list(m.values()), rel=1e-9)
    assert made.tail.pool.tolist() == pytest.approx(pool, rel=1e-9)


def test_the_profile_of_the_next_session_is_that_of_all_before_it() -> None:
    made, tuesday, wednesday = referred(PAST), grids(60)[41], grids(60)[42]

    assert not has_release(tuesday.session)
    assert made.select_profile(tuesday.session).tolist() == pytest.approx(
        slow_profile(PAST, tuesday), rel=1e-9
    )
    assert has_release(wednesday.session)
    assert made.select_profile(wednesday.session).tolist() == pytest.approx(
        slow_profile(PAST, wednesday), rel=1e-9
    )


@pytest.mark.parametrize(("window", "starts"), [(QUARTER, 92), (HOUR, 89)], ids=str)
def test_the_pool_holds_every_third_start_of_all_sessions_but_the_first_three(
    window: Minutes, starts: int
) -> None:
    assert len(referred(BUSY).pools[window].tail.pool) == (FEWEST_SESSIONS - 3) * starts


def test_no_window_of_the_pool_crosses_a_break() -> None:
    early = [closing_at(each, 240) for each in BUSY]
    made = referred(tuple(early))

    assert len(made.pools[HOUR].tail.pool) == (FEWEST_SESSIONS - 3) * 77  # starts 0, 3, … 228
    assert np.isnan(made.pools[HOUR].usual[-1])


def test_windows_of_which_more_than_a_third_is_without_trades_are_not_in_the_pool() -> None:
    one, two = (_quiet_from(BUSY[10], 99, slots) for slots in (1, 2))

    assert _starts_left_out(one) == 0
    assert _starts_left_out(two) == 1


def test_windows_after_too_many_bars_without_trades_are_not_in_the_pool() -> None:
    assert _starts_left_out(_quiet_from(BUSY[10], 100, 13)) == 4 + 9  # 99, 102, 105, 108; then 111 up to 135


def _quiet_from(grid: Grid, slot: int, slots: int) -> Grid:
    kinds = grid.kinds.copy()
    kinds[slot : slot + slots] = QUIET
    return replace(grid, kinds=kinds)


def _starts_left_out(grid: Grid) -> int:
    """Of the pool of 15 minutes with this eleventh session."""
    return (FEWEST_SESSIONS - 3) * 92 - len(referred((*BUSY[:10], grid, *BUSY[11:])).pools[QUARTER].tail.pool)


def test_below_forty_sessions_there_is_no_test() -> None:
    assert build_reference(PAST[1:]) == Refused(
        "39 complete sessions of bars before this one; expected 40: the test starts automatically once they "
        "are there, or give more history"
    )


def test_where_nearly_all_windows_lack_trades_there_is_no_test() -> None:
    hardly = tuple(_quiet_from(each, 30, 90) for each in BUSY)  # a third, and the three hours after it

    assert isinstance(build_reference(hardly), Reference)
    scattered = tuple(replace(each, kinds=_every_other_quiet(each)) for each in BUSY)
    refused = build_reference(scattered)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("0 moves over 15 minutes in the sessions before can be compared")


def _every_other_quiet(grid: Grid) -> np.ndarray:
    kinds = grid.kinds.copy()
    kinds[::2] = QUIET
    return kinds


def test_an_hour_in_which_nothing_ever_moved_is_not_in_the_pool() -> None:
    still = tuple(_still_until(each, 60) for each in BUSY)
    made = referred(still).pools[QUARTER]

    assert np.isnan(made.usual[:48]).all()
    assert np.isfinite(made.usual[48:]).all()
    assert np.isfinite(made.tail.pool).all()


def _still_until(grid: Grid, slot: int) -> Grid:
    returns = grid.returns.copy()
    returns[:slot] = 0.0
    return replace(grid, returns=returns)


def test_sessions_that_are_not_usable_do_not_count() -> None:
    assert isinstance(build_reference((*PAST[:-1], replace(PAST[-1], usable=False))), Refused)


def test_below_120_sessions_it_is_flagged() -> None:
    many = grids(KEPT + 10)

    assert referred(PAST).flags == (SHORT_HISTORY,)
    assert referred(many[: ENOUGH_SESSIONS - 1]).flags == (SHORT_HISTORY,)
    assert referred(many[:ENOUGH_SESSIONS]).flags == ()


def test_a_year_is_looked_back_on_and_no_more() -> None:
    many = grids(KEPT + 10)
    made, of_the_newest = referred(many), referred(many[10:])

    assert made.sessions == KEPT
    assert made.pools[HOUR].tail.pool.tolist() == of_the_newest.pools[HOUR].tail.pool.tolist()
    assert (made.level, made.last) == (of_the_newest.level, many[-1].session)
