from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.event_study.significance.panels import found, of_returns, panel

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.significance import bmp, kolari_pynnonen, patell, table
from brentwatch.core.event_study.significance.overlap import correlate_residuals, measure_overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.event_study.significance.result import TestResult
    from brentwatch.core.event_study.significance.table import InCalendar

pytestmark = pytest.mark.slow

N, ESTIMATION, ROWS = 12, 60, 4
NAMES = tuple(table.IN_CALENDAR)
TIMES = 1_500


def one_date(seed: int, correlation: float = 0.3, move: float = 0.0) -> tuple[Panel, NDArray[np.intp]]:
    """Twelve firms that announce on one date and move together."""
    random = np.random.default_rng(seed)
    common, own = random.standard_normal(ESTIMATION + ROWS), random.standard_normal((N, ESTIMATION + ROWS))
    returns = 0.02 * (np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own)
    returns[:, ESTIMATION] += move
    return of_returns(returns, ESTIMATION), np.tile(np.arange(ESTIMATION + ROWS), (N, 1))


def one_series(seed: int, apart: int, move: float = 0.0) -> tuple[Panel, NDArray[np.intp]]:
    """Twelve events of one price, `apart` sessions one after the other."""
    series = 0.02 * np.random.default_rng(seed).standard_normal(ESTIMATION + ROWS + apart * (N - 1))
    places = apart * np.arange(N)[:, None] + np.arange(ESTIMATION + ROWS)
    returns: Floats = series[places]
    returns[:, ESTIMATION] += move
    return of_returns(returns, ESTIMATION), places


def correct(test: InCalendar, given: Panel, sessions: NDArray[np.intp]) -> TestResult | Refused:
    return test(given, measure_overlap(given, sessions))


def test_on_one_date_it_is_the_formula_of_the_paper() -> None:
    given, sessions = one_date(1)
    r = np.mean(np.asarray(np.corrcoef(given.residuals))[np.triu_indices(N, 1)])

    assert found(correct(kolari_pynnonen.bmp_aar, given, sessions)).statistic == pytest.approx(
        found(bmp.aar(given)).statistic * np.sqrt((1 - r) / (1 + (N - 1) * r)), rel=1e-9
    )
    assert found(correct(kolari_pynnonen.bmp_caar, given, sessions)).statistic == pytest.approx(
        found(bmp.caar(given)).statistic * np.sqrt((1 - r) / (1 + (N - 1) * r)), rel=1e-9
    )
    assert found(correct(kolari_pynnonen.patell_caar, given, sessions)).statistic == pytest.approx(
        found(patell.caar(given)).statistic / np.sqrt(1 + (N - 1) * r), rel=1e-9
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_size_on_one_date_where_nothing_happens(name: str) -> None:
    p = np.array(
        [found(correct(table.load_in_calendar(name), *one_date(seed))).p[-1] for seed in range(TIMES)]
    )

    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.017)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kp_bmp_t_caar", "kp_patell_z_caar"])
def test_its_size_on_one_series_whose_event_windows_overlap_in_part(name: str) -> None:
    p = np.array(
        [found(correct(table.load_in_calendar(name), *one_series(seed, 2))).p[-1] for seed in range(TIMES)]
    )

    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.017)


def test_without_the_correction_both_find_something_in_nothing() -> None:
    together = [one_date(seed)[0] for seed in range(300)]

    assert np.mean([found(bmp.caar(each)).p[-1] <= 0.05 for each in together]) > 0.3
    assert np.mean([found(patell.caar(each)).p[-1] <= 0.05 for each in together]) > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_it_has_power(name: str) -> None:
    first = [
        found(correct(table.load_in_calendar(name), *one_date(seed, 0.1, 0.03))).p[0] for seed in range(100)
    ]

    assert np.mean(np.array(first) <= 0.05) > 0.8


