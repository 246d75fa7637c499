"""Stories: which events belong together, which stories are followed, and what changes their evidence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scipy import stats
from tests.core.desk import QUIET, TAJIKISTAN, Desk, at, bar, event, found, session, update

from brentwatch.core.domain import (
    BRENT_SPOT,
    CLASS_GROUPS,
    STORY_GROUPS,
    ClassGroup,
    EventAdmitted,
    EventClass,
    Precision,
    PublishStudy,
    SessionStudy,
    Standing,
    Status,
    StoryEvidence,
    StoryGroup,
    find_story_group,
)
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state_values import assemble_state, list_changes, take_snapshot
from brentwatch.core.monitor.story_following import MOST_FOLLOWED
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.wire.state import decode_saved, encode_saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Effect, Signal
    from brentwatch.core.monitor.state import State

SHIFTS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
UNREST = {"country": "KAZ", "event_class": EventClass.PROTEST}
_FIRST_ID = f"brent-spot:KAZ:escalation:{session(0)}"


def news(number: int, name: str = "", hour: int = 9, **changes: Any) -> EventAdmitted:
    """An event that was known in the morning of a session."""
    return event(f"desk:{number}{name}", at(session(number), hour), **UNREST | changes)


def weigh(signal: EventAdmitted, relevance: float, standing: Standing = Standing.STATED) -> EventAdmitted:
    return replace(signal, measured_relevance=relevance, standing=standing)


def stories(desk: Desk, number: int) -> tuple[StoryEvidence, ...]:
    """The stories of a session as its newest study tells them."""
    return desk.headline(session(number)).stories


def story(desk: Desk, number: int) -> StoryEvidence:
    (told,) = stories(desk, number)
    return told


def recompute(desk: Desk, *numbers: int) -> float:
    """The evidence over these sessions, from what their studies say and with SciPy's densities."""
    products = dict.fromkeys(SHIFTS, 1.0)
    for number in numbers:
        result = found(desk.headline(session(number)))
        nu = result.degrees_of_freedom
        assert nu is not None
        unit = math.sqrt((nu - 2.0) / nu)
        z = math.copysign(stats.t.isf(result.p / 2.0, nu) * unit, result.car)
        for shift in SHIFTS:
            products[shift] *= stats.t.pdf((z - shift) / unit, nu) / stats.t.pdf(z / unit, nu)
    return sum(products.values()) / len(SHIFTS)


def told(*days: int, moves: Sequence[float] = (), desk: Desk | None = None) -> Desk:
    """A desk with an event in each of these sessions, through the last of them."""
    desk = desk or Desk()
    for number in range(days[-1] + 1):
        if number in days:
            desk.tell(news(number))
        desk.settle(number, moves[number] if number < len(moves) else 0.001)
    return desk


def test_the_events_of_a_country_are_tested_together() -> None:
    desk = told(0, 1, 4, moves=(0.02, 0.015, -0.01, 0.03, 0.022))

    evidence = [recompute(desk, 0), recompute(desk, 0, 1), recompute(desk, 0, 1, 4)]
    last = story(desk, 4)

    assert last.evidence == pytest.approx(evidence[-1])
    assert last.highest == pytest.approx(max(1.0, *evidence))
    assert replace(last, evidence=0.0, highest=0.0) == StoryEvidence(
        story_id=_FIRST_ID,
        country="KAZ",
        group=StoryGroup.ESCALATION,
        since=session(0),
        events=3,
        sessions=3,
        first=session(0),
        last=session(4),
        evidence=0.0,
        highest=0.0,
    )
    assert stories(desk, 2) == ()
    assert story(desk, 0).evidence == pytest.approx(recompute(desk, 0))


def test_many_events_of_a_session_give_one_factor() -> None:
    one, many = Desk(), Desk()
    one.tell(news(0))
    many.tell(*(news(0, str(each), event_class=EventClass.RIOT) for each in range(7)))
    for desk in (one, many):
        desk.settle(0, 0.02)

    assert story(many, 0) == replace(story(one, 0), events=7)


@pytest.mark.parametrize(("gap", "sessions"), [(10, 2), (11, 1)])
def test_the_next_event_may_come_ten_sessions_later_and_not_eleven(gap: int, sessions: int) -> None:
    desk = told(0, gap)

    assert story(desk, gap).sessions == sessions
    assert story(desk, gap).since == session(0 if sessions == 2 else gap)
    assert len(desk.state.stories) == 1


def test_a_story_ends_after_ten_sessions_without_an_event() -> None:
    desk = told(0)
    for number in range(1, 10):
        desk.settle(number)
        assert len(desk.state.stories) == 1
    desk.settle(10)

    assert desk.state.stories == ()


