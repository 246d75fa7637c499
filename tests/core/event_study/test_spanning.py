"""A return over missing sessions is refused, or judged with mean and variance of the sessions it spans."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import t as student
from tests.core.event_study.series import ONE_BENCHMARK, made_up

from brentwatch.core.domain import Refused, Window
from brentwatch.core.event_study.batch import EventStudy, list_outcomes
from brentwatch.core.event_study.classical import study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.core.event_study.significance import permutation, rank
from brentwatch.core.event_study.table import load

AT, GONE = 250, 7
"""Tau 0 of the full series; so many sessions right before it are taken out."""

DESIGN = Design(window=Window(0, 1))


def with_hole() -> tuple[Rows, int]:
    """The made-up series without the sessions before `AT`, and the row that then has tau 0."""
    days, own, market = made_up()
    kept = [at for at in range(len(days)) if not AT - GONE <= at < AT]
    sessions = tuple(days[at] for at in kept)
    beside = dict(zip(days, market.tolist(), strict=True))
    return build_rows(sessions, own[kept], beside, {days[AT]: GONE + 1}), AT - GONE


@pytest.mark.parametrize("model", sorted(ONE_BENCHMARK))
def test_an_event_window_with_such_a_return_is_refused(model: str) -> None:
    series, at = with_hole()
    for window in (Window(0, 1), Window(-5, 10), Window(-1, 0)):
        (found,) = list_outcomes(study(series, Design(window=window), load(model), [at]))
        assert isinstance(found, Refused)
        assert found.reason.startswith(
            f"the return of {series.sessions[at]} spans 8 sessions, since 7 sessions between "
            f"{series.sessions[at - 1]} and {series.sessions[at]} have no price"
        )
        assert found.reason.endswith("or allow it with --span (span=True in a notebook)")


@pytest.mark.parametrize("model", sorted(ONE_BENCHMARK))
def test_windows_without_it_are_judged_as_ever(model: str) -> None:
    series, at = with_hole()
    spans_none = replace(DESIGN, span=True)
    for design in (DESIGN, spans_none):
        (found,) = list_outcomes(study(series, design, load(model), [at - 2]))
        (full,) = list_outcomes(study(rows_of_all(), design, load(model), [at - 2]))
        assert found == full


def rows_of_all() -> Rows:
    days, own, market = made_up()
    return build_rows(days, own, dict(zip(days, market.tolist(), strict=True)))


def test_span_scales_mean_and_variance_by_the_sessions_spanned() -> None:
    """By hand: q alpha is expected, and Var AR = sigma^2 (q + q^2 / n)."""
    series, at = with_hole()
    (found,) = list_outcomes(study(series, replace(DESIGN, span=True), load("constant-mean"), [at]))
    assert isinstance(found, EventStudy)
    estimated, n = series.returns[at - 125 : at - 5], 120
    mean, sigma = float(estimated.mean()), float(estimated.std(ddof=1))
    lengths = np.array([8.0, 1.0])
    ar, so_far = series.returns[at : at + 2] - lengths * mean, np.cumsum(lengths)

    assert [row.ar for row in found.rows] == pytest.approx(ar, rel=1e-12)
    assert [row.error_ar for row in found.rows] == pytest.approx(
        sigma * np.sqrt(lengths + lengths**2 / n), rel=1e-12
    )
    assert [row.error_car for row in found.rows] == pytest.approx(
        sigma * np.sqrt(so_far + so_far**2 / n), rel=1e-12
    )
    assert found.rows[0].p_ar == pytest.approx(
        2.0 * student.sf(abs(ar[0]) / (sigma * math.sqrt(8.0 + 64.0 / n)), 119), rel=1e-12
    )
    quiet = np.abs(estimated - mean)
    assert found.rows[0].rank_p_ar == (1 + int((quiet >= abs(ar[0]) / math.sqrt(8.0)).sum())) / 121


def test_span_of_the_market_model_is_the_sum_of_its_sessions() -> None:
    """Eight sessions as one return: the same CAR and the same error as those sessions cumulated."""
    hole, at = with_hole()
    whole = rows_of_all()
    for model in ("constant-mean", "market-adjusted", "market"):
        design = Design(window=Window(0, 0), span=True)
        (found,) = list_outcomes(study(hole, design, load(model), [at]))
        sessions = Design(window=Window(-GONE, 0))
        (summed,) = list_outcomes(study(whole, sessions, load(model), [AT]))
        assert isinstance(found, EventStudy)
        assert isinstance(summed, EventStudy)
        assert found.rows[0].ar == pytest.approx(summed.rows[-1].car, rel=1e-9)
        assert found.rows[0].error_ar == pytest.approx(summed.rows[-1].error_car, rel=1e-9)
        assert found.rows[0].p_ar == pytest.approx(summed.rows[-1].p_car, rel=1e-9)


@pytest.mark.parametrize("span", [False, True])
def test_nothing_is_estimated_on_such_a_return(span: bool) -> None:
    series, at = with_hole()
    later = at + 60
    (found,) = list_outcomes(study(series, replace(DESIGN, span=span), load("constant-mean"), [later]))
    assert isinstance(found, EventStudy)
    before = [row for row in range(later - 5) if row != at][-120:]

    assert found.sigma == pytest.approx(float(series.returns[before].std(ddof=1)), rel=1e-12)
    assert found.passed_over == (series.sessions[at],)


def test_tests_that_compare_rows_take_it_over_the_root_of_its_sessions() -> None:
    series, at = with_hole()
    panel = study(series, replace(DESIGN, span=True), load("constant-mean"), [at, at + 40]).build_panel()
    alike = replace(panel, ar=panel.ar / np.sqrt([[8.0, 1.0], [1.0, 1.0]]), spanned=None)

    for test in (rank.ar, permutation.car):
        one, other = test(panel), test(alike)
        assert not isinstance(one, Refused)
        assert not isinstance(other, Refused)
        assert one.p.tolist() == other.p.tolist()


def test_a_series_without_holes_has_no_spans() -> None:
    assert rows_of_all().spans == {}
    assert date(2010, 1, 5) not in rows_of_all().spans
