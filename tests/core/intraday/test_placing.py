from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from brentwatch.core.intraday.clock import SLOTS, slot_of
from brentwatch.core.intraday.openings import Start, find_start
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.core.sessions.table import load


def globex() -> HasHours:
    calendar = load("globex")
    assert isinstance(calendar, HasHours)
    return calendar


def placed(known_at: datetime) -> Start:
    return find_start(known_at, globex())


TUESDAY = date(2024, 5, 7)
TEN = datetime(2024, 5, 7, 14, tzinfo=UTC)


def test_news_at_the_full_five_minutes_takes_the_bar_that_begins_then() -> None:
    assert placed(TEN) == Start(TUESDAY, 192, after_break=False)
    assert placed(TEN).opens_at == TEN


def test_news_a_second_later_does_not_take_the_bar_that_holds_it() -> None:
    assert placed(TEN + timedelta(seconds=1)).opens_at == TEN + timedelta(minutes=5)
    assert placed(TEN + timedelta(seconds=299)).opens_at == TEN + timedelta(minutes=5)


def test_news_in_the_evening_belongs_to_the_session_of_the_next_day() -> None:
    evening = datetime(2024, 5, 7, 22, 30, tzinfo=UTC)

    assert placed(evening) == Start(date(2024, 5, 8), 6, after_break=False)


@pytest.mark.parametrize(
    ("known_at", "session", "opens_at"),
    [
        # The nightly break, 17:00 to 18:00, and its edges.
        (datetime(2024, 5, 7, 21, 30, tzinfo=UTC), date(2024, 5, 8), datetime(2024, 5, 7, 22, tzinfo=UTC)),
        (datetime(2024, 5, 7, 21, 0, tzinfo=UTC), date(2024, 5, 8), datetime(2024, 5, 7, 22, tzinfo=UTC)),
        (datetime(2024, 5, 7, 22, 0, tzinfo=UTC), date(2024, 5, 8), datetime(2024, 5, 7, 22, tzinfo=UTC)),
        # The last bar of a session holds the news: the next clean one is the next session's first.
        (datetime(2024, 5, 7, 20, 57, tzinfo=UTC), date(2024, 5, 8), datetime(2024, 5, 7, 22, tzinfo=UTC)),
        # Abqaiq, on a Saturday; Friday after the close.
        (datetime(2019, 9, 14, 0, 45, tzinfo=UTC), date(2019, 9, 16), datetime(2019, 9, 15, 22, tzinfo=UTC)),
        (datetime(2024, 5, 10, 21, 0, tzinfo=UTC), date(2024, 5, 13), datetime(2024, 5, 12, 22, tzinfo=UTC)),
        # Good Friday, and Christmas Day.
        (datetime(2024, 3, 29, 12, 0, tzinfo=UTC), date(2024, 4, 1), datetime(2024, 3, 31, 22, tzinfo=UTC)),
        (
            datetime(2024, 12, 25, 12, 0, tzinfo=UTC),
            date(2024, 12, 26),
            datetime(2024, 12, 25, 23, tzinfo=UTC),
        ),
        # After an early close: Thanksgiving ends at 14:30, Memorial Day too.
        (
            datetime(2024, 11, 28, 19, 45, tzinfo=UTC),
            date(2024, 11, 29),
            datetime(2024, 11, 28, 23, tzinfo=UTC),
        ),
        (datetime(2024, 5, 27, 18, 30, tzinfo=UTC), date(2024, 5, 28), datetime(2024, 5, 27, 22, tzinfo=UTC)),
        # The Sunday on which New York changes; the weeks in which one city has changed and the other not.
        (datetime(2026, 3, 8, 12, 0, tzinfo=UTC), date(2026, 3, 9), datetime(2026, 3, 8, 22, tzinfo=UTC)),
        (datetime(2024, 11, 3, 12, 0, tzinfo=UTC), date(2024, 11, 4), datetime(2024, 11, 3, 23, tzinfo=UTC)),
        (
            datetime(2024, 10, 26, 12, 0, tzinfo=UTC),
            date(2024, 10, 28),
            datetime(2024, 10, 27, 22, tzinfo=UTC),
        ),
    ],
)
def test_news_while_the_market_is_closed_takes_the_first_bar_after(
    known_at: datetime, session: date, opens_at: datetime
) -> None:
    assert placed(known_at) == Start(session, 0, after_break=True)
    assert placed(known_at).opens_at == opens_at


def test_while_it_trades_a_coup_on_a_friday_evening_is_placed_in_the_same_minute() -> None:
    turkey = datetime(2016, 7, 15, 19, 30, tzinfo=UTC)

    assert placed(turkey) == Start(date(2016, 7, 15), 258, after_break=False)


@pytest.mark.parametrize("day", [date(2024, 3, 12), date(2024, 10, 29), date(2024, 7, 9), date(2024, 1, 9)])
def test_ten_in_new_york_is_the_same_slot_whatever_the_clocks_do(day: date) -> None:
    from zoneinfo import ZoneInfo

    ten = datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)

    assert placed(ten).slot == 192


def test_before_an_early_close_news_is_placed_as_ever() -> None:
    thanksgiving = datetime(2024, 11, 28, 19, 25, tzinfo=UTC)

    assert placed(thanksgiving) == Start(date(2024, 11, 28), 245, after_break=False)
    assert slot_of(date(2024, 11, 28), globex().hours(date(2024, 11, 28)).closes_at) == 246 < SLOTS
