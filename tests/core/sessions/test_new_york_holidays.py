from __future__ import annotations

from datetime import date

import pytest

from brentwatch.core.sessions.business_days import _list_holidays, is_new_york_holiday


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 11, 28), True),  # Thanksgiving
        (date(2024, 10, 14), False),  # Columbus Day
        (date(2021, 7, 5), True),  # Independence Day on a Sunday, observed on Monday
        (date(2024, 6, 19), True),
        (date(2019, 6, 19), False),  # Juneteenth is a holiday since 2021
        (date(1999, 12, 31), True),  # New Year's Day of 2000, a Saturday
        (date(2000, 1, 1), False),
        (date(1, 1, 1), False),
        (date(9999, 12, 31), False),
    ],
)
def test_a_holiday_is_the_day_on_which_it_is_observed(day: date, expected: bool) -> None:
    assert is_new_york_holiday(day) is expected


def test_three_centuries_are_made_once_each() -> None:
    _list_holidays.cache_clear()
    for year in range(1900, 2200):
        is_new_york_holiday(date(year, 3, 1))

    assert _list_holidays.cache_info().misses == 3
