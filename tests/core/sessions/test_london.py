from __future__ import annotations

from datetime import date, timedelta

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions import table

LONDON = table.load("london")

CLOSED = [
    date(2019, 12, 25),
    date(2019, 12, 26),
    date(2020, 1, 1),
    date(2020, 4, 10),  # Good Friday
    date(2020, 4, 13),  # Easter Monday
    date(2020, 5, 8),  # moved from Monday 4 May, for the 75th anniversary of the end of the war in Europe
    date(2020, 8, 31),
    date(2021, 12, 27),  # in lieu of Christmas Day
    date(2021, 12, 28),  # in lieu of Boxing Day
    date(2022, 1, 3),  # in lieu of New Year's Day
    date(2022, 5, 2),
    date(2022, 6, 2),  # the spring bank holiday, moved from 30 May
    date(2022, 6, 3),  # the Platinum Jubilee
    date(2022, 9, 19),  # the funeral of Queen Elizabeth II
    date(2023, 5, 8),  # the coronation
]

OPEN = [
    date(2020, 5, 4),
    date(2022, 5, 30),
    date(2022, 6, 1),
    date(2022, 6, 6),
    date(2022, 1, 4),
    date(2021, 7, 5),  # closed in New York only
    date(2021, 11, 25),  # Thanksgiving
    date(2021, 12, 24),  # half a day is a session
]


@pytest.mark.parametrize("day", CLOSED)
def test_a_bank_holiday_is_no_session(day: date) -> None:
    assert LONDON.find_on_or_after(day) > day


@pytest.mark.parametrize("day", OPEN)
def test_a_working_day_is_a_session(day: date) -> None:
    assert LONDON.find_on_or_after(day) == day


@pytest.mark.parametrize(("day", "expected"), [("2022-01-08", "2022-01-10"), ("2022-01-09", "2022-01-10")])
def test_a_weekend_goes_on_to_monday(day: str, expected: str) -> None:
    assert LONDON.find_on_or_after(date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2022, 6, 2), date(2022, 6, 6)),
        (date(2020, 4, 10), date(2020, 4, 14)),
        (date(2021, 12, 25), date(2021, 12, 29)),
    ],
)
def test_holidays_in_a_row_are_all_skipped(day: date, expected: date) -> None:
    assert LONDON.find_on_or_after(day) == expected


@pytest.mark.parametrize(
    ("year", "sessions"), [(2019, 253), (2020, 254), (2021, 253), (2022, 250), (2023, 251), (2024, 254)]
)
def test_a_year_has_the_golden_number_of_sessions(year: int, sessions: int) -> None:
    days = (
        date(year, 1, 1) + timedelta(days=count)
        for count in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    )

    assert sum(LONDON.find_on_or_after(day) == day for day in days) == sessions


def test_an_unknown_calendar_stops_and_names_those_there_are() -> None:
    with pytest.raises(
        SettingsError, match="no calendar is called 'paris'; expected one of globex, ice, london"
    ):
        table.load("paris")
