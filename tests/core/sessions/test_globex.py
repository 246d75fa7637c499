"""CME Globex, energy: twenty special days, both gaps between the clocks, Sunday openings, early closes.

Special days: holiday calendar of CME Globex, energy (cmegroup.com, "Trading hours: holidays").
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from brentwatch.core.sessions.globex import Globex

GLOBEX = Globex()

CLOSED = [
    date(2020, 4, 10),  # Good Friday
    date(2021, 4, 2),
    date(2022, 4, 15),
    date(2024, 3, 29),
    date(2019, 12, 25),
    date(2023, 12, 25),
    date(2022, 12, 26),  # Christmas Day was a Sunday
    date(2020, 1, 1),
    date(2024, 1, 1),
    date(2023, 1, 2),  # New Year's Day was a Sunday
]

EARLY = [
    (date(2022, 1, 17), datetime(2022, 1, 17, 19, 30, tzinfo=UTC)),  # Martin Luther King
    (date(2024, 5, 27), datetime(2024, 5, 27, 18, 30, tzinfo=UTC)),  # Memorial Day
    (date(2025, 6, 19), datetime(2025, 6, 19, 18, 30, tzinfo=UTC)),  # Juneteenth
    (date(2025, 7, 4), datetime(2025, 7, 4, 18, 30, tzinfo=UTC)),
    (date(2025, 11, 27), datetime(2025, 11, 27, 19, 30, tzinfo=UTC)),  # Thanksgiving
    (date(2024, 11, 29), datetime(2024, 11, 29, 18, 45, tzinfo=UTC)),  # the day after
]

WHOLE = [
    date(2024, 4, 1),  # Easter Monday
    date(2021, 12, 31),
    date(2024, 12, 26),
    date(2022, 9, 19),  # a day of mourning in London
    date(2025, 1, 9),  # a day of mourning in New York
]


@pytest.mark.parametrize("day", CLOSED)
def test_a_holiday_is_no_session(day: date) -> None:
    assert GLOBEX.find_on_or_after(day) > day


@pytest.mark.parametrize(("day", "closes"), EARLY)
def test_some_holidays_are_sessions_that_end_early(day: date, closes: datetime) -> None:
    assert GLOBEX.find_on_or_after(day) == day
    assert GLOBEX.hours(day).closes_at == closes


@pytest.mark.parametrize("day", WHOLE)
def test_other_days_are_whole(day: date) -> None:
    assert GLOBEX.find_on_or_after(day) == day
    assert GLOBEX.hours(day).closes_at.astimezone(GLOBEX.zone).hour == 17


@pytest.mark.parametrize(
    ("monday", "opens"),
    [
        (date(2019, 9, 16), datetime(2019, 9, 15, 22, tzinfo=UTC)),  # after Abqaiq, on the Saturday
        (date(2024, 1, 8), datetime(2024, 1, 7, 23, tzinfo=UTC)),
        (date(2024, 7, 8), datetime(2024, 7, 7, 22, tzinfo=UTC)),
        (date(2026, 3, 9), datetime(2026, 3, 8, 22, tzinfo=UTC)),  # the Sunday on which New York changes
        (date(2024, 3, 18), datetime(2024, 3, 17, 22, tzinfo=UTC)),  # New York has changed, London has not
        (date(2024, 10, 28), datetime(2024, 10, 27, 22, tzinfo=UTC)),  # London has, New York has not
        (date(2024, 11, 4), datetime(2024, 11, 3, 23, tzinfo=UTC)),
    ],
)
def test_monday_begins_on_sunday_evening_in_new_york(monday: date, opens: datetime) -> None:
    assert GLOBEX.hours(monday).opens_at == opens
    assert (opens in GLOBEX.hours(monday)) is True
    assert (GLOBEX.hours(monday).closes_at in GLOBEX.hours(monday)) is False
