from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.intraday.sessions import grids

from brentwatch.core.calibration.intraday import count_alarms, find_fifth_edges, summarise_clusters
from brentwatch.core.calibration.intraday_placebos import (
    Placebos,
    PlaceboSession,
    has_false_alarm,
    run_placebo_sessions,
    select_every_third,
)
from brentwatch.core.calibration.simulator import count_history, split_sessions
from brentwatch.core.domain import Cell, Figure
from brentwatch.core.intraday.minutes import HOUR, QUARTER, WINDOWS, Minutes

THREE_PERCENT = math.log1p(0.03)


@cache
def placebos_of() -> tuple[PlaceboSession, ...]:
    return tuple(run_placebo_sessions(grids(60)))


@cache
def all_figures() -> dict[Cell, Figure]:
    edges = find_fifth_edges(placebos_of())
    clusters = [count_alarms(placebos_of()[at : at + 5], edges, seed=at) for at in range(0, 20, 5)]
    return {
        Cell(each.measure, each.window, each.group, each.at): each for each in summarise_clusters(clusters)
    }


def every_p(window: Minutes) -> np.ndarray:
    starts = select_every_third(window)
    found = [each.by_window[window] for each in placebos_of()]
    return np.concatenate([each.p[starts][each.tested[starts]] for each in found])


def with_p(session: PlaceboSession, p: float, slots: slice = slice(None)) -> PlaceboSession:
    """The session with this p in the windows that begin at some slots, and 1 elsewhere."""

    def other(placebos: Placebos) -> Placebos:
        values = np.ones(len(placebos.p))
        values[slots] = p
        return replace(placebos, p=values)

    return replace(session, by_window={window: other(each) for window, each in session.by_window.items()})


def test_the_first_forty_sessions_are_only_looked_back_on() -> None:
    assert [each.grid.session for each in placebos_of()] == [each.session for each in grids(60)[40:]]
    assert [each.sessions for each in placebos_of()] == list(range(40, 60))


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("level", [0.05, 0.01, 0.001])
def test_size_is_the_share_of_p_at_or_below_the_level(window: Minutes, level: float) -> None:
    p, figure = every_p(window), all_figures()[Cell("size", str(window.minutes), "all", level)]

    assert figure.n == len(p)
    assert figure.value == pytest.approx(np.mean(p <= level))


def test_hours_and_fifths_hold_every_test_once() -> None:
    whole = all_figures()[Cell("size", "15", "all", 0.01)].n
    hours = [
        all_figures()[Cell("size", "15", f"hour {hour:02d}", 0.01)].n for hour in range(24) if hour != 17
    ]
    parts = [all_figures()[Cell("size", "15", f"volatility fifth {at}", 0.01)].n for at in range(1, 6)]

    assert sum(hours) == whole
    assert sum(parts) == whole
    assert max(parts) < 1.5 * min(parts)


def test_within_two_hours_after_a_jump_and_on_the_day_after() -> None:
    jumped = grids(60)[45].returns.copy()
    jumped[100] = 0.2
    sessions = list(
        run_placebo_sessions((*grids(60)[:45], replace(grids(60)[45], returns=jumped), *grids(60)[46:]))
    )
    shaken = sessions[5].shaken

    assert shaken[101:125].tolist() == [True] * 24
    assert (bool(shaken[100]), bool(shaken[125])) == (
        bool(placebos_of()[5].shaken[100]),
        bool(placebos_of()[5].shaken[125]),
    )
    assert sessions[6].day_after


def test_windows_that_reach_into_the_weekly_report_are_told_apart() -> None:
    wednesday = next(each for each in placebos_of() if each.grid.session.weekday() == 2)
    thursday = next(each for each in placebos_of() if each.grid.session.weekday() == 3)

    assert np.flatnonzero(wednesday.mark_release(QUARTER)).tolist() == list(range(196, 202))
    assert np.flatnonzero(wednesday.mark_release(HOUR)).tolist() == list(range(187, 202))
    assert not thursday.mark_release(HOUR).any()


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_power_is_told_of_every_window_that_begins_in_a_block(window: Minutes) -> None:
    blocks = ("18:00-02:00", "02:00-08:30", "08:30-14:30", "14:30-17:00")
    told = sum(all_figures()[Cell("mde", str(window.minutes), each, 0.001)].n for each in blocks)

    assert told == len(every_p(window))


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_power_is_the_share_that_alarms_with_the_move_added_up_or_down(window: Minutes) -> None:
    starts = [slot for slot in select_every_third(window).tolist() if 174 <= slot < 246]
    hits = []
    for each in placebos_of():
        placebos = each.by_window[window]
        for slot in starts:
            if placebos.tested[slot]:
                moves = (placebos.moves[slot] + THREE_PERCENT, placebos.moves[slot] - THREE_PERCENT)
                hits.append(np.mean([abs(move) >= placebos.critical[slot] for move in moves]))
    figure = all_figures()[Cell("power", str(window.minutes), "08:30-14:30", THREE_PERCENT)]

    assert figure.n == len(hits)
    assert figure.value == pytest.approx(np.mean(hits))


