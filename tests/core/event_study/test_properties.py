"""Whatever the prices: a result or the house's own error, no NaN, and no part in it for what came later."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.event_study.series import ONE_BENCHMARK
from tests.core.series import sessions

from brentwatch.core.domain import Refused, Window
from brentwatch.core.errors import BrentwatchError
from brentwatch.core.event_study.batch import EventStudy, list_outcomes
from brentwatch.core.event_study.classical import study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import build_rows
from brentwatch.core.event_study.table import load

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 60
DAYS = sessions(COUNT)
TINY = Design(estimation=10, gap=2, window=Window(-1, 2))
PRICE = st.one_of(
    st.floats(1.0, 200.0),
    st.sampled_from([0.0, -37.0, 80.0, 80.01, 1e-9, 1e9, math.nan, math.inf]),
)
SOUND = st.lists(st.integers(1_000, 20_000), min_size=COUNT, max_size=COUNT)
MODEL = st.sampled_from(list(ONE_BENCHMARK))


def figures(outcome: EventStudy | Refused) -> list[float]:
    if isinstance(outcome, Refused):
        return []
    told = [outcome.sigma, *(value for value in (outcome.alpha, outcome.beta) if value is not None)]
    for row in outcome.rows:
        told += [row.ar, row.car, row.error_ar, row.error_car, row.t_ar, row.t_car]
        told += [row.p_ar, row.p_car, row.rank_p_ar]
    return told


def outcomes_of(
    model: str, closes: Sequence[float], benchmark: Sequence[float | None], at: Sequence[int]
) -> tuple[EventStudy | Refused, ...]:
    days = DAYS[: len(closes)]
    beside = {day: value for day, value in zip(days, benchmark, strict=False) if value is not None}
    return list_outcomes(study(build_rows(days, closes, beside), TINY, load(model), at))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    MODEL,
    st.lists(PRICE, min_size=0, max_size=COUNT),
    st.lists(st.one_of(st.none(), PRICE), min_size=COUNT, max_size=COUNT),
    st.lists(st.integers(-3, COUNT + 3), max_size=8),
)
def test_whatever_comes_in_a_result_is_finite_and_an_error_is_the_houses(
    model: str, closes: list[float], benchmark: list[float | None], at: list[int]
) -> None:
    try:
        found = outcomes_of(model, closes, benchmark, at)
    except BrentwatchError:
        return

    assert len(found) == len(at)
    told = np.array([value for outcome in found for value in figures(outcome)])
    assert np.isfinite(told).all()
    for outcome in found:
        if isinstance(outcome, EventStudy):
            assert all(0.0 <= p <= 1.0 for row in outcome.rows for p in (row.p_ar, row.p_car, row.rank_p_ar))


@settings(max_examples=100, deadline=None)
@given(MODEL, SOUND, SOUND, st.integers(14, COUNT - 4), st.integers(0, 2**31))
def test_nothing_after_the_event_window_changes_a_result(
    model: str, closes: list[int], benchmark: list[int], at: int, seed: int
) -> None:
    until = at + TINY.window.end + 1
    other = np.random.default_rng(seed).integers(-1_000, 20_000, COUNT).tolist()

    known = outcomes_of(model, closes[:until], benchmark[:until], [at])
    later = outcomes_of(model, [*closes[:until], *other[until:]], [*benchmark[:until], *other[until:]], [at])
    assert known == later


@settings(max_examples=100, deadline=None)
@given(MODEL, SOUND, SOUND, st.permutations(range(12, COUNT - 4)))
@pytest.mark.slow
def test_the_order_of_the_events_and_their_company_change_nothing(
    model: str, closes: list[int], benchmark: list[int], order: list[int]
) -> None:
    together = outcomes_of(model, closes, benchmark, order)

    assert dict(zip(order, together, strict=True)) == {
        at: outcomes_of(model, closes, benchmark, [at])[0] for at in order
    }


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(MODEL, SOUND, SOUND, st.sampled_from([0.01, 1.0 / 3.0, 7.45, 1_000.0]))
def test_prices_in_another_unit_say_the_same(
    model: str, closes: list[int], benchmark: list[int], factor: float
) -> None:
    at = range(12, COUNT - 4)
    one = outcomes_of(model, closes, benchmark, at)
    scaled = outcomes_of(
        model, [factor * price for price in closes], [factor * price for price in benchmark], at
    )

    for outcome, other in zip(one, scaled, strict=True):
        assert type(outcome) is type(other)
        assert figures(outcome) == pytest.approx(figures(other), rel=1e-7, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(SOUND, st.integers(14, COUNT - 4))
def test_other_dates_say_the_same(closes: list[int], at: int) -> None:
    here, there = DAYS, sessions(COUNT, first=DAYS[40])
    one, other = (
        list_outcomes(study(build_rows(days, closes), TINY, load("constant-mean"), [at]))[0]
        for days in (here, there)
    )

    assert figures(one) == figures(other)
