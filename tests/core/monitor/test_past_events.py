"""Analogues in the fold: what was known then, once per event, and no study because of them alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import TAJIKISTAN, Desk, at, event, session, warmed

from brentwatch.core.domain import (
    BRENT_SPOT,
    AnalogueSources,
    Effect,
    EventAdmitted,
    EventClass,
    Found,
    NotYet,
    Precision,
    PublishAlert,
    PublishStudy,
    SessionStudy,
    Standing,
    Status,
)
from brentwatch.core.monitor import past_events
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.past_events import KEPT_PAST
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.history.folder import find_history
from brentwatch.history.past_events import load_past_events
from brentwatch.history.rules import build_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Analogues, Signal
    from brentwatch.core.monitor.state import State

CATALOGUE = find_history("catalogue").signals


def attack(number: int, *, hour: int = 9, name: str = "attack", **changes: object) -> EventAdmitted:
    return event(f"desk:{name}-{number}", at(session(number), hour), **changes)  # type: ignore[arg-type] # test


def list_analogues(effects: Sequence[Effect]) -> list[Analogues]:
    """Those of the studies that were published, each time."""
    studies = (each.study for each in effects if isinstance(each, PublishStudy))
    return [
        each.analogues for each in studies if isinstance(each, SessionStudy) and each.analogues is not None
    ]


def settle_attacks(desk: Desk, numbers: range) -> None:
    """An attack at nine in each of these sessions, which then settle."""
    for number in numbers:
        desk.tell(attack(number))
        desk.settle(number, 0.004)


def test_the_timeline_remembers_its_own_events_with_the_moves_that_have_settled() -> None:
    desk = Desk()
    desk.tell(attack(0))
    assert not desk.state.past
    desk.settle(0, 0.02)
    moves = [desk.state.past[session(0)].moves]
    for number in range(1, 7):
        desk.settle(number, 0.001)
        moves.append(desk.state.past[session(0)].moves)

    assert [len(each) for each in moves] == [1, 2, 2, 2, 2, 3, 3]
    assert [round(each.log_return, 6) for each in moves[-1]] == [0.02, 0.021, 0.025]
    assert [each.settled_at.date() for each in moves[-1]] == [session(0), session(1), session(5)]
    remembered = desk.state.past[session(0)]
    assert (remembered.event_id, remembered.country) == ("desk:attack-0", "SAU")
    assert remembered.relevance == remembered.exposure == pytest.approx(0.9612, abs=1e-3)


def test_a_study_has_the_analogues_that_were_known_when_it_first_listed_its_event() -> None:
    """A move through five sessions that settles today is not known at nine in the morning."""
    desk = Desk()
    settle_attacks(desk, range(5))
    told = list_analogues(desk.tell(attack(5)))[0]

    assert (told.own, told.bundled) == (5, 0)
    assert [each.n for each in told.moves] == [5, 2, 0]  # windows of two sessions that do not overlap: 2


def test_they_stay_as_they_are_so_no_study_is_published_because_of_them() -> None:
    desk = Desk()
    settle_attacks(desk, range(3))
    desk.tell(attack(3))
    pending = desk.headline(session(3))
    desk.settle(3, 0.004)
    settled = desk.headline(session(3))
    before = len(desk.revisions(session(3)))
    for number in range(4, 12):
        desk.settle(number, 0.001)

    assert isinstance(pending.result, NotYet)
    assert isinstance(settled.result, Found)
    assert pending.analogues == settled.analogues
    assert settled.analogues is not None
    assert settled.analogues.own == 3
    assert len(desk.revisions(session(3))) == before == 2


def test_another_leading_event_has_its_own_analogues_and_the_same_one_keeps_them() -> None:
    desk = Desk()
    settle_attacks(desk, range(3))
    small = event("desk:small", at(session(3), 8), TAJIKISTAN, event_class=EventClass.PROTEST)
    desk.tell(small)
    first = desk.headline(session(3)).analogues
    desk.tell(event("desk:late-mention", at(session(3), 9), TAJIKISTAN, event_class=EventClass.PROTEST))
    same = desk.headline(session(3)).analogues
    desk.tell(attack(3, hour=10))
    other = desk.headline(session(3)).analogues

    assert first is not None
    assert other is not None
    assert first is same
    assert (first.event_id, first.own) == ("desk:small", 0)
    assert (other.event_id, other.own) == ("desk:attack-3", 3)


def test_an_event_that_arrives_late_sees_nothing_of_its_own_session_or_after() -> None:
    desk = Desk()
    settle_attacks(desk, range(3))
    for number in range(3, 9):
        desk.settle(number, 0.001)
    settle_attacks(desk, range(9, 12))
    desk.tell(attack(3, name="late"))
    late = desk.headline(session(3)).analogues

    assert late is not None
    assert {each.session for each in late.nearest} == {session(0), session(1), session(2)}
    assert late.find_moves(0).n == 3
    assert late.find_moves(5).n == 0  # they settled after the session of the late event


def test_a_late_event_of_an_abnormal_session_sees_no_move_that_settled_with_it_or_after() -> None:
    """The windows of that session were published until session 8; the late event belongs to session 3."""
    desk = Desk()
    settle_attacks(desk, range(3))
    desk.settle(3, 0.09)
    for number in range(4, 10):
        desk.settle(number, 0.001)
    desk.tell(attack(3))
    late = desk.headline(session(3)).analogues

    assert late is not None
    assert [each.n for each in late.moves] == [3, 1, 0]


def test_a_retracted_event_and_a_single_report_are_no_past_events() -> None:
    desk = Desk()
    settle_attacks(desk, range(2))
    gone = attack(0, hour=12)
    desk.tell(replace(gone, event=replace(gone.event, revision=1, status=Status.RETRACT)))
    single = replace(attack(2), standing=Standing.SINGLE)
    desk.tell(single)
    desk.settle(2, 0.001)

    assert set(desk.state.past) == {session(1)}
    assert desk.headline(session(2)).analogues is None
    assert desk.headline(session(2)).singles == 1


def test_a_session_whose_event_counts_for_two_is_remembered_once() -> None:
    desk = Desk()
    midnight = at(session(0), 0)
    desk.tell(event("desk:day", midnight, precision=Precision.DAY))
    desk.settle(0, 0.01)
    desk.settle(1, 0.01)

    assert [each.event_id for each in desk.state.past.values()] == ["desk:day"]
    assert set(desk.state.past) == {session(0)}
    assert desk.headline(session(1)).events[0].carried


def test_an_alert_has_the_analogues_of_its_session() -> None:
    desk = Desk()
    settle_attacks(desk, range(3))
    told = desk.tell(attack(3))
    heads_up = next(each.alert for each in desk.effects if isinstance(each, PublishAlert))
    desk.settle(3, 0.09)
    newest = [
        each.alert
        for each in desk.effects
        if isinstance(each, PublishAlert) and each.alert.session == session(3)
    ]

    assert heads_up.analogues is not None
    assert heads_up.analogues.own == 0
    assert newest[-1].severity is not None
    assert newest[-1].analogues == list_analogues(told)[0]
    assert {each.analogues for each in newest} == {newest[-1].analogues}


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_events, "KEPT_PAST", 4)
    desk = Desk()
    settle_attacks(desk, range(7))

    assert sorted(desk.state.past) == [session(number) for number in range(3, 7)]
    assert KEPT_PAST == 500


def test_the_sources_can_be_chosen() -> None:
    def lead(source: AnalogueSources) -> tuple[int, int] | None:
        instrument = replace(BRENT_SPOT, analogues=source)
        state = replace(warmed(), rules=replace(build_rules(instrument), fits={}))
        desk = Desk(state)
        settle_attacks(desk, range(2))
        desk.tell(attack(2))
        found = desk.headline(session(2)).analogues
        return None if found is None else (found.bundled, found.own)

    assert lead(AnalogueSources.OFF) is None
    assert lead(AnalogueSources.OWN) == (0, 2)
    both = lead(AnalogueSources.BUNDLED)
    assert both is not None
    assert both[0] > 5
    assert both[1] == 2


@cache
def play_catalogue() -> tuple[tuple[Effect, ...], ...]:
    """What each signal of the catalogue leads to, under the bundled rules."""
    return fold(create_state(build_rules(BRENT_SPOT)), CATALOGUE)[1]


def fold(state: State, signals: Sequence[Signal]) -> tuple[State, tuple[tuple[Effect, ...], ...]]:
    told = []
    for signal in signals:
        state, effects = step(state, signal)
        told.append(effects)
    return state, tuple(told)


def find_event(event_id: str) -> int:
    return next(
        number
        for number, signal in enumerate(CATALOGUE)
        if isinstance(signal, EventAdmitted) and signal.event.event_id == event_id
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "event_id", ["catalogue:SAU-2019-09-14", "catalogue:KAZ-2022-01-06A", "catalogue:YEM-2023-12-18"]
)
def test_on_a_shorter_history_with_a_shorter_catalogue_the_analogues_are_the_same(event_id: str) -> None:
    """Nothing known later: neither later signals nor later rows, nor moves of a row that settled later."""
    end = find_event(event_id) + 1
    now = CATALOGUE[end - 1].known_at
    rules = build_rules(BRENT_SPOT)
    short = [
        replace(each, moves=tuple(move for move in each.moves if move.settled_at <= now))
        for each in rules.past_events
        if each.known_at < now
    ]
    _, told = fold(create_state(replace(rules, past_events=tuple(short))), CATALOGUE[:end])

    assert len(short) < len(rules.past_events)
    assert told == play_catalogue()[:end]
    assert list_analogues(told[-1])


@pytest.mark.slow
def test_replayed_over_itself_no_event_of_the_catalogue_counts_twice() -> None:
    seen = 0
    for effects in play_catalogue():
        for found in list_analogues(effects):
            ids = [each.event_id for each in found.nearest]
            sessions = [each.session for each in found.nearest]
            seen += found.bundled
            assert len(set(ids)) == len(ids)
            assert len(set(sessions)) == len(sessions)
            assert found.event_id not in ids
            assert found.find_moves(0).n == found.n
            assert all(each.n <= found.n for each in found.moves)
    assert seen  # rows that do not lead their session in the replay


@pytest.mark.slow
def test_the_bundled_table_has_the_moves_that_the_fold_measures() -> None:
    """Two ways to the same numbers: the table from the files, the past events from the studies."""
    state, _ = fold(create_state(build_rules(BRENT_SPOT)), CATALOGUE)
    table = {each.event_id: each for each in load_past_events()}
    both = [(each, table[each.event_id]) for each in state.past.values()]

    assert len(both) > 50
    for own, bundled in both:
        assert (own.session, own.event_class, own.country) == (
            bundled.session,
            bundled.event_class,
            bundled.country,
        )
        assert [(each.sessions, each.settled_at) for each in own.moves] == [
            (each.sessions, each.settled_at) for each in bundled.moves
        ]
        assert [each.log_return for each in own.moves] == pytest.approx(
            [each.log_return for each in bundled.moves], abs=1e-6
        )
        assert own.exposure == pytest.approx(bundled.exposure, abs=1e-4)


def test_a_state_that_is_rebuilt_from_its_values_goes_on_in_the_same_way() -> None:
    desk = Desk()
    settle_attacks(desk, range(4))
    again = Desk(assemble_state(Rules(instrument=BRENT_SPOT), take_snapshot(desk.state)))

    assert again.state.past == desk.state.past
    one, other = desk.tell(attack(4)), again.tell(attack(4))
    assert one == other
    assert list_analogues(one)[0].own == 4


def test_the_same_event_from_the_catalogue_and_the_timeline_counts_once() -> None:
    desk = Desk(replace(warmed(), rules=replace(warmed().rules, past_events=load_past_events())))
    row = load_past_events()[0]
    first = at(session(0))
    twin = replace(
        row,
        event_id="catalogue:twin",
        known_at=first - timedelta(hours=20),
        country="SAU",
        event_class=EventClass.ATTACK_INFRASTRUCTURE,
        session=session(0),
    )
    desk.state = replace(desk.state, rules=replace(desk.state.rules, past_events=(twin,)))
    settle_attacks(desk, range(1))
    desk.tell(attack(1))
    found = desk.headline(session(1)).analogues

    assert found is not None
    assert (found.own, found.bundled) == (1, 0)


@pytest.mark.slow
def test_nothing_is_published_more_often_because_of_them() -> None:
    without = build_rules(replace(BRENT_SPOT, analogues=AnalogueSources.OFF))
    _, told = fold(create_state(without), CATALOGUE)

    assert [list(map(type, each)) for each in told] == [list(map(type, each)) for each in play_catalogue()]
    assert not any(map(list_analogues, told))
