"""ICE Brent: its holidays by rule, its hours in the clock of London, and what an override changes.

Special days: the holiday hours that ICE Futures Europe publishes for Brent (ice.com).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from pandas.tseries.holiday import GoodFriday

from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions import table
from brentwatch.core.sessions.calendar import HasHours, Override, apply_overrides
from brentwatch.core.sessions.ice import Ice, good_friday

ICE = Ice()

CLOSED = [
    date(2018, 3, 30),  # Good Friday
    date(2019, 4, 19),
    date(2020, 4, 10),
    date(2021, 4, 2),
    date(2024, 3, 29),
    date(2026, 4, 3),
    date(2019, 12, 25),
    date(2020, 1, 1),
    date(2024, 12, 25),
    date(2025, 1, 1),
    date(2016, 12, 26),  # Christmas Day was a Sunday
    date(2022, 12, 26),
    date(2023, 1, 2),  # New Year's Day was a Sunday
]

OPEN = [
    date(2024, 4, 1),  # Easter Monday
    date(2024, 5, 6),  # bank holidays of England
    date(2024, 8, 26),
    date(2022, 6, 2),
    date(2022, 9, 19),  # the funeral of Queen Elizabeth II
    date(2023, 5, 8),
    date(2024, 12, 26),  # Boxing Day
    date(2021, 12, 27),  # Christmas Day was a Saturday
    date(2022, 1, 3),  # New Year's Day was a Saturday
    date(2024, 11, 28),  # Thanksgiving
    date(2024, 7, 4),
    date(2024, 12, 24),
    date(2024, 12, 31),
]


@pytest.mark.parametrize("day", CLOSED)
def test_a_holiday_is_no_session(day: date) -> None:
    assert ICE.find_on_or_after(day) > day


@pytest.mark.parametrize("day", OPEN)
def test_other_days_of_the_week_trade(day: date) -> None:
    assert ICE.find_on_or_after(day) == day


def test_good_friday_is_that_of_another_computus() -> None:
    theirs = [day.date() for day in GoodFriday.dates("1990-01-01", "2099-12-31")]
    assert [good_friday(year) for year in range(1990, 2100)] == theirs


@pytest.mark.parametrize(
    ("session", "opens", "closes"),
    [
        (date(2024, 1, 8), datetime(2024, 1, 7, 23, tzinfo=UTC), datetime(2024, 1, 8, 23, tzinfo=UTC)),
        (date(2024, 1, 9), datetime(2024, 1, 9, 1, tzinfo=UTC), datetime(2024, 1, 9, 23, tzinfo=UTC)),
        (date(2024, 7, 8), datetime(2024, 7, 7, 22, tzinfo=UTC), datetime(2024, 7, 8, 22, tzinfo=UTC)),
        (date(2024, 7, 9), datetime(2024, 7, 9, 0, tzinfo=UTC), datetime(2024, 7, 9, 22, tzinfo=UTC)),
        # New York has changed its clocks and London has not; in October it is the other way round
        (date(2024, 3, 11), datetime(2024, 3, 10, 23, tzinfo=UTC), datetime(2024, 3, 11, 23, tzinfo=UTC)),
        (date(2024, 10, 28), datetime(2024, 10, 27, 23, tzinfo=UTC), datetime(2024, 10, 28, 23, tzinfo=UTC)),
        # the Sundays on which London changes
        (date(2024, 4, 1), datetime(2024, 3, 31, 22, tzinfo=UTC), datetime(2024, 4, 1, 22, tzinfo=UTC)),
    ],
)
def test_trade_runs_in_the_clock_of_london(session: date, opens: datetime, closes: datetime) -> None:
    hours = ICE.hours(session)
    assert (hours.opens_at, hours.closes_at) == (opens, closes)


def test_an_override_closes_a_day_and_opens_another() -> None:
    calendar = apply_overrides(ICE, [Override(date(2024, 1, 9), closed=True), Override(date(2024, 1, 13))])
    assert calendar.find_on_or_after(date(2024, 1, 9)) == date(2024, 1, 10)
    assert calendar.find_on_or_after(date(2024, 1, 13)) == date(2024, 1, 13)
    assert calendar.find_on_or_after(date(2024, 1, 14)) == date(2024, 1, 15)


def test_an_override_ends_a_day_early() -> None:
    early = Override(date(2024, 12, 24), closes=time(19, 0))
    calendar = table.load("ice", (early,))
    assert isinstance(calendar, HasHours)
    hours = calendar.hours(date(2024, 12, 24))
    assert hours.opens_at == datetime(2024, 12, 24, 1, tzinfo=UTC)
    assert hours.closes_at == datetime(2024, 12, 24, 19, tzinfo=UTC)


def test_an_override_that_ends_before_it_begins_is_refused() -> None:
    calendar = apply_overrides(ICE, [Override(date(2024, 12, 24), closes=time(0, 30))])
    assert isinstance(calendar, HasHours)
    with pytest.raises(InvalidInput, match="expected an end after the beginning"):
        calendar.hours(date(2024, 12, 24))