def test_a_missing_session_is_none_of_the_ten() -> None:
    desk = Desk()
    desk.tell(news(0))
    for number in (*range(5), *range(6, 11)):
        desk.settle(number)
    desk.tell(news(11))
    desk.settle(11)

    assert story(desk, 11).sessions == 2


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"event_class": EventClass.SUPPLY_DISRUPTION}, [_FIRST_ID]),
        ({"country": "LBY"}, [_FIRST_ID, f"brent-spot:LBY:escalation:{session(0)}"]),
        ({"event_class": EventClass.CEASEFIRE}, [f"brent-spot:KAZ:easing:{session(0)}", _FIRST_ID]),
        ({"extra_countries": ("LBY",)}, [_FIRST_ID]),
    ],
)
def test_country_and_group_decide_without_an_id(changes: dict[str, Any], ids: list[str]) -> None:
    desk = Desk()
    desk.tell(news(0), news(0, "b", **changes))
    desk.settle(0)

    assert sorted(each.story_id for each in stories(desk, 0)) == sorted(ids)


def test_the_id_of_a_person_wins_and_others_join_by_country_and_group() -> None:
    desk = Desk()
    desk.tell(news(0, story_id="desk:spring"))
    desk.settle(0)
    desk.tell(news(1, story_id="desk:spring", country="EGY"), news(1, "b"))
    desk.settle(1)
    desk.tell(news(2, story_id="desk:other"))
    desk.settle(2)

    assert (story(desk, 1).story_id, story(desk, 1).events) == ("desk:spring", 3)
    assert (story(desk, 2).story_id, story(desk, 2).sessions) == ("desk:other", 1)


def test_every_class_belongs_to_one_group() -> None:
    assert set(STORY_GROUPS) == set(ClassGroup)
    assert {find_story_group(each) for each in EventClass} == set(StoryGroup)
    assert find_story_group(EventClass.SUPPLY_RESTORED) is STORY_GROUPS[CLASS_GROUPS[EventClass.CEASEFIRE]]


def test_a_late_event_changes_no_factor_and_begins_no_story() -> None:
    desk, quiet = told(0, 1), told(0, 1)
    late = news(1, "late", hour=10)
    desk.tell(late, news(0, "late", country="IRN"))
    for each in (desk, quiet):
        each.settle(2)
        each.tell(news(3))
        each.settle(3)

    assert desk.headline(session(1)).events_total == 2
    assert [stories(desk, each) for each in range(4)] == [stories(quiet, each) for each in range(4)]
    assert desk.state.stories == quiet.state.stories


def test_only_what_precedes_the_price_on_the_timeline_counts() -> None:
    """Known in time, and written to the timeline after the price: the session has been decided."""
    desk = Desk()
    desk.settle(0, 0.04)
    desk.tell(news(0))

    assert (stories(desk, 0), desk.state.stories) == ((), ())


def test_another_price_of_a_decided_session_changes_no_factor() -> None:
    desk = told(0, 1, moves=(0.02, 0.03))
    before, held = stories(desk, 1), desk.state.stories
    desk.tell(update(bar(session(1), 70.0), complete_through=at(session(2)), known_at=at(session(2))))

    assert found(desk.headline(session(1))).car < -0.1
    assert (stories(desk, 1), desk.state.stories) == (before, held)


def test_a_retraction_before_the_decision_leaves_the_story_and_one_after_it_changes_nothing() -> None:
    withdrawn = replace(news(0).event, revision=1, status=Status.RETRACT)
    early, late = Desk(), told(0)
    early.tell(news(0), replace(news(0), event=withdrawn))
    early.settle(0)
    before = stories(late, 0)
    late.tell(replace(news(0), event=replace(withdrawn, known_at=at(session(1)))))

    assert stories(early, 0) == ()
    assert (stories(late, 0), late.headline(session(0)).events) == (before, ())


def test_a_session_that_is_not_tested_gives_no_factor_and_the_story_goes_on() -> None:
    desk = told(0)
    desk.tell(news(1))
    desk.tell(update(bar(session(1), -5.0)))
    refused = story(desk, 1)
    desk.tell(update(bar(session(2), 80.0)))
    desk.tell(news(3), update(bar(session(3), 81.0)))

    assert (refused.events, refused.sessions, refused.last) == (2, 1, session(0))
    assert refused.evidence == story(desk, 0).evidence
    assert (story(desk, 3).events, story(desk, 3).sessions) == (3, 2)


def test_an_event_of_a_day_counts_for_two_sessions_and_once_among_the_events() -> None:
    desk = Desk()
    desk.tell(news(0, precision=Precision.DAY))
    for number in range(3):
        desk.settle(number)

    assert [each.sessions for number in range(3) for each in stories(desk, number)] == [1, 2]
    assert story(desk, 1).events == 1


def test_a_single_report_counts_for_no_story_until_it_is_corroborated() -> None:
    desk = Desk()
    desk.tell(weigh(news(0), 0.9, Standing.SINGLE))
    desk.settle(0)
    desk.tell(weigh(news(1), 0.9, Standing.CORROBORATED))
    desk.settle(1)

    assert (stories(desk, 0), story(desk, 1).events) == ((), 1)


def countries(desk: Desk) -> list[str]:
    return sorted(each.evidence.country for each in desk.state.stories)


