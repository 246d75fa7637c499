from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from brentwatch.core.domain import (
    Canary,
    EventAdmitted,
    EventClass,
    Precision,
    PriceUpdate,
    Signal,
    Status,
    UnrestEvent,
    sort_signals,
)

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)
A_DAY = timedelta(days=1)


def price(series: str, known_at: datetime = NOON) -> PriceUpdate:
    return PriceUpdate(series=series, bars=(), complete_through=known_at, known_at=known_at)


def event(event_id: str, known_at: datetime = NOON, revision: int = 0) -> EventAdmitted:
    told = UnrestEvent(
        event_id=event_id,
        revision=revision,
        status=Status.NEW,
        occurred_at=known_at - A_DAY,
        precision=Precision.MINUTE,
        known_at=known_at,
        country="KAZ",
        event_class=EventClass.RIOT,
    )
    return EventAdmitted(event=told, exposure=None)


def canary(canary_id: str) -> Canary:
    return Canary(canary_id=canary_id, known_at=NOON)


def test_what_was_known_earlier_comes_first_whatever_it_is() -> None:
    first, second, third = event("z", NOON - A_MICROSECOND), price("a"), event("a", NOON + A_MICROSECOND)

    assert sort_signals([third, second, first]) == [first, second, third]


@pytest.mark.parametrize("shuffled", list(permutations([price("z"), event("m"), canary("a")])))
def test_at_equal_times_price_comes_before_event_and_canary_last(shuffled: tuple[Signal, ...]) -> None:
    assert sort_signals(shuffled) == [price("z"), event("m"), canary("a")]


@pytest.mark.parametrize(
    "ordered",
    [
        [price("a"), price("b"), price("c")],
        [event("a"), event("b"), event("c")],
        [canary("a"), canary("b"), canary("c")],
    ],
)
def test_at_equal_times_and_kind_the_id_decides(ordered: list[Signal]) -> None:
    assert sort_signals([ordered[1], ordered[2], ordered[0]]) == ordered


def test_revisions_of_one_event_keep_their_order() -> None:
    assert sort_signals([event("a", revision=2), event("a", revision=1)]) == [
        event("a", revision=1),
        event("a", revision=2),
    ]
