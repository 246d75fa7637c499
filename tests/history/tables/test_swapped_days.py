"""Dates in which a spreadsheet swapped day and month are refused where order or weekends show it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import DayInRow, refuse_swapped_days

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = [day.date() for day in pd.bdate_range("2024-01-02", periods=120)]


def swap(day: date) -> date:
    """As a spreadsheet reads day first that was written month first, where it can."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day


def refusal(days: Iterable[date]) -> str:
    with pytest.raises(InvalidInput) as caught:
        refuse_swapped_days("prices.csv", [DayInRow(line, day) for line, day in enumerate(days, start=2)])
    return str(caught.value)


def check(days: Iterable[date]) -> None:
    refuse_swapped_days("prices.csv", [DayInRow(line, day) for line, day in enumerate(days, start=2)])


def test_days_that_were_swapped_wherever_they_could_be_are_refused_with_the_first_row() -> None:
    told = refusal(map(swap, DAYS))
    assert "out of order as they stand, and in order with day and month exchanged" in told
    assert "row 2 (2024-02-01)" in told
    assert "export them again as YYYY-MM-DD" in told


def test_some_of_the_days_swapped_are_refused_too() -> None:
    told = refusal(swap(day) if 30 <= at < 60 else day for at, day in enumerate(DAYS))
    assert told.startswith("8 dates ")


def test_three_swapped_days_are_refused_and_two_may_be_slips() -> None:
    march = [day for day in DAYS if day.month == 3]
    assert refusal([*DAYS[:40], *map(swap, march[:3]), *march[3:]]).startswith("3 dates ")
    check([*DAYS[:40], *map(swap, march[:2]), *march[2:]])


def test_the_newest_row_may_come_first() -> None:
    assert "in order with day and month exchanged" in refusal(map(swap, reversed(DAYS)))


def test_swapped_days_that_were_sorted_afterwards_show_on_weekends() -> None:
    assert "are on weekends, and none is after the 12th" in refusal(sorted(map(swap, DAYS)))


def test_ten_rows_on_weekends_are_refused_and_nine_may_be_slips() -> None:
    year = [day.date() for day in pd.date_range("2024-01-01", "2024-12-31")]
    weekends = [day for day in year if day.weekday() >= 5 and day.day <= 12]
    assert refusal(sorted([*DAYS, *weekends[:10]])).startswith("10 dates ")
    check(sorted([*DAYS, *weekends[:9]]))


@pytest.mark.parametrize(
    "days",
    [
        DAYS,
        DAYS[::-1],
        [date(2024, 12, 2), date(2024, 11, 4), date(2024, 10, 5), date(2024, 9, 7)],
        [*DAYS, DAYS[3]],
        [DAYS[at * 7 % 120] for at in range(120)],
        [day.date() for day in pd.date_range("2024-01-01", periods=200)],
        [day.date() for day in pd.date_range("2010-01-01", periods=200, freq="MS")],
        [],
    ],
    ids=[
        "ascending",
        "descending",
        "descending, and ascending once swapped",
        "one row repeated",
        "shuffled",
        "every day",
        "first of the month",
        "none",
    ],
)
def test_days_in_another_order_or_on_every_weekend_are_read(days: list[date]) -> None:
    check(days)
