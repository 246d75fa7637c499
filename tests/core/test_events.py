from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.core.events import EventClass, Precision, Status, UnrestEvent

HAPPENED = datetime(2022, 1, 5, 12, tzinfo=UTC)


def event(
    known_at: datetime = HAPPENED, *, scheduled: bool = False, extra_countries: tuple[str, ...] = ()
) -> UnrestEvent:
    return UnrestEvent(
        event_id="a",
        revision=0,
        status=Status.NEW,
        occurred_at=HAPPENED,
        precision=Precision.MINUTE,
        known_at=known_at,
        country="KGZ",
        extra_countries=extra_countries,
        event_class=EventClass.RIOT,
        scheduled=scheduled,
    )


def test_an_event_cannot_be_known_before_it_happens() -> None:
    with pytest.raises(InvalidInput, match=r"lies before occurred\.start"):
        event(HAPPENED - timedelta(seconds=1))


def test_an_event_may_be_known_the_moment_it_happens() -> None:
    assert event(HAPPENED).known_at == HAPPENED


def test_a_scheduled_event_may_be_known_before_it_happens() -> None:
    assert event(HAPPENED - timedelta(days=30), scheduled=True).known_at < HAPPENED


def test_the_country_comes_before_the_extra_countries() -> None:
    assert event(extra_countries=("TJK", "UZB")).countries == ("KGZ", "TJK", "UZB")


def test_only_a_minute_or_an_hour_names_one_session() -> None:
    assert [each for each in Precision if each.within_a_day] == [Precision.MINUTE, Precision.HOUR]
