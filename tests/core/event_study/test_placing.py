"""Events go forward to the first settlement after they were known, on the sessions that the prices have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.event_study.batch import find_tau_zero

if TYPE_CHECKING:
    from collections.abc import Sequence

FRIDAY, MONDAY, TUESDAY = date(2019, 9, 13), date(2019, 9, 16), date(2019, 9, 17)
SESSIONS = (FRIDAY, MONDAY, TUESDAY)


def placed(known: date | datetime, sessions: Sequence[date] = SESSIONS) -> date | None:
    row = find_tau_zero(sessions, BRENT_SPOT, known)
    return sessions[row] if row < len(sessions) else None


def test_a_saturday_attack_is_seen_on_monday_never_on_the_friday_before() -> None:
    assert placed(datetime(2019, 9, 14, 0, 45, tzinfo=UTC)) == MONDAY
    assert placed(date(2019, 9, 14)) == MONDAY


@pytest.mark.parametrize(
    ("time", "session"),
    [("15:29:59", MONDAY), ("15:30:00", TUESDAY), ("15:30:01", TUESDAY)],
)
def test_the_settlement_of_the_session_must_lie_strictly_after_the_news(time: str, session: date) -> None:
    assert placed(datetime.fromisoformat(f"2019-09-16T{time}+00:00")) == session


def test_half_past_four_in_london_is_half_past_four_in_winter_too() -> None:
    winter = (date(2022, 1, 5), date(2022, 1, 6))

    assert placed(datetime(2022, 1, 5, 16, 29, tzinfo=UTC), winter) == winter[0]
    assert placed(datetime(2022, 1, 5, 16, 30, tzinfo=UTC), winter) == winter[1]


def test_a_bare_date_was_known_before_the_settlement_of_its_session() -> None:
    assert placed(MONDAY) == MONDAY


def test_where_the_prices_have_no_session_the_next_one_counts_not_the_nearest() -> None:
    assert placed(date(2011, 2, 21), (date(2011, 2, 18), date(2011, 2, 20), date(2011, 2, 28))) == date(
        2011, 2, 28
    )


def test_after_the_last_price_the_session_is_still_to_come() -> None:
    assert placed(date(2019, 9, 18)) is None
    assert placed(datetime(2019, 9, 17, 18, tzinfo=UTC)) is None


def test_the_day_is_that_of_the_settlements_zone() -> None:
    assert placed(datetime(2019, 9, 15, 23, 30, tzinfo=UTC)) == MONDAY
