"""Which events have a result, why the others have none, and the ways in which other engines go wrong."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.event_study.series import (
    BRENT,
    ONE_BENCHMARK,
    WTI,
    brent,
    made_up,
    prices,
    row_of,
    with_market,
)
from tests.core.series import sessions

from brentwatch.core.domain import Refused, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import EventStudy, list_outcomes
from brentwatch.core.event_study.classical import find_overlaps, study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.core.event_study.table import load

if TYPE_CHECKING:
    from collections.abc import Mapping

DESIGN = Design()
DAYS, OWN, MARKET = made_up()
BENCHMARK = dict(zip(DAYS, MARKET.tolist(), strict=True))
ENOUGH = 131
"""The first row that can be tau 0: 120 returns, a gap of 5, five rows of the event window, and row 0."""


def one(series: Rows, at: int, model: str = "constant-mean", design: Design = DESIGN) -> EventStudy | Refused:
    (found,) = list_outcomes(study(series, design, load(model), [at]))
    return found


def found(series: Rows, at: int, model: str = "constant-mean", design: Design = DESIGN) -> EventStudy:
    result = one(series, at, model, design)
    assert isinstance(result, EventStudy), result
    return result


def reason(series: Rows, at: int, model: str = "constant-mean", design: Design = DESIGN) -> str:
    result = one(series, at, model, design)
    assert isinstance(result, Refused)
    return result.reason


def lacking(*missing: int) -> Mapping[date, float]:
    return {day: value for row, (day, value) in enumerate(BENCHMARK.items()) if row not in missing}


def test_one_row_short_of_120_is_refused_and_120_are_enough() -> None:
    series = build_rows(DAYS, OWN)

    assert reason(series, ENOUGH - 1).startswith(
        "119 returns before its event window and a gap of 5 sessions"
    )
    assert found(series, ENOUGH).df == 119


def test_49_rows_are_not_taken_for_120() -> None:
    assert reason(build_rows(DAYS, OWN), 60) == (
        "49 returns before its event window and a gap of 5 sessions; expected 120; give more price history, "
        "or a shorter estimation window"
    )


def test_a_window_beyond_the_data_is_refused_and_never_returned_in_part() -> None:
    series = build_rows(DAYS, OWN)

    assert len(found(series, 389).rows) == 16
    assert reason(series, 390).startswith(
        f"its event window [-5, 10] around {DAYS[390]} reaches 1 session beyond the data"
    )
    assert reason(series, 400).startswith("no session settles after the event: the prices end on")


def test_rows_of_gap_and_event_window_are_no_part_of_sigma() -> None:
    at, wild = 200, OWN.copy()
    wild[at - 10 : at] *= 3.0
    wild[at] *= 9.0

    assert found(build_rows(DAYS, wild), at).sigma == pytest.approx(
        found(build_rows(DAYS, OWN), at).sigma, rel=1e-15
    )


def test_the_estimation_window_ends_a_gap_before_the_event_window() -> None:
    at, series, design = 200, build_rows(DAYS, OWN), Design(gap=7, window=Window(-2, 3))
    mean = float(series.returns[at - 2 - 7 - 120 : at - 2 - 7].mean())

    assert found(series, at, design=design).alpha == pytest.approx(mean, rel=1e-12)
    assert [row.session for row in found(series, at, design=design).rows] == list(DAYS[198:204])


@pytest.mark.parametrize("model", ONE_BENCHMARK)
def test_a_price_that_does_not_move_has_no_variance_and_no_test(model: str) -> None:
    flat = OWN.copy()
    flat[60:200] = flat[60]
    benchmark = (
        dict.fromkeys(DAYS, 50.0) | {DAYS[70]: 51.0} if model == "market" else dict.fromkeys(DAYS, 5.0)
    )

    assert "no variance, no test" in reason(build_rows(DAYS, flat, benchmark), 195, model)


def test_steady_growth_is_no_variance_either_whatever_rounding_leaves() -> None:
    steady = 80.0 * np.exp(0.001 * np.arange(400))

    assert "no variance" in reason(build_rows(DAYS, steady), 200)


def test_a_price_that_is_its_own_benchmark_has_no_variance() -> None:
    same = dict(zip(DAYS, OWN.tolist(), strict=True))

    assert "no variance" in reason(build_rows(DAYS, OWN, same), 200, "market")
    assert "no variance" in reason(build_rows(DAYS, OWN, same), 200, "market-adjusted")


def test_a_benchmark_that_does_not_move_has_no_slope() -> None:
    assert "no slope exists" in reason(build_rows(DAYS, OWN, dict.fromkeys(DAYS, 50.0)), 200, "market")


@pytest.mark.parametrize("price", [0.0, -36.98])
@pytest.mark.parametrize("row", [69, 150, 192, 210])
def test_a_price_of_zero_or_below_in_the_span_is_refused_with_its_day(price: float, row: int) -> None:
    broken = OWN.copy()
    broken[row] = price

    assert reason(build_rows(DAYS, broken), 200).startswith(
        f"the price of {DAYS[row]} is {price:g}: no log return"
    )
    assert len(found(build_rows(DAYS, broken), 380).rows) == 16


@pytest.mark.parametrize("row", [68, 211])
def test_a_price_below_zero_outside_the_span_changes_nothing(row: int) -> None:
    broken = OWN.copy()
    broken[row] = -1.0

    assert found(build_rows(DAYS, broken), 200) == found(build_rows(DAYS, OWN), 200)


def test_wti_below_zero_on_20_april_2020_is_refused_where_it_is_the_price_and_where_it_is_the_benchmark() -> (
    None
):
    wti = prices(WTI)
    alone = build_rows(tuple(wti), list(wti.values()))
    at = alone.sessions.index(date(2020, 4, 20))

    assert "the price of 2020-04-20 is -36.98" in reason(alone, at)
    beside = reason(brent(wti), row_of("2020-04-20"), "market")
    assert "the benchmark of 2020-04-20 is -36.98" in beside


def test_columbus_day_2023_stays_a_session_where_wti_has_none() -> None:
    """An inner join would delete it, and its +3.9 %, and count the window without it."""
    wti = {day: price for day, price in prices(BRENT).items() if day != date(2023, 10, 9)}
    at, near = row_of("2023-10-09"), Design(window=Window(0, 0))

    assert found(brent(), at, design=near).rows[0].ar == pytest.approx(0.039, abs=1.5e-3)
    assert reason(brent(wti), at, "market-adjusted", near).startswith(
        "the benchmark has no value on 2023-10-09, and a return in the event window needs it"
    )
    assert "2023-10-09" in reason(brent(wti), at + 1, "market", near)


@pytest.mark.parametrize("model", ["market", "market-adjusted"])
def test_a_missing_benchmark_value_in_the_event_window_refuses_that_event_alone(model: str) -> None:
    studied = list_outcomes(study(build_rows(DAYS, OWN, lacking(203)), DESIGN, load(model), [170, 200, 230]))

    assert [type(each) for each in studied] == [EventStudy, Refused, EventStudy]
    assert str(DAYS[203]) in getattr(studied[1], "reason", "")


def test_a_missing_benchmark_value_in_the_estimation_window_is_told_and_120_rows_are_still_used() -> None:
    at, missing = 200, 100
    result = found(build_rows(DAYS, OWN, lacking(missing)), at, "market-adjusted")
    series = with_market()
    assert series.benchmark is not None
    apart = series.returns - series.benchmark
    used = [row for row in range(at - 132, at - 10) if row not in (missing, missing + 1)]

    assert result.passed_over == (DAYS[missing], DAYS[missing + 1])
    assert len(used) == 120
    assert result.sigma == pytest.approx(float(np.std(apart[used], ddof=1)), rel=1e-12)
    assert result.df == 119


def test_a_missing_benchmark_value_in_the_gap_matters_to_nobody() -> None:
    assert found(build_rows(DAYS, OWN, lacking(192)), 200, "market") == found(with_market(), 200, "market")


def test_a_model_that_needs_a_benchmark_says_so() -> None:
    with pytest.raises(InvalidInput, match="none was given"):
        study(build_rows(DAYS, OWN), DESIGN, load("market"), [200])


def test_returns_are_logarithmic_not_simple_and_not_over_the_later_price() -> None:
    series, at = build_rows(DAYS, OWN), 200
    result = found(series, at)

    assert result.alpha is not None
    assert result.rows[5].ar + result.alpha == pytest.approx(math.log(OWN[at] / OWN[at - 1]), rel=1e-12)


def test_statistics_belong_to_their_own_row() -> None:
    result = found(build_rows(DAYS, OWN), 200)

    assert len({row.t_ar for row in result.rows}) == len({row.t_car for row in result.rows}) == 16
    assert result.rows[0].car == result.rows[0].ar


def test_every_event_is_the_same_alone_and_among_others_in_any_order() -> None:
    series = with_market()
    order = [300, 200, 131, 389, 200]
    together = list_outcomes(study(series, DESIGN, load("market"), order))

    assert together == tuple(one(series, at, "market") for at in order)


def test_no_event_is_an_empty_study() -> None:
    nothing = study(with_market(), DESIGN, load("market"), [])

    assert list_outcomes(nothing) == ()
    assert nothing.rank_p_ar().shape == nothing.t_ar().shape == (0, 16)
    assert list_outcomes(study(build_rows((), []), DESIGN, load("constant-mean"), [0]))[0] == Refused(
        "no session settles after the event: there are no prices; give newer prices"
    )


def test_overlapping_windows_are_listed_and_nobody_is_removed() -> None:
    """Egypt reaches Libya."""
    at = [row_of("2011-02-22"), row_of("2019-09-16"), row_of("2011-02-10")]
    studied = study(brent(), DESIGN, load("constant-mean"), at)

    assert list(find_overlaps(studied)) == [(2, 0)]
    assert len(studied.kept) == 3


def test_windows_that_touch_do_not_overlap() -> None:
    studied = study(build_rows(DAYS, OWN), DESIGN, load("constant-mean"), [200, 216, 231])

    assert list(find_overlaps(studied)) == [(1, 2)]


def test_every_session_of_the_bundled_series_can_be_an_event() -> None:
    series = brent()
    studied = study(series, DESIGN, load("constant-mean"), np.arange(len(series)))

    assert len(studied.kept) == len(series) - ENOUGH - 10
    assert np.isfinite(studied.t_car()).all()
    assert sessions(1)[0] == DAYS[0]