def test_the_critical_move_is_the_one_whose_p_is_at_the_alert_level() -> None:
    placebos = placebos_of()[0].by_window[QUARTER]
    alarms = placebos.p <= 0.001

    assert (np.abs(placebos.moves) >= placebos.critical).tolist() == alarms.tolist()


def test_the_minimum_detectable_effect_lies_where_power_crosses_four_in_five() -> None:
    figure = all_figures()[Cell("mde", "15", "08:30-14:30", 0.001)]
    powers = {
        cell.at: each.value
        for cell, each in all_figures().items()
        if (cell.measure, cell.window, cell.group) == ("power", "15", "08:30-14:30")
    }

    assert figure.value is not None
    assert all((value or 0.0) < 0.8 for move, value in powers.items() if move < figure.value)
    assert all((value or 0.0) >= 0.8 for move, value in powers.items() if move > figure.value)


def test_a_session_alarms_where_an_open_window_does() -> None:
    quiet, loud = with_p(placebos_of()[0], 1.0), with_p(placebos_of()[0], 0.001)

    assert not has_false_alarm(quiet, 8, np.random.default_rng(1))
    assert has_false_alarm(loud, 1, np.random.default_rng(1))


def test_only_tested_windows_alarm_two_at_most_however_many_events_there_are() -> None:
    early, chance = with_p(placebos_of()[0], 0.001, slice(0, 1)), np.random.default_rng(1)
    share = np.mean([has_false_alarm(early, 8, chance) for _ in range(4_000)])

    assert share == pytest.approx(1.0 - (275.0 / 276.0) ** 8, abs=0.008)
    late = with_p(placebos_of()[0], 0.001, slice(200, None))
    crowded = np.mean([has_false_alarm(late, 100, chance) for _ in range(200)])
    assert crowded == 0.0


def test_the_error_is_that_of_the_jackknife_over_clusters() -> None:
    cell = Cell("size", "15", "all", 0.05)
    clusters = [{cell: np.array([100.0, hits])} for hits in (2.0, 5.0, 8.0, 5.0)]
    (figure,) = summarise_clusters(clusters)

    assert (figure.n, figure.value) == (400, 0.05)
    assert figure.error == pytest.approx(np.std([0.02, 0.05, 0.08, 0.05], ddof=1) / 2.0)


def test_of_one_cluster_there_is_no_error_and_of_nothing_no_figure() -> None:
    cell = Cell("size", "15", "hour 03", 0.01)

    assert [(each.value, each.error) for each in summarise_clusters([{cell: np.array([10.0, 1.0])}])] == [
        (0.1, None)
    ]
    assert [(each.n, each.value) for each in summarise_clusters([{cell: np.array([0.0, 0.0])}])] == [
        (0, None)
    ]


@pytest.mark.parametrize(("sessions", "histories"), [(3, 3), (80, 8), (2_080, 8), (2_081, 9), (10_400, 40)])
def test_made_up_sessions_are_shared_out_over_histories(sessions: int, histories: int) -> None:
    wanted = split_sessions(sessions)

    assert (len(wanted), sum(wanted)) == (histories, sessions)
    assert max(wanted) <= 260
    assert max(wanted) - min(wanted) <= 1


def test_the_same_seed_counts_the_same_and_another_history_others() -> None:
    cell = Cell("power", "15", "08:30-14:30", 0.001)

    assert count_history(2, 1, 0)[cell].tolist() == count_history(2, 1, 0)[cell].tolist()
    assert count_history(2, 1, 0)[cell].tolist() != count_history(2, 1, 1)[cell].tolist()
