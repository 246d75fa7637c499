"""Of what kind a break is, by the calendar, and on which days a continuous series may change its contract."""

from __future__ import annotations

from datetime import date, time

import pytest
from tests.core.reopen.prices import FRIDAY, GLOBEX, MONDAY, WEEKEND

from brentwatch.core.domain import BreakKind
from brentwatch.core.reopen import classify_break, explain_roll_day, find_break
from brentwatch.core.sessions.calendar import OverriddenHours, Override
from brentwatch.core.sessions.ice import Ice

NIGHT, WEEK_END, LONG = BreakKind.NIGHT, BreakKind.WEEKEND, BreakKind.LONG


@pytest.mark.parametrize(
    ("hours", "kind"),
    [(1, NIGHT), (8, NIGHT), (8.1, LONG), (39.9, LONG), (40, WEEK_END), (60, WEEK_END), (60.1, LONG)],
)
def test_the_kind_follows_from_the_hours_ends_inclusive(hours: float, kind: BreakKind) -> None:
    assert classify_break(hours) is kind


@pytest.mark.parametrize(
    ("session", "kind"),
    [
        (date(2024, 5, 14), NIGHT),
        (date(2024, 5, 13), WEEK_END),
        (date(2024, 5, 27), WEEK_END),  # Memorial Day: trade re-opens on Sunday
        (date(2024, 5, 28), NIGHT),  # after its early close
        (date(2024, 4, 1), LONG),  # after Good Friday
        (date(2024, 12, 26), LONG),  # after Christmas
    ],
)
def test_the_calendar_says_when_a_break_begins_and_ends(session: date, kind: BreakKind) -> None:
    assert find_break(GLOBEX, session).kind is kind


def test_ice_has_nights_of_two_hours_and_week_ends_of_two_days() -> None:
    assert [find_break(Ice(), day).kind for day in (date(2024, 5, 14), MONDAY)] == [NIGHT, WEEK_END]


def test_a_break_holds_its_beginning_and_not_its_end() -> None:
    assert WEEKEND.previous == FRIDAY
    assert WEEKEND.holds(WEEKEND.closes_at)
    assert not WEEKEND.holds(WEEKEND.opens_at)


def test_a_re_open_that_an_override_moves_is_not_at_its_scheduled_time() -> None:
    late = OverriddenHours(GLOBEX, [Override(MONDAY, opens=time(1, 0))])

    assert not find_break(late, MONDAY, GLOBEX).scheduled
    assert find_break(GLOBEX, MONDAY, GLOBEX).scheduled
    early_close = OverriddenHours(GLOBEX, [Override(FRIDAY, closes=time(13, 0))])
    assert find_break(early_close, MONDAY, GLOBEX).scheduled


@pytest.mark.parametrize(
    ("roll", "session", "refused"),
    [
        ("cl", date(2025, 6, 20), False),  # the last trading day
        ("cl", date(2025, 6, 23), True),
        ("cl", date(2025, 6, 24), False),
        (
            "cl",
            date(2022, 2, 22),
            False,
        ),  # the day of the expiry: Presidents' Day before it has no settlement
        ("cl", date(2022, 2, 23), True),
        ("brent", date(2026, 2, 26), False),
        ("brent", date(2026, 2, 27), True),  # the last session of the month
        ("brent", date(2026, 3, 2), True),
        ("brent", date(2026, 3, 4), True),  # the third
        ("brent", date(2026, 3, 5), False),
        ("brent", date(2021, 5, 28), True),  # Memorial Day on the 31st has no settlement
        ("brent", date(2021, 5, 31), True),
        ("brent", date(2024, 9, 5), True),  # the third after Labor Day
        ("brent", date(2024, 9, 6), False),
        ("none", date(2025, 6, 23), False),
    ],
)
def test_roll_days_are_those_of_the_sources(roll: str, session: date, refused: bool) -> None:
    assert (explain_roll_day(GLOBEX, roll, session) is not None) is refused
