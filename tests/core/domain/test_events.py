from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from brentwatch.core.domain import CLASS_GROUPS, ClassGroup, EventClass, Precision, Status, UnrestEvent
from brentwatch.core.errors import InvalidInput

HAPPENED = datetime(2022, 1, 5, 12, tzinfo=UTC)


def event(
    known_at: datetime = HAPPENED,
    *,
    precision: Precision = Precision.MINUTE,
    scheduled: bool = False,
    extra_countries: tuple[str, ...] = (),
) -> UnrestEvent:
    return UnrestEvent(
        event_id="a",
        revision=0,
        status=Status.NEW,
        occurred_at=HAPPENED,
        precision=precision,
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


MIDNIGHT = datetime(2022, 1, 5, tzinfo=UTC)


def test_a_bare_date_is_known_at_the_midnight_of_its_day_whatever_its_hour() -> None:
    bare = event(MIDNIGHT, precision=Precision.DAY)

    assert bare.is_bare_date
    assert bare.known_at < bare.occurred_at
    assert bare.future_allowance == timedelta(days=1)


@pytest.mark.parametrize(
    ("known_at", "precision"),
    [
        (MIDNIGHT, Precision.MINUTE),  # known to the minute: at midnight
        (MIDNIGHT + timedelta(seconds=1), Precision.DAY),
        (MIDNIGHT + timedelta(days=1), Precision.DAY),  # the midnight after, as a feed reports it
        (MIDNIGHT, Precision.WEEK),
    ],
)
def test_every_other_time_is_a_time(known_at: datetime, precision: Precision) -> None:
    other = event(known_at, precision=precision, scheduled=True)

    assert not other.is_bare_date
    assert other.future_allowance == timedelta(0)


def test_a_bare_date_before_the_day_of_the_event_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"lies before occurred\.start"):
        event(MIDNIGHT - timedelta(days=1), precision=Precision.DAY)


def test_every_class_has_a_group() -> None:
    assert set(CLASS_GROUPS) == set(EventClass)
    assert set(CLASS_GROUPS.values()) == set(ClassGroup)
    assert CLASS_GROUPS[EventClass.BLOCKADE] is CLASS_GROUPS[EventClass.ATTACK_INFRASTRUCTURE]
