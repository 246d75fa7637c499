from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from brentwatch.core.intraday.clock import (
    BAR,
    RELEASE,
    SETTLEMENT,
    SLOTS,
    find_first_clean,
    find_session_start,
    has_release,
    session_of,
    slot_at,
    slot_of,
    time_of,
)

NEWS = datetime(2024, 5, 7, 14, 0, tzinfo=UTC)


def test_a_session_has_the_bars_of_twenty_three_hours() -> None:
    assert timedelta(hours=23) == SLOTS * BAR
    assert (slot_at(time(18)), slot_at(time(23, 59)), slot_at(time(0)), slot_at(time(16, 55))) == (
        0,
        71,
        72,
        275,
    )


def test_the_slots_that_settle_and_that_hold_the_weekly_report_are_those_of_new_york() -> None:
    assert slot_at(time(14, 25)) == SETTLEMENT
    assert list(range(SLOTS))[RELEASE] == [slot_at(time(10, minute)) for minute in (30, 35, 40, 45)]
    assert [day for day in range(1, 8) if has_release(date(2024, 5, day))] == [1]


@pytest.mark.parametrize(
    ("session", "opens"),
    [
        (date(2024, 3, 8), datetime(2024, 3, 7, 23, tzinfo=UTC)),  # winter in both cities
        (date(2024, 3, 11), datetime(2024, 3, 10, 22, tzinfo=UTC)),  # New York has changed, London has not
        (date(2024, 4, 1), datetime(2024, 3, 31, 22, tzinfo=UTC)),  # summer in both
        (date(2024, 10, 28), datetime(2024, 10, 27, 22, tzinfo=UTC)),  # London has changed back
        (date(2024, 11, 4), datetime(2024, 11, 3, 23, tzinfo=UTC)),
    ],
)
def test_slots_go_by_the_wall_clock_of_new_york_whatever_the_clocks_do(
    session: date, opens: datetime
) -> None:
    assert find_session_start(session) == opens
    assert slot_of(session, opens) == 0
    assert slot_of(session, time_of(session, SETTLEMENT)) == SETTLEMENT
    assert slot_of(session, opens - timedelta(seconds=1)) == -1


def test_monday_begins_on_sunday() -> None:
    assert find_session_start(date(2024, 5, 6)).date() == date(2024, 5, 5)


@pytest.mark.parametrize(
    ("known_at", "clean"),
    [
        (NEWS, NEWS),
        (NEWS + timedelta(seconds=1), NEWS + timedelta(minutes=5)),
        (NEWS + timedelta(microseconds=1), NEWS + timedelta(minutes=5)),
        (NEWS + timedelta(minutes=4, seconds=59), NEWS + timedelta(minutes=5)),
        (NEWS + timedelta(minutes=5), NEWS + timedelta(minutes=5)),
    ],
)
def test_the_bar_that_holds_the_news_is_not_clean(known_at: datetime, clean: datetime) -> None:
    assert find_first_clean(known_at) == clean


def test_trade_from_six_in_the_evening_belongs_to_the_next_day() -> None:
    evening = datetime(2024, 5, 7, 22, tzinfo=UTC)

    assert session_of(evening) == date(2024, 5, 8)
    assert session_of(evening - timedelta(seconds=1)) == date(2024, 5, 7)
