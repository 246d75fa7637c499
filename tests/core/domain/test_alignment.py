from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from brentwatch.core.domain import SERIES

SPOT = SERIES["brent-spot"]
A_MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def first(instant: datetime) -> date:
    return SPOT.find_session_after(instant)


@pytest.mark.parametrize(
    ("session", "instant"),
    [
        (date(2022, 1, 5), "2022-01-05T16:30Z"),
        (date(2022, 7, 5), "2022-07-05T15:30Z"),
        (date(2022, 3, 25), "2022-03-25T16:30Z"),
        (date(2022, 3, 28), "2022-03-28T15:30Z"),
        (date(2022, 10, 28), "2022-10-28T15:30Z"),
        (date(2022, 10, 31), "2022-10-31T16:30Z"),
    ],
)
def test_half_past_four_in_london_follows_both_clock_changes(session: date, instant: str) -> None:
    assert SPOT.closes_at(session) == at(instant)
    assert SPOT.closes_at(session).tzinfo is UTC


@pytest.mark.parametrize(
    ("news", "session"),
    [
        ("2019-09-14T00:45Z", date(2019, 9, 16)),  # Abqaiq, on a Saturday
        ("2023-10-09T06:00Z", date(2023, 10, 9)),  # the first session after 7 October, before it settles
        ("2023-10-07T03:30Z", date(2023, 10, 9)),
        ("2016-07-15T19:30Z", date(2016, 7, 18)),  # the coup in Turkey, on a Friday evening
        ("2022-04-15T10:00Z", date(2022, 4, 19)),  # Good Friday: Tuesday after Easter Monday
        ("2022-04-14T16:00Z", date(2022, 4, 19)),  # Maundy Thursday, half an hour after settlement
        ("2021-12-24T17:00Z", date(2021, 12, 29)),  # Christmas with both days in lieu
    ],
)
def test_news_goes_forward_to_the_first_settlement_after_it(news: str, session: date) -> None:
    assert first(at(news)) == session


@pytest.mark.parametrize(
    ("session", "next_session"),
    [
        (date(2022, 1, 5), date(2022, 1, 6)),
        (date(2022, 7, 8), date(2022, 7, 11)),
        (date(2022, 3, 25), date(2022, 3, 28)),
        (date(2022, 10, 28), date(2022, 10, 31)),
    ],
)
def test_news_at_the_very_settlement_belongs_to_the_next_session(session: date, next_session: date) -> None:
    settled = SPOT.closes_at(session)

    assert first(settled - A_MICROSECOND) == session
    assert first(settled) == next_session


def test_the_day_is_that_of_the_series_not_of_utc() -> None:
    early = replace(SPOT, settlement=time(0, 30))

    assert early.find_session_after(at("2022-07-04T23:15Z")) == date(2022, 7, 5)
    assert early.find_session_after(at("2022-07-04T23:30Z")) == date(2022, 7, 6)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (date(2022, 1, 5), date(2022, 1, 6)),
        (date(2022, 1, 7), date(2022, 1, 10)),
        (date(2022, 4, 14), date(2022, 4, 19)),
    ],
)
def test_the_session_that_follows_skips_what_is_closed(session: date, expected: date) -> None:
    assert SPOT.find_next(session) == expected
