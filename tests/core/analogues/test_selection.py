"""Which past events count: only what was known, each event and each session once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from brentwatch.core.analogues.selection import LISTED, MOST, KnownPrices, find_analogues
from brentwatch.core.domain import Analogues, EventClass, PastEvent, PastMove

DAY = timedelta(days=1)
TODAY = date(2022, 1, 5)
AS_OF = datetime(2022, 1, 5, 9, tzinfo=UTC)
NO_PRICES = KnownPrices(sessions=(), closes=np.empty(0), left_out=())


def settle(day: date) -> datetime:
    return datetime.combine(day, time(16, 30), tzinfo=UTC)


def past(number: int, **changes: Any) -> PastEvent:
    """The event of `number` fortnights ago, of the same kind, with moves after 0, 1 and 5 days."""
    day = TODAY - 14 * number * DAY
    made = PastEvent(
        event_id=f"desk:{number}",
        known_at=settle(day) - timedelta(hours=6),
        country="KAZ",
        event_class=EventClass.RIOT,
        exposure=0.5,
        relevance=0.4,
        fatalities=None,
        session=day,
        moves=tuple(PastMove(after, number / 100, settle(day + after * DAY)) for after in (0, 1, 5)),
    )
    return replace(made, **changes)


NOW = past(0, event_id="desk:now", moves=())
TEN = [past(number) for number in range(1, 11)]


def find(own: list[PastEvent], bundled: list[PastEvent] | None = None, as_of: datetime = AS_OF) -> Analogues:
    return find_analogues(NOW, as_of, own, bundled or [], NO_PRICES)


def test_what_followed_is_summed_up_with_both_numbers() -> None:
    found = find(TEN[:6], [replace(each, event_id=f"catalogue:{each.event_id[5:]}") for each in TEN[6:]])

    assert (found.own, found.bundled, found.n) == (6, 4, 10)
    assert found.effective_n == pytest.approx(9.99, abs=0.01)
    assert [each.sessions for each in found.moves] == [0, 1, 5]
    spread = found.find_moves(1).spread
    assert spread is not None
    assert spread.median == pytest.approx(0.05)  # the newer moves, which are smaller, weigh a little more
    assert (spread.interval_low, spread.interval_high) == (0.02, 0.09)
    assert found.reversals is not None
    assert (found.reversals.n, found.reversals.reversed, found.reversals.placebo) == (10, 0, None)


def test_below_eight_no_move_is_named() -> None:
    found = find(TEN[:7])

    assert found.n == 7
    assert [each.spread for each in found.moves] == [None, None, None]
    assert found.reversals is None
    assert find([]).n == 0


def test_a_move_counts_from_the_moment_at_which_its_session_settles() -> None:
    """The event of 4 January is known; its move after one session is not before 16:30 on the 5th."""
    yesterday = past(1, session=TODAY - DAY, known_at=settle(TODAY - DAY) - timedelta(hours=1))
    moves = tuple(PastMove(after, 0.01, settle(TODAY + (after - 1) * DAY)) for after in (0, 1, 5))
    early = replace(yesterday, moves=moves)

    def count(as_of: datetime) -> list[int]:
        return [each.n for each in find([early], as_of=as_of).moves]

    assert count(settle(TODAY - DAY) - timedelta(seconds=1)) == [0, 0, 0]
    assert count(AS_OF) == [1, 0, 0]
    assert count(settle(TODAY)) == [1, 1, 0]
    assert find([early]).nearest[0].moves == (0.01,)


def test_nothing_of_the_same_session_or_later_counts() -> None:
    same = past(1, session=TODAY)
    later = past(2, session=TODAY + 7 * DAY)
    unknown = past(3, known_at=AS_OF + DAY)

    assert find([same, later]).n == 0
    assert find([], [same, later, unknown]).n == 0
    assert find([replace(past(1), event_id=NOW.event_id)]).n == 0


def test_an_event_of_both_sources_counts_once() -> None:
    own = past(1)
    same_id = past(1)
    same_news = past(1, event_id="catalogue:x", known_at=own.known_at - DAY, session=own.session - 3 * DAY)
    other = past(3, event_id="catalogue:y")

    found = find([own], [same_id, same_news, other])
    assert (found.own, found.bundled) == (1, 1)
    assert find([], [same_news, other]).bundled == 2


def test_the_move_of_a_session_counts_once_and_windows_do_not_overlap() -> None:
    first = past(1)
    shared = past(1, event_id="desk:same-session", country="LBY")
    following = past(2, session=first.session + DAY, event_id="desk:following", country="UKR")
    following = replace(
        following,
        moves=tuple(PastMove(after, 0.5, settle(following.session + after * DAY)) for after in (0, 1, 5)),
    )

    found = find([first, shared, following])
    assert [each.n for each in found.moves] == [2, 1, 1]
    assert {each.event_id for each in found.nearest} == {"desk:1", "desk:following"}


def test_the_five_nearest_are_explained_and_the_newer_one_comes_first() -> None:
    far = past(1, event_id="desk:far", event_class=EventClass.PROTEST, country="LBY")
    found = find([replace(far, session=TODAY - 3 * DAY), *TEN[1:]])

    assert [each.event_id for each in found.nearest] == [f"desk:{number}" for number in range(2, 7)]
    assert len(found.nearest) == LISTED
    assert found.nearest[0].explained == (
        "same class, exposure 0.50 against 0.50, same country, relevance 0.40 against 0.40"
    )
    assert found.nearest[0].distance == 0.0
    assert found.nearest[0].weight == pytest.approx(1 / 9.4, abs=0.01)
    assert not found.nearest[0].is_bundled


def test_another_kind_of_event_is_no_analogue() -> None:
    assert find([past(1, event_class=EventClass.COUP, country="GAB", exposure=0.1)]).n == 0


def test_at_most_a_hundred_count_those_that_weigh_most() -> None:
    found = find([past(number) for number in range(1, 300)])

    assert found.n == MOST
    assert found.find_moves(0).n == MOST
    spread = found.find_moves(0).spread
    assert spread is not None
    assert spread.high <= 1.0  # the newest hundred


def test_reversals_stand_beside_other_sessions_with_moves_of_that_size() -> None:
    days = [TODAY - number * DAY for number in range(900, 0, -1)]
    closes = 80.0 * np.exp(np.cumsum(np.random.default_rng(1).standard_normal(900) * 0.02))
    prices = KnownPrices(sessions=days, closes=closes, left_out=())
    events = [
        replace(
            each,
            moves=tuple(replace(move, log_return=0.02 - 0.01 * at) for at, move in enumerate(each.moves)),
        )
        for each in TEN
    ]

    reversals = find_analogues(NOW, AS_OF, events, [], prices).reversals
    assert reversals is not None
    assert (reversals.n, reversals.reversed) == (10, 10)
    assert reversals.placebo == pytest.approx(
        10 * 0.42, abs=1.0
    )  # of a random walk: P(sum of five < -1/2 first)
