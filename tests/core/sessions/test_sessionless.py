"""Rows on days without a session: which are left out, and which stay."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.sessions.calendar_check import Sessionless, find_sessionless
from brentwatch.core.sessions.table import CALENDARS, load

REAL = {bar.session: bar.close for bar in bundled_bars()}


def filled(prices: dict[date, float], *, weekends: bool = True) -> dict[date, float]:
    """Each day has the price before it, as `asfreq("D").ffill()` has it, or "B" without weekends."""
    found: dict[date, float] = {}
    for one, other in pairwise(prices):
        day = one
        while day < other:
            if weekends or day.weekday() < 5:
                found[day] = prices[one]
            day += timedelta(days=1)
    return {**found, other: prices[other]}


def test_no_row_of_the_bundled_series_is_left_out() -> None:
    assert find_sessionless(load("london"), REAL) == Sessionless()


@pytest.mark.parametrize("name", sorted(CALENDARS))
@pytest.mark.parametrize("price", [61.50, 60.25])
def test_a_weekend_row_is_no_session_whatever_its_price(name: str, price: float) -> None:
    days = {date(2019, 9, 13): 60.25, date(2019, 9, 15): price, date(2019, 9, 16): 68.42}

    assert find_sessionless(load(name), days).days == {date(2019, 9, 15)}


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_a_holiday_row_is_left_out_where_it_repeats_the_price_before(name: str) -> None:
    christmas = date(2019, 12, 25)
    before, after = {date(2019, 12, 24): 66.0}, {date(2019, 12, 26): 67.0}

    assert find_sessionless(load(name), {**before, christmas: 66.0, **after}).holidays == (christmas,)
    own = find_sessionless(load(name), {**before, christmas: 66.5, **after})
    assert (own.days, own.priced) == (frozenset(), (christmas,))


@pytest.mark.parametrize("weekends", [True, False])
def test_what_fills_a_series_is_left_out(weekends: bool) -> None:
    recent = {day: price for day, price in REAL.items() if date(2018, 1, 2) <= day < date(2020, 3, 1)}
    found = find_sessionless(load("london"), filled(recent, weekends=weekends))
    added = set(filled(recent, weekends=weekends)) - set(recent)
    missing = {date(2018, 12, 24), date(2018, 12, 31)}

    assert added <= found.days
    assert missing <= set(found.filled)
    assert all(day.weekday() > 4 for day in found.weekends)
    assert {day for day in found.days - added if recent[day] != recent[previous(recent, day)]} == set()


def previous(prices: dict[date, float], day: date) -> date:
    return max(each for each in prices if each < day)


def test_a_hole_that_was_filled_stays_a_hole() -> None:
    whole = {day: price for day, price in REAL.items() if date(2018, 1, 2) <= day < date(2020, 3, 1)}
    hole = {day for day in whole if date(2019, 6, 14) <= day <= date(2019, 8, 8)}
    left = filled({day: price for day, price in whole.items() if day not in hole})

    assert hole <= find_sessionless(load("london"), left).days


def test_a_price_that_stands_still_is_not_taken_for_filling() -> None:
    days = {date(2019, 1, 1) + timedelta(days=number): 60.0 for number in range(120)}
    found = find_sessionless(load("london"), days)

    assert len(days) - len(found.days) > 80


def test_a_bank_holiday_that_repeats_stays_where_nothing_shows_that_the_file_was_filled() -> None:
    days = {date(2019, 8, 23): 59.0, date(2019, 8, 26): 59.0, date(2019, 8, 27): 60.0}

    assert find_sessionless(load("london"), days) == Sessionless()
