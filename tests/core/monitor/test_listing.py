"""What is listed of a session: relevance decides, and neither arrival nor number pushes an event out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.desk import FIRST, SAUDI_ARABIA, TAJIKISTAN, Desk, at, event, outcomes, session

from brentwatch.core.domain import (
    COUNTED_GROUPS,
    LISTED_EVENTS,
    LISTED_OF_A_GROUP,
    EventClass,
    Exposure,
    Standing,
    Status,
    Unlisted,
    Verification,
)
from brentwatch.core.monitor.listing import (
    MOST_OF_A_FEED,
    Candidate,
    Listed,
    build_candidate,
    weigh_event,
)
from brentwatch.core.monitor.references import add_to_list, build_reference
from brentwatch.core.monitor.state import Joined, Known
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.message.event_lines import SHOWN_EVENTS
from brentwatch.message.words import write_alert_lines

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain import EventAdmitted

YEMEN = Exposure(country="YEM", production_kbd=15.0)
ATTACK = event("desk:attack", at(FIRST, 9), YEMEN, feed="desk")
"""An attack that matters less by its country than a protest in Saudi Arabia."""


def forged(number: int, known_at: datetime | None = None, **changes: Any) -> EventAdmitted:
    """A protest that was forged to stand before the attack: earlier, and in a weightier country."""
    made = {"feed": "gdelt", "event_class": EventClass.PROTEST, "verification": Verification.CURATED}
    return event(f"aaa:{number:02}", known_at or at(FIRST, 1), SAUDI_ARABIA, **(made | changes))


JOINED = Joined(late=False, carried=False)


def known(told: EventAdmitted) -> Known:
    return Known(
        event=told.event,
        exposure=told.exposure,
        known_at=told.event.known_at,
        live=True,
        relevance=told.relevance,
        standing=told.standing,
    )


def candidate(told: EventAdmitted, *, over_cap: bool = False) -> Candidate:
    weight = weigh_event(told.relevance, told.event.novelty, told.event.confidence)
    return build_candidate(build_reference(known(told), JOINED), told.event.feed, weight, over_cap=over_cap)


def test_an_event_that_joins_a_list_is_listed_as_if_it_had_been_there_from_the_start() -> None:
    assert add_to_list(Listed.build([candidate(ATTACK)]), known(forged(1)), JOINED) == Listed.build(
        [candidate(ATTACK), candidate(forged(1))]
    )
    assert add_to_list(None, known(ATTACK), JOINED) is None


@pytest.mark.attack
@pytest.mark.parametrize("first", [True, False])
def test_thirty_forged_protests_do_not_push_the_attack_out_of_its_own_alert(*, first: bool) -> None:
    desk = Desk()
    protests = [forged(number) for number in range(30)]
    desk.tell(*((ATTACK, *protests) if first else (*protests, ATTACK)))
    desk.settle(0, 0.08)
    (alert,) = desk.alerts()

    assert "desk:attack" in [ref.event_id for ref in alert.events]
    assert len(alert.events) == LISTED_OF_A_GROUP + 1
    assert (alert.events_total, alert.unlisted) == (
        31,
        (Unlisted(feed="gdelt", event_class=EventClass.PROTEST, count=28),),
    )
    assert any(each.startswith("Attack on infrastructure") for each in write_alert_lines(alert))
    assert "and 28 more events, 28 of them not listed: 28 protest (gdelt)" in write_alert_lines(alert)


@pytest.mark.attack
def test_the_study_of_a_flooded_session_lists_the_attack_too() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(30)], ATTACK)
    desk.settle(0, 0.08)
    newest = {each.study_id: each for each in desk.state.decided[FIRST].studies.values()}

    assert all("desk:attack" in [ref.event_id for ref in each.events] for each in newest.values())
    assert {sum(each.count for each in study.unlisted) for study in newest.values()} == {28}


def test_a_group_never_fills_what_an_alert_shows() -> None:
    assert LISTED_OF_A_GROUP < SHOWN_EVENTS


def test_the_rank_is_standing_then_relevance_novelty_and_corroboration_then_time_then_id() -> None:
    def told(name: str, standing: Standing, hour: int = 9, **changes: Any) -> Candidate:
        return candidate(replace(event(f"desk:{name}", at(FIRST, hour), **changes), standing=standing))

    order = [
        told("z", Standing.STATED),
        told("y", Standing.STATED, novelty=0.25),
        told("x", Standing.STATED, event_class=EventClass.PROTEST),
        candidate(replace(event("desk:w", at(FIRST, 9), TAJIKISTAN), measured_relevance=0.2)),
        told("v", Standing.STATED, exposure=TAJIKISTAN),
        told("u", Standing.CORROBORATED, verification=Verification.MACHINE, confidence=0.9),
        told("t", Standing.CORROBORATED, verification=Verification.MACHINE, confidence=0.8),
        told("s", Standing.SINGLE),
        told("r", Standing.SINGLE, exposure=YEMEN),
        told("p", Standing.SINGLE, hour=4, exposure=TAJIKISTAN),
        told("a", Standing.SINGLE, exposure=TAJIKISTAN),
        told("b", Standing.SINGLE, exposure=TAJIKISTAN),
    ]

    shuffled = order[::-1]
    shuffled.sort(key=lambda each: each.rank)

    assert shuffled == order


def test_single_reports_count_for_no_exposure_and_are_counted() -> None:
    single = candidate(replace(ATTACK, exposure=SAUDI_ARABIA, standing=Standing.SINGLE))
    protest = candidate(event("desk:protest", at(FIRST, 9), YEMEN, event_class=EventClass.PROTEST))

    alone, both = Listed.build([single]), Listed.build([single, protest])

    assert (alone.total, alone.singles, alone.exposure) == (1, 1, None)
    assert (both.total, both.singles, both.exposure) == (2, 1, YEMEN.weight)
    assert [each.event_id for each in both.events] == ["desk:protest", "desk:attack"]


def test_of_a_feed_five_hundred_events_are_looked_at_and_the_others_counted() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(MOST_OF_A_FEED)])
    late = event("aaa:attack", at(FIRST, 2), SAUDI_ARABIA, feed="gdelt")
    told = desk.tell(late)
    desk.tell(ATTACK)
    newest = desk.headline(FIRST)

    assert outcomes(told) == ["accepted"]
    assert [each.event_id for each in newest.events] == ["aaa:00", "aaa:01", "desk:attack"]
    assert newest.events_total == MOST_OF_A_FEED + 2
    assert newest.unlisted[-1] == Unlisted(
        feed="gdelt", event_class=EventClass.ATTACK_INFRASTRUCTURE, count=1
    )


def test_an_event_beyond_the_cap_is_retracted_as_others_are() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(MOST_OF_A_FEED + 1)])
    last = forged(MOST_OF_A_FEED, revision=1, status=Status.RETRACT)

    assert outcomes(desk.tell(last)) == ["retracted"]
    assert sum(each.live for each in desk.state.events.values()) == MOST_OF_A_FEED


def test_unknown_exposure_ranks_as_the_screen_weighs_it_and_not_as_zero() -> None:
    unknown = candidate(event("desk:unknown", at(FIRST), None))

    assert unknown.rank < candidate(event("desk:small", at(FIRST), TAJIKISTAN)).rank
    assert unknown.rank > candidate(event("desk:large", at(FIRST))).rank


some_events = st.builds(
    lambda number, country, feed, event_class, verification, novelty, over_cap: candidate(
        event(
            f"desk:{number}",
            at(FIRST, number % 5),
            country,
            feed=feed,
            event_class=event_class,
            verification=verification,
            novelty=novelty,
        ),
        over_cap=over_cap,
    ),
    number=st.integers(0, 400),
    country=st.sampled_from([SAUDI_ARABIA, TAJIKISTAN, YEMEN, None]),
    feed=st.sampled_from(["", "gdelt", "acled", *(f"forged-{number}" for number in range(20))]),
    event_class=st.sampled_from(EventClass),
    verification=st.none() | st.sampled_from(Verification),
    novelty=st.sampled_from([None, 0.0, 0.25, 1.0]),
    over_cap=st.booleans(),
)


@given(st.lists(some_events, max_size=120, unique_by=lambda each: each.ref.event_id), st.randoms())
@settings(max_examples=60, deadline=None)
def test_one_by_one_in_any_order_gives_the_list_of_all(candidates: list[Candidate], order: Any) -> None:
    shuffled = list(candidates)
    order.shuffle(shuffled)
    grown = Listed()
    for each in shuffled:
        grown = grown.add_candidate(each)

    assert grown == Listed.build(candidates)
    assert len(grown.candidates) <= LISTED_EVENTS
    assert len(grown.candidates) + sum(grown.others.values()) == grown.total == len(candidates)


def test_counts_of_many_feeds_are_bounded_and_the_largest_are_reported() -> None:
    flood = [candidate(forged(number, feed=f"feed-{number:03}", country="IRQ")) for number in range(300)]
    real = [candidate(forged(300 + number)) for number in range(7)]
    listed = Listed.build([*flood, *real])

    assert len(listed.unlisted) == COUNTED_GROUPS
    assert listed.unlisted[0] == Unlisted(feed="gdelt", event_class=EventClass.PROTEST, count=7)


def test_a_restored_state_lists_what_the_first_one_lists() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(30)], ATTACK)
    again = Desk(assemble_state(desk.state.rules, take_snapshot(desk.state)))
    for each in (desk, again):
        each.tell(forged(31, at(FIRST, 2)), event("desk:next", at(session(1))))
        each.settle(0, 0.08)

    assert again.alerts() == desk.alerts()
    assert again.headline(FIRST).unlisted == desk.headline(FIRST).unlisted


def test_a_retraction_lets_one_that_was_not_listed_move_up() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(3)], forged(0, revision=1, status=Status.RETRACT))

    assert [ref.event_id for ref in desk.headline(FIRST).events] == ["aaa:01", "aaa:02"]
    assert desk.headline(FIRST).unlisted == ()


def test_one_more_that_is_not_listed_is_no_news_of_a_long_list() -> None:
    desk = Desk()
    desk.tell(*[forged(number) for number in range(LISTED_EVENTS + 1)])
    told = len(desk.revisions(FIRST))
    desk.tell(forged(40))

    assert len(desk.revisions(FIRST)) == told