def test_sessions_shared_by_estimation_windows_alone_are_no_reason_to_correct() -> None:
    """Events 15 sessions apart share 45 sessions of estimation but none of the event: nothing depends."""
    answer = correct(kolari_pynnonen.bmp_caar, *one_series(1, 15))

    assert isinstance(answer, Refused)
    assert "no two events share a session" in answer.reason


def test_a_row_is_refused_until_windows_overlap() -> None:
    """Three sessions apart: the fourth row of one event is the first of the next; none meets its like."""
    given, sessions = one_series(1, 3)

    assert set(found(correct(kolari_pynnonen.bmp_caar, given, sessions)).refused) == {0, 1, 2}
    assert isinstance(correct(kolari_pynnonen.bmp_aar, given, sessions), Refused)


def test_events_that_recur_count_once() -> None:
    """Nine times the same event: Patell's z comes back to that of the one."""
    one = np.random.default_rng(1).standard_normal((1, 44))
    nine, sessions = of_returns(np.tile(one, (9, 1)), 40), np.tile(np.arange(44), (9, 1))

    assert found(correct(kolari_pynnonen.patell_aar, nine, sessions)).statistic == pytest.approx(
        found(patell.aar(of_returns(one, 40))).statistic, rel=1e-6
    )
    assert isinstance(correct(kolari_pynnonen.bmp_aar, nine, sessions), Refused)


def test_how_sessions_are_numbered_changes_nothing() -> None:
    given, sessions = one_series(1, 2)

    assert found(correct(kolari_pynnonen.bmp_caar, given, 7 * sessions - 500)).statistic.tolist() == (
        found(correct(kolari_pynnonen.bmp_caar, given, sessions)).statistic.tolist()
    )


def test_the_correlation_of_a_pair_is_over_the_sessions_it_shares() -> None:
    series = np.random.default_rng(3).standard_normal(60)
    places = np.arange(0, 30, 10)[:, None] + np.arange(30)
    residuals = series[places]
    residuals -= residuals.mean(axis=1, keepdims=True)
    first, second = residuals[0, 10:], residuals[1, :20]
    expected = (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())
    correlation, known = correlate_residuals(residuals, places)

    assert correlation[0, 1] == pytest.approx(expected)
    assert known.all()


def test_the_share_of_a_window_that_overlaps_is_what_counts() -> None:
    """Two events of one series, one session apart: of four rows each, three are the same session."""
    series = np.random.default_rng(3).standard_normal(ESTIMATION + ROWS + 1)
    places = np.arange(2)[:, None] + np.arange(ESTIMATION + ROWS)
    given = of_returns(series[places], ESTIMATION)

    assert measure_overlap(given, places).so_far == pytest.approx(
        np.array([0, 1, 2, 3]) / [1, 2, 3, 4], abs=0.01
    )
    assert not measure_overlap(given, places).day_shared.any()


def test_event_windows_that_overlap_without_estimation_in_common_are_refused() -> None:
    given, sessions = panel(1, events=2, estimation=20, rows=2), np.tile(np.arange(22), (2, 1))
    sessions[1, :20] -= 15

    answer = correct(kolari_pynnonen.bmp_aar, given, sessions)
    assert isinstance(answer, Refused)
    assert "hardly any session of estimation" in answer.reason


@pytest.mark.parametrize("sessions", [np.zeros((2, 3), dtype=np.intp), np.zeros((N, 64), dtype=np.intp)])
def test_sessions_that_cannot_be_those_of_the_panel_are_rejected(sessions: NDArray[np.intp]) -> None:
    with pytest.raises(InvalidInput):
        correct(kolari_pynnonen.bmp_aar, one_date(1)[0], sessions)


@pytest.mark.parametrize("name", NAMES)
def test_one_event_alone_shares_its_sessions_with_none_and_is_refused(name: str) -> None:
    answer = correct(table.load_in_calendar(name), panel(1, events=1), np.arange(125)[None, :])

    assert isinstance(answer, Refused)
