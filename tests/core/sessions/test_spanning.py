"""A return spans each expected session that was never priced, holidays and days left out by rule apart."""

from __future__ import annotations

from datetime import date

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.sessions.calendar import Override
from brentwatch.core.sessions.calendar_check import (
    count_spanned_sessions,
    find_spanning_sessions,
    list_missing_sessions,
)
from brentwatch.core.sessions.table import load


@pytest.mark.parametrize(
    ("calendar", "before", "session", "spanned"),
    [
        ("london", date(2022, 1, 5), date(2022, 1, 6), 1),
        ("london", date(2022, 1, 7), date(2022, 1, 10), 1),  # a weekend
        ("london", date(2022, 4, 14), date(2022, 4, 19), 1),  # Easter
        ("london", date(2022, 1, 5), date(2022, 1, 7), 2),
        ("london", date(2022, 1, 5), date(2022, 1, 14), 7),
        ("london", date(2011, 2, 18), date(2011, 2, 22), 1),  # Presidents' Day
        ("london", date(2010, 12, 23), date(2010, 12, 27), 1),  # Christmas, observed on Friday
        ("globex", date(2024, 1, 12), date(2024, 1, 16), 1),  # Martin Luther King Day
        ("globex", date(2023, 10, 6), date(2023, 10, 10), 2),  # Columbus Day settles
        ("ice", date(2024, 1, 12), date(2024, 1, 16), 2),  # ICE settles on American holidays
        ("ice", date(2024, 3, 28), date(2024, 4, 1), 1),  # Good Friday
    ],
)
def test_a_return_spans_the_sessions_that_should_have_had_a_price(
    calendar: str, before: date, session: date, spanned: int
) -> None:
    assert count_spanned_sessions(load(calendar), before, session) == spanned


def test_an_override_says_which_days_are_sessions() -> None:
    closed = load("london", (Override(date(2022, 1, 6), closed=True),))
    trades = load("globex", (Override(date(2024, 1, 15)),))

    assert list_missing_sessions(closed, date(2022, 1, 5), date(2022, 1, 7)) == ()
    assert list_missing_sessions(trades, date(2024, 1, 12), date(2024, 1, 16)) == (date(2024, 1, 15),)


def test_no_session_is_missing_from_the_bundled_series() -> None:
    """43 returns end after holidays of New York on which EIA had no value, three after days it left out."""
    sessions = [bar.session for bar in bundled_bars()]

    assert find_spanning_sessions(load("london"), sessions) == {}


@pytest.mark.parametrize("kept", [date(2019, 9, 13), date(2012, 4, 2), date(2018, 12, 27)])
def test_a_row_taken_out_of_the_bundled_series_is_missing(kept: date) -> None:
    sessions = [bar.session for bar in bundled_bars() if bar.session != kept]

    assert list(find_spanning_sessions(load("london"), sessions).values()) == [2]
