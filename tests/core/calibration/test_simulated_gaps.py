"""The gaps of the made-up market, and how often the test of the re-open is wrong on them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from brentwatch.core.calibration.intraday import count_alarms, find_fifth_edges, summarise_clusters
from brentwatch.core.calibration.intraday_placebos import (
    PlaceboReopen,
    PlaceboSession,
    has_false_alarm,
    run_placebo_sessions,
)
from brentwatch.core.calibration.simulated_gaps import add_reopens, build_break, list_sessions, run_reopens
from brentwatch.core.calibration.simulator import WITH_GAPS, Simulated, simulate
from brentwatch.core.domain import BreakKind, Cell
from brentwatch.core.reopen import ReopenFound, ReopenWindow

NIGHT, WEEK_END, LONG = BreakKind
LENGTH = 760


@cache
def made(seed: int = 7) -> Simulated:
    return simulate(LENGTH, seed, WITH_GAPS)


@cache
def reopens(seed: int = 7) -> tuple[PlaceboReopen, ...]:
    bars = [made(seed).build_bars(at) for at in range(LENGTH)]
    return tuple(run_reopens(bars, made(seed).sigmas.tolist()))


def list_found(kind: BreakKind, window: ReopenWindow = ReopenWindow.GAP) -> list[ReopenFound]:
    found = [each for reopen in reopens() for each in reopen.found]
    return [each for each in found if (each.kind, each.window) == (kind, window)]


def test_holidays_make_breaks_that_are_neither_nights_nor_week_ends() -> None:
    days = list_sessions(date(2024, 1, 1), 260, holidays=True)
    kinds = [build_break(*each).kind for each in pairwise(days)]

    assert days[0] == date(2024, 1, 2)
    assert {date(2024, 3, 29), date(2024, 12, 25)}.isdisjoint(days)
    assert kinds.count(LONG) == 3  # Good Friday, Christmas, and New Year's Day after it
    assert kinds.count(WEEK_END) == 51
    assert list_sessions(date(2024, 1, 1), 3, holidays=False)[0] == date(2024, 1, 1)


def test_every_gap_is_between_two_sessions_of_one_contract() -> None:
    contracts = made().contracts
    changes = [at for at in range(1, LENGTH) if contracts[at] != contracts[at - 1]]
    refused = [at for at, each in enumerate(reopens(), start=1) if not each.found]

    assert 34 <= len(changes) <= 37
    assert set(changes) <= set(refused)
    assert len(refused) <= len(changes) + 5


def test_bars_stay_what_they_are_without_gaps() -> None:
    plain = simulate(30, 7)

    assert plain.contracts == ("",) * 30
    assert np.std(np.log(made().opens / 80.0)) < 0.15


def test_gaps_are_as_large_beside_the_volatility_of_the_day_as_they_are_told() -> None:
    sigmas = dict(zip(made().sessions, made().sigmas.tolist(), strict=True))
    ratios = {
        kind: np.mean(
            [
                abs(each.move) / sigmas[reopen.closed.session]
                for reopen in reopens()
                for each in reopen.found
                if (each.kind, each.window) == (kind, ReopenWindow.GAP)
            ]
        )
        for kind in (NIGHT, WEEK_END)
    }

    assert ratios[NIGHT] == pytest.approx(0.20, abs=0.04)
    assert ratios[WEEK_END] == pytest.approx(0.28, abs=0.08)


@pytest.mark.parametrize("window", list(ReopenWindow))
def test_the_size_over_nights_is_what_is_promised(window: ReopenWindow) -> None:
    p = np.array([each.p for each in list_found(NIGHT, window)])

    for level in (0.05, 0.01):
        assert np.mean(p <= level) == pytest.approx(level, abs=3.0 * math.sqrt(level / len(p)))


def test_a_gap_of_twice_the_detectable_one_is_found_nearly_always() -> None:
    found = list_found(NIGHT)
    hits = [abs(each.move + 2.0 * each.mde_alert) >= each.critical for each in found]

    assert np.mean(hits) > 0.9
    assert np.mean([abs(each.move + each.mde_alert) >= each.critical for each in found]) > 0.7


@cache
def sessions_with_reopens() -> tuple[PlaceboSession, ...]:
    market = simulate(48, 3, WITH_GAPS)
    bars = [market.build_bars(at) for at in range(48)]
    found = list(run_placebo_sessions(market.build_grids()))
    return tuple(add_reopens(found, run_reopens(bars, market.sigmas.tolist())))


def test_news_in_the_break_is_tested_on_the_re_open_and_not_on_the_first_windows() -> None:
    session = next(each for each in sessions_with_reopens() if each.reopen is not None and each.reopen.found)
    assert session.reopen is not None
    silent = {window: replace(each, p=np.ones(len(each.p))) for window, each in session.by_window.items()}
    alarm = tuple(replace(each, p=0.0) for each in session.reopen.found)
    loud = replace(session, by_window=silent, reopen=replace(session.reopen, found=alarm))
    quiet = replace(loud, reopen=replace(session.reopen, found=()))
    share = np.mean([has_false_alarm(loud, 1, np.random.default_rng(seed)) for seed in range(2_000)])

    assert share == pytest.approx(session.reopen.share + (1 - session.reopen.share) / 276, abs=0.03)
    assert not any(has_false_alarm(quiet, 8, np.random.default_rng(seed)) for seed in range(50))


def test_a_week_end_takes_most_of_the_news_and_a_night_little() -> None:
    shares = {each.closed.kind: each.share for each in reopens()}

    assert shares[NIGHT] == pytest.approx(1 / 24)
    assert shares[WEEK_END] == pytest.approx(49 / 72)


def test_the_figures_tell_size_by_window_and_kind() -> None:
    counts = count_alarms(sessions_with_reopens(), find_fifth_edges(sessions_with_reopens()), 1)
    figures = {
        Cell(each.measure, each.window, each.group, each.at): each for each in summarise_clusters([counts])
    }
    nights = sum(
        each.kind is NIGHT
        for session in sessions_with_reopens()
        if session.reopen
        for each in session.reopen.found
    )

    for window in ReopenWindow:
        assert figures[Cell("size", window, "night", 0.001)].n == nights / 2
    assert figures[Cell("mde", "gap", "night", 0.001)].n == nights / 2


@pytest.mark.slow
@pytest.mark.parametrize("window", list(ReopenWindow))
def test_at_the_alert_level_nights_alarm_about_once_in_a_thousand(window: ReopenWindow) -> None:
    p = [
        each.p
        for seed in range(3)
        for reopen in reopens(seed)
        for each in reopen.found
        if (each.kind, each.window) == (NIGHT, window)
    ]

    assert np.sum(np.array(p) <= 0.001) <= 6
    assert np.mean(np.array(p) <= 0.01) == pytest.approx(0.0105, abs=0.005)
