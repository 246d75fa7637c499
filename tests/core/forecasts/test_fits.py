"""Bundled fits are what the fold would have found, and are taken for the prices they were made from only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.domain import (
    BRENT_SPOT,
    HEADLINE,
    Found,
    PriceUpdate,
    PublishStudy,
    Refused,
    SessionStudy,
)
from brentwatch.core.forecasts.fits import BundledFit, Month, compute_checksum
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.machine import Rules, create_state, step
from brentwatch.history.rules import dump_fits, load_fits, parse_fits

ROWS = load_fits()


@cache
def bars(end: date) -> tuple[PriceUpdate, ...]:
    kept = [bar for bar in bundled_bars() if bar.session <= end]
    return tuple(
        PriceUpdate(
            series=BRENT_SPOT.series.name,
            bars=(bar,),
            complete_through=bar.closes_at,
            known_at=bar.closes_at,
            warmup=True,
        )
        for bar in kept
    )


def headline(
    rows: dict[Month, BundledFit],
    start: date,
    end: date,
    scale: float = 1.0,
    pause: tuple[date, date] = (date.max, date.max),
) -> SessionStudy:
    """The session test of `end`; sessions before `start`, and those within `pause`, are warm-up."""
    state = create_state(Rules(instrument=BRENT_SPOT, fits=rows))
    found: list[SessionStudy] = []
    for update in bars(end):
        (bar,) = update.bars
        told = replace(
            update,
            bars=(replace(bar, close=scale * bar.close),),
            warmup=bar.session < start or pause[0] <= bar.session <= pause[1],
        )
        state, effects = step(state, told)
        told_now = (effect.study for effect in effects if isinstance(effect, PublishStudy))
        found += [study for study in told_now if isinstance(study, SessionStudy)]
    (last,) = [
        each for each in found if (each.session, each.window, each.model) == (end, HEADLINE, HEADLINE_MODEL)
    ]
    return last


def p(study: SessionStudy) -> float:
    assert isinstance(study.result, Found)
    return study.result.p


@pytest.mark.slow
@pytest.mark.parametrize("start", [date(2006, 3, 1), date(2006, 3, 20), date(2005, 11, 7)])
def test_the_number_does_not_depend_on_where_the_testing_starts(start: date) -> None:
    end = date(2006, 3, 31)
    study = headline(dict(ROWS), start, end)
    whole = headline(dict(ROWS), date(2003, 1, 2), end)

    assert p(study) == pytest.approx(p(whole), rel=1e-9)
    assert study.scale is not None
    assert study.scale.since == date(2002, 12, 13)


@pytest.mark.parametrize("scale", [1.0, 1.01])
def test_sessions_that_are_not_tested_move_the_scale_as_if_they_were(scale: float) -> None:
    """Else a number would depend on which events came; on the bundled prices and on any others."""
    start, end = date(2006, 3, 1), date(2006, 3, 31)
    plain = headline(dict(ROWS), start, end, scale)
    paused = headline(dict(ROWS), start, end, scale, pause=(date(2006, 3, 6), date(2006, 3, 28)))

    assert paused.scale == plain.scale
    assert p(paused) == p(plain)


def test_for_other_prices_the_rows_are_left_alone() -> None:
    end = date(2006, 3, 6)
    other = headline(dict(ROWS), date(2006, 3, 1), end, scale=1.01)

    assert other.scale is not None
    assert other.scale.since == date(2006, 3, 1)


def test_a_row_that_knows_of_sessions_of_its_own_month_is_never_taken() -> None:
    """The first month was fitted in its middle: taken on its second day, it would know the days to come."""
    study = headline(dict(ROWS), date(2002, 12, 2), date(2002, 12, 3))

    assert ROWS[2002, 12].fit.fitted_through == date(2002, 12, 12)
    assert isinstance(study.result, Refused)


def test_the_checksum_is_of_the_closes_before_the_month() -> None:
    every = bundled_bars()
    before = [bar for bar in every if bar.session < date(2020, 4, 1)]
    touched = [*before[:-1], replace(before[-1], close=before[-1].close + 0.01)]

    assert compute_checksum(every, (2020, 4)) == compute_checksum(before, (2020, 4)) == ROWS[2020, 4].checksum
    assert compute_checksum(touched, (2020, 4)) != ROWS[2020, 4].checksum


def test_what_is_written_is_read_as_it_was() -> None:
    assert parse_fits(dump_fits(ROWS)) == ROWS
