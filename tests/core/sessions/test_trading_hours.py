"""When a market trades, by the hours of its calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from brentwatch.core.sessions.calendar import HasHours, is_trading
from brentwatch.core.sessions.table import load


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2024-01-22T15:00", True),  # Monday, 10:00 in New York
        ("2024-01-22T22:30", False),  # the break, 17:30 in New York
        ("2024-01-22T23:00", True),  # 18:00: the session of Tuesday begins
        ("2024-01-20T15:00", False),  # Saturday
        ("2024-01-21T22:59", False),  # Sunday, before the session of Monday
        ("2024-01-21T23:00", True),
        ("2024-12-25T15:00", False),  # Christmas Day
        ("2024-12-31T23:30", False),  # New Year's Day has no session
        ("2025-01-01T23:30", True),  # the session of 2 January
    ],
)
def test_globex_trades_by_its_hours(instant: str, expected: bool) -> None:
    calendar = load("globex")
    assert isinstance(calendar, HasHours)
    assert is_trading(calendar, datetime.fromisoformat(instant).replace(tzinfo=UTC)) == expected
