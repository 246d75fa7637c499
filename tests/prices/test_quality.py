"""What is unusual about a bar is flagged, and the bar is kept."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from tests.prices.markets import MONDAY, SPOT

from brentwatch.core.domain import Bar
from brentwatch.core.sessions.roll import find_splice
from brentwatch.prices.quality import inspect_bars

BEFORE = [80.0 + (-1) ** day * 0.3 + day * 0.01 for day in range(60)]
"""Sixty closes around 80 USD/bbl, about 0.75 % up and down each day."""


def quote(close: float, day: int = 0, volume: float | None = 9.0) -> Bar:
    session = MONDAY + timedelta(days=day)
    return Bar(session=session, closes_at=SPOT.closes_at(session), close=close, volume=volume)


def flags(*quotes: Bar, before: list[float] = BEFORE) -> list[tuple[str, ...]]:
    return [each.quality for each in inspect_bars(quotes, before)]


def test_an_ordinary_bar_has_no_flag() -> None:
    assert flags(quote(80.2)) == [()]


@pytest.mark.parametrize(
    ("close", "found"),
    [(100.0, ("jump",)), (64.0, ("jump",)), (84.0, ()), (77.0, ()), (-37.6, ("no_return",))],
)
def test_more_than_ten_robust_sigmas_are_a_jump_and_the_bar_is_kept(
    close: float, found: tuple[str, ...]
) -> None:
    (one,) = inspect_bars([quote(close)], BEFORE)
    assert (one.close, one.quality) == (close, found)


def test_a_price_of_zero_or_below_and_the_bar_after_it_have_no_return() -> None:
    closes = (80.2, -37.6, 80.3, 0.0, 80.1, 80.2)
    found = flags(*(quote(close, day) for day, close in enumerate(closes)))
    assert found == [(), ("no_return",), ("no_return",), ("no_return",), ("no_return",), ()]
    assert flags(quote(80.2), before=[*BEFORE, -1.0]) == [("no_return",)]
    assert flags(quote(80.2), before=[]) == [()]


def test_one_wild_day_before_does_not_hide_a_jump() -> None:
    assert flags(quote(100.0), before=[*BEFORE[:30], 160.0, *BEFORE[30:]]) == [("jump",)]


def test_without_a_month_of_returns_nothing_is_called_a_jump() -> None:
    assert flags(quote(100.0), before=BEFORE[:20]) == [()]


def test_the_third_same_price_in_a_row_is_stuck() -> None:
    assert flags(quote(80.2), quote(80.2, 1), quote(80.2, 2), quote(80.2, 3)) == [
        (),
        (),
        ("stuck",),
        ("stuck",),
    ]


def test_the_same_price_with_another_between_is_not_stuck() -> None:
    assert flags(quote(80.2), quote(80.3, 1), quote(80.2, 2)) == [(), (), ()]


@pytest.mark.parametrize(("volume", "found"), [(0.0, ("no_volume",)), (None, ()), (1.0, ())])
def test_volume_of_none_is_flagged_where_it_is_counted(volume: float | None, found: tuple[str, ...]) -> None:
    assert flags(quote(80.2, volume=volume)) == [found]


@pytest.mark.parametrize("close", [8020.0, 0.802])
def test_a_hundred_times_the_price_or_a_hundredth_is_a_unit(close: float) -> None:
    assert flags(quote(close)) == [("jump", "unit")]


def test_a_bar_that_comes_twice_is_taken_once_as_it_came_last() -> None:
    (one,) = inspect_bars([quote(80.1), quote(80.2)], BEFORE)
    assert (one.close, one.quality) == (80.2, ("duplicate",))


def test_a_missing_session_is_a_gap_of_the_next() -> None:
    quotes = [quote(80.1), quote(80.2, 2)]

    def follows(one: date, other: date) -> bool:
        return SPOT.find_next(one) >= other

    found = inspect_bars(quotes, BEFORE, last=(MONDAY - timedelta(days=3),), follows=follows)
    assert [each.quality for each in found] == [(), ("gap",)]


def test_the_first_two_bars_after_an_expiry_are_rolls() -> None:
    expiry, rolls = date(2024, 1, 30), partial(find_splice, "brent")
    quotes = [quote(80.0 + days / 10, (expiry - MONDAY).days + days) for days in range(4)]
    last = (date(2024, 1, 26), date(2024, 1, 29))
    found = inspect_bars(quotes, BEFORE, last=last, rolls=rolls)
    assert [each.quality for each in found] == [(), (), ("roll",), ("roll",)]

    (again,) = inspect_bars(quotes[3:], BEFORE, last=(expiry, date(2024, 2, 1)), rolls=rolls)
    assert again.quality == ("roll",)


def test_a_day_without_a_session_is_told() -> None:
    saturday = quote(80.1, 5)
    (one,) = inspect_bars([saturday], BEFORE, expected=SPOT.has_session)
    assert one.quality == ("off_calendar",)
