"""Which days no source has a price of: a row of a file on such a day is no session."""

from __future__ import annotations

from datetime import date

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.sessions.calendar import Override
from brentwatch.core.sessions.table import CALENDARS, load


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_no_calendar_trades_on_weekends_and_on_the_three_great_holidays(name: str) -> None:
    calendar = load(name)

    for day in (
        date(2019, 9, 14),
        date(2019, 9, 15),
        date(2019, 12, 25),
        date(2020, 1, 1),
        date(2019, 4, 19),
    ):
        assert calendar.is_never_traded(day)
    assert not calendar.is_never_traded(date(2019, 9, 16))


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_a_bank_holiday_of_london_may_have_a_price(name: str) -> None:
    assert not load(name).is_never_traded(date(2019, 8, 26))


def test_every_price_of_the_bundled_series_is_of_a_day_that_may_trade() -> None:
    calendar = load("london")

    assert [bar.session for bar in bundled_bars() if calendar.is_never_traded(bar.session)] == []


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_an_override_says_whether_a_day_trades(name: str) -> None:
    sunday, monday = date(2019, 9, 15), date(2019, 9, 16)
    calendar = load(name, (Override(sunday), Override(monday, closed=True)))

    assert not calendar.is_never_traded(sunday)
    assert calendar.is_never_traded(monday)
