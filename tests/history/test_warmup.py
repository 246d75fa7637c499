from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from brentwatch.core.domain import Bar, EventClass, Precision, Status, UnrestEvent
from brentwatch.history.folder import find_tested_sessions

FIRST = date(2022, 1, 3)
BARS = [
    Bar(session=day, closes_at=datetime(day.year, day.month, day.day, 16, 30, tzinfo=UTC), close=80)
    for day in (FIRST + timedelta(days=n) for n in range(14))
]


def happening(known_at: datetime, precision: Precision = Precision.MINUTE) -> UnrestEvent:
    return UnrestEvent(
        event_id="desk:1",
        revision=0,
        status=Status.NEW,
        occurred_at=known_at,
        precision=precision,
        known_at=known_at,
        country="KAZ",
        event_class=EventClass.RIOT,
    )


def windows(*events: UnrestEvent) -> list[int]:
    return sorted((session - FIRST).days for session in find_tested_sessions(BARS, events))


def test_a_window_runs_from_the_first_settlement_after_the_news_to_five_sessions_later() -> None:
    assert windows(happening(datetime(2022, 1, 5, 16, 29, 59, tzinfo=UTC))) == [2, 3, 4, 5, 6, 7]


def test_news_at_the_very_settlement_belongs_to_the_next_session() -> None:
    assert windows(happening(datetime(2022, 1, 5, 16, 30, tzinfo=UTC))) == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("precision", [Precision.DAY, Precision.WEEK, Precision.MONTH, Precision.YEAR])
def test_an_event_known_to_the_day_reaches_one_session_further(precision: Precision) -> None:
    assert windows(happening(datetime(2022, 1, 5, tzinfo=UTC), precision)) == [2, 3, 4, 5, 6, 7, 8]


def test_a_window_ends_with_the_prices() -> None:
    assert windows(happening(datetime(2022, 1, 15, tzinfo=UTC))) == [12, 13]
    assert windows(happening(datetime(2022, 2, 1, tzinfo=UTC))) == []


def test_a_bare_date_reaches_from_the_session_of_that_date_even_if_it_settled_the_day_before() -> None:
    """East of Greenwich a session may settle before its date begins in UTC."""
    early = [replace(each, closes_at=each.closes_at - timedelta(days=1)) for each in BARS]
    bare = happening(datetime(2022, 1, 5, tzinfo=UTC), Precision.DAY)

    assert sorted((session - FIRST).days for session in find_tested_sessions(early, [bare])) == [
        2,
        3,
        4,
        5,
        6,
        7,
        8,
    ]