def test_at_most_three_are_followed_and_only_a_weightier_one_takes_a_place() -> None:
    desk = Desk()
    for number, (country, relevance) in enumerate(
        [("AAA", 0.4), ("BBB", 0.6), ("CCC", 0.8), ("DDD", 0.49), ("EEE", 0.5)]
    ):
        desk.tell(weigh(news(number, country=country), relevance))
        desk.settle(number)
        assert len(desk.state.stories) <= MOST_FOLLOWED

    assert stories(desk, 3) == ()
    assert (story(desk, 4).country, countries(desk)) == ("EEE", ["BBB", "CCC", "EEE"])


def test_the_most_relevant_of_a_session_come_first_whatever_their_order() -> None:
    desk = Desk()
    relevances = {"AAA": 0.5, "BBB": 0.52, "CCC": 0.51, "DDD": 0.53, "EEE": 0.2}
    desk.tell(*(weigh(news(0, each, country=each), weight) for each, weight in relevances.items()))
    desk.settle(0)

    assert [each.country for each in stories(desk, 0)] == ["DDD", "BBB", "CCC"]


def test_no_price_decides_which_stories_are_followed() -> None:
    calm, wild = Desk(), Desk()
    for number in range(30):
        for desk, move in ((calm, 0.001), (wild, 0.05 * (-1) ** number)):
            for place in range(number % 3):
                name = f"{chr(65 + (number * 7 + place * 11) % 9) * 3}"
                desk.tell(weigh(news(number, name, country=name), ((number * 13 + place * 29) % 10) / 10))
            desk.settle(number, move)
        assert [each.evidence.story_id for each in calm.state.stories] == [
            each.evidence.story_id for each in wild.state.stories
        ]
    assert calm.state.stories != wild.state.stories


def test_a_story_reaches_a_hundred_without_an_abnormal_session_and_opens_no_alert() -> None:
    days = tuple(range(6))
    desk = told(*days, moves=(0.017,) * len(days))
    last = story(desk, days[-1])
    evidence = [story(desk, each).evidence for each in days]
    first = next(number for number in days if evidence[number] >= 100.0)

    assert all(found(desk.headline(session(each))).p > BRENT_SPOT.alert_level for each in days)
    assert last.reached == session(first) > session(1)
    assert last.highest == max(evidence)
    assert not desk.alerts()


def test_the_alert_of_a_session_has_its_stories() -> None:
    desk = told(0, 1, moves=(0.01, 8.0 * QUIET))
    (alert,) = [each for each in desk.alerts() if each.session == session(1)][:1]

    assert alert.stories == stories(desk, 1) != ()


def test_only_the_session_test_has_them() -> None:
    desk = told(0)
    others = [each.study for each in desk.effects if isinstance(each, PublishStudy)]

    assert {each.window.end for each in others if isinstance(each, SessionStudy) and each.stories} == {0}


def fold(signals: Sequence[Signal], state: State) -> tuple[State, list[Effect]]:
    effects: list[Effect] = []
    for signal in signals:
        state, more = step(state, signal)
        effects += more
    return state, effects


def published(effects: Sequence[Effect]) -> list[tuple[StoryEvidence, ...]]:
    studies = (each.study for each in effects if isinstance(each, PublishStudy))
    return [each.stories for each in studies if isinstance(each, SessionStudy)]


@pytest.mark.parametrize("cut", [3, 8, 15])
def test_a_truncated_timeline_gives_the_beginning_of_what_the_whole_gives(cut: int) -> None:
    signals = list(find_history("kazakhstan-2022").signals)
    start = create_state(build_rules(BRENT_SPOT))
    cut = len(signals) - cut
    _, whole = fold(signals, start)
    _, beginning = fold(signals[:cut], start)

    assert whole[: len(beginning)] == beginning
    assert any(each for each in published(beginning))


def test_a_restored_state_goes_on_with_its_stories() -> None:
    """From the bytes of the whole state, brought up to date by those of its changes."""
    desk = told(0, 1, moves=(0.02, 0.015))
    held = {key: encode_saved(value) for key, value in take_snapshot(desk.state).items()}
    later, _ = fold([news(2), update(bar(session(2), 1.01 * desk.close))], desk.state)
    for saved in list_changes(desk.state, later):
        held.pop(saved.key, None)
        if saved.value is not None:
            held[saved.key] = encode_saved(saved.value)
    values = {key: decode_saved(value) for key, value in held.items()}
    restored = assemble_state(Rules(instrument=BRENT_SPOT), values)
    signals: list[Signal] = [news(3), update(bar(session(3), desk.close)), news(2, "late", country="IRN")]

    assert restored.stories == later.stories != desk.state.stories
    assert fold(signals, restored)[1] == fold(signals, later)[1]
    assert fold(signals, restored)[0].stories == fold(signals, later)[0].stories != later.stories


def test_the_state_keeps_three_stories_however_many_there_were() -> None:
    desk = Desk()
    for number in range(40):
        names = [f"{chr(65 + (number + each) % 26) * 3}" for each in range(6)]
        desk.tell(*(news(number, each, exposure=TAJIKISTAN, country=each) for each in names))
        desk.settle(number)

    assert len(desk.state.stories) <= MOST_FOLLOWED
    assert all(len(each.stories) <= MOST_FOLLOWED for each in desk.state.decided.values())
