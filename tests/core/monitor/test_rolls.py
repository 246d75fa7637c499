"""The first two returns after an expiry: one is the step to the next contract, and none is a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.desk import (
    Desk,
    at,
    bar,
    event,
    facts,
    found,
    outcomes,
    quiet_closes,
    session,
    studies,
    update,
)

from brentwatch.core.domain import (
    BRENT_SPOT,
    BarOutcome,
    BarSeen,
    ConfounderKind,
    Instrument,
    Noted,
    Refused,
    Window,
)
from brentwatch.core.errors import SettingsError
from brentwatch.core.monitor.machine import Rules, State, create_state, step
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.core.sessions.roll import find_spliced_sessions, is_after_expiry

if TYPE_CHECKING:
    from collections.abc import Callable

    from brentwatch.core.domain import Effect, Study

RULES = ("brent", "cl")
EXPIRY = {"brent": 19, "cl": 11}
"""Friday 30 June 2023, when Brent's contract for August expired; Tuesday 20 June, when WTI's for July did."""

SPREAD = 0.12
WARM_UP, LIVE = 560, 44
FIRST_OF_TWO, SECOND_OF_TWO = 1, 2


def numbers() -> range:
    return range(-WARM_UP, LIVE)


@cache
def vintage(rule: str, spread_on: int) -> dict[int, float]:
    """Closes by session number; the step is in the first or the second return after each expiry.

    The two differ in the rows of the first sessions after an expiry, and in nothing else.
    """
    days = [session(number) for number in numbers()]
    sizes = np.where(np.arange(len(days)) < WARM_UP, 0.01, 0.003)
    returns = np.random.default_rng(5).standard_normal(len(days)) * sizes
    firsts = [place for place, day in enumerate(days) if is_after_expiry(rule, days, day)]
    spreads = {place: SPREAD * (-1) ** place for place in firsts}
    returns[firsts] += list(spreads.values())
    closes = 80.0 * np.exp(np.cumsum(returns))
    if spread_on == SECOND_OF_TWO:
        closes[firsts] /= np.exp(list(spreads.values()))
    return dict(zip(numbers(), closes.tolist(), strict=True))


def desk_front(rule: str) -> Instrument:
    return replace(BRENT_SPOT, series=replace(BRENT_SPOT.series, name="desk-front", roll=rule))


def warmed(rule: str, closes: dict[int, float]) -> State:
    bars = [bar(session(number), closes[number]) for number in range(-WARM_UP, 0)]
    instrument = desk_front(rule)
    state, _ = step(
        create_state(Rules(instrument=instrument)), update(*bars, warmup=True, series="desk-front")
    )
    return state


class Front(Desk):
    """A desk for a series with a roll rule, on closes of choice; attacks come around the expiry."""

    def __init__(self, rule: str, closes: dict[int, float], state: State | None = None) -> None:
        super().__init__(state or warmed(rule, closes))
        self.closes = closes
        self.attacked = range(EXPIRY[rule] - 2, EXPIRY[rule] + 5)

    def through(self, last: int, first: int = 0) -> Front:
        for number in range(first, last + 1):
            if number in self.attacked:
                self.tell(event(f"desk:{number}", at(session(number), 9)))
            self.price(number)
        return self

    def price(self, number: int) -> list[Effect]:
        return self.tell(update(bar(session(number), self.closes[number]), series="desk-front"))

    def decisions(self) -> list[Study]:
        """All that was published; of a session that is refused the move is that of its vintage."""
        return [replace(each, move=None) for each in studies(self.effects)]


@cache
def walked(rule: str, spread_on: int, last: int = LIVE - 1) -> Front:
    """A desk on a vintage through a session: not to be told more."""
    if last < 0:
        return Front(rule, vintage(rule, spread_on))
    before = walked(rule, spread_on, last - 1)
    front = Front(rule, before.closes, before.state)
    front.effects = list(before.effects)
    return front.through(last, last)


def on_from(rule: str, last: int, spread_on: int = FIRST_OF_TWO) -> Front:
    """A desk of one's own that knows a vintage through a session."""
    known = walked(rule, spread_on, last)
    front = Front(rule, known.closes, known.state)
    front.effects = list(known.effects)
    return front


def with_return(number: int, log_return: float) -> dict[int, float]:
    """Quiet closes, but for one return."""
    closes = vintage("none", FIRST_OF_TWO)
    factor = float(np.exp(log_return)) * closes[number - 1] / closes[number]
    return {each: close * (factor if each >= number else 1.0) for each, close in closes.items()}


@pytest.mark.parametrize("rule", RULES)
def test_the_sessions_are_those_of_an_expiry(rule: str) -> None:
    days = [session(number) for number in numbers()]
    expected = {"brent": date(2023, 6, 30), "cl": date(2023, 6, 20)}[rule]

    assert session(EXPIRY[rule]) == expected
    assert is_after_expiry(rule, days, session(EXPIRY[rule] + 1))
    near = {session(EXPIRY[rule] + number) for number in range(-3, 8)}
    assert find_spliced_sessions(rule, days) & near == {session(EXPIRY[rule] + 1), session(EXPIRY[rule] + 2)}


@pytest.mark.parametrize("after", [FIRST_OF_TWO, SECOND_OF_TWO])
@pytest.mark.parametrize("rule", RULES)
def test_a_move_after_an_expiry_is_no_verdict_and_its_size_is_reported(rule: str, after: int) -> None:
    number = EXPIRY[rule] + after
    front = Front(rule, with_return(number, 0.12)).through(number)
    study = front.headline(session(number))

    assert isinstance(study.result, Refused)
    assert f"the front contract expired on {session(EXPIRY[rule])}" in study.result.reason
    assert "one of the first two returns after it holds the step to the next contract" in study.result.reason
    assert study.move is not None
    assert study.move.log_return == pytest.approx(0.12)
    assert ConfounderKind.ROLL in [each.kind for each in study.confounders]
    assert front.alerts() == []


@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize("rule", RULES)
def test_the_same_move_before_and_after_these_two_is_alerted(rule: str, after: int) -> None:
    number = EXPIRY[rule] + after
    front = Front(rule, with_return(number, 0.12)).through(number)

    assert [each.session for each in front.alerts()] == [session(number)]


def test_the_same_move_of_a_series_that_is_not_spliced_is_one() -> None:
    number = EXPIRY["brent"] + FIRST_OF_TWO
    closes = with_return(number, 0.12)
    spot = Front("brent", closes, warmed("none", closes))

    assert [each.session for each in spot.through(number).alerts()] == [session(number)]


@pytest.mark.parametrize("rule", RULES)
def test_a_window_is_refused_from_the_first_spliced_return_on(rule: str) -> None:
    start = EXPIRY[rule] - 1
    front = on_from(rule, EXPIRY[rule], SECOND_OF_TWO)
    assert found(front.study(session(start), Window(0, 1))).complete
    assert found(front.study(session(start), Window(0, 5))).observed == 2

    front.through(EXPIRY[rule] + 4, EXPIRY[rule] + 1)
    study = front.study(session(start), Window(0, 5))
    assert isinstance(study.result, Refused)
    assert study.result.reason.startswith(
        f"the window contains the return of {session(EXPIRY[rule] + 1)}: the front contract expired on"
    )
    assert study.after is None
    assert found(front.study(session(start), Window(0, 1))).complete


@pytest.mark.parametrize("rule", RULES)
def test_both_vintages_lead_to_the_same_decisions(rule: str) -> None:
    one, other = (walked(rule, on) for on in (FIRST_OF_TWO, SECOND_OF_TWO))

    assert vintage(rule, FIRST_OF_TWO) != vintage(rule, SECOND_OF_TWO)
    assert one.decisions() == other.decisions()
    assert one.state.memories == other.state.memories
    assert [each.session for each in one.alerts()] == [each.session for each in other.alerts()]
    refused = {each.session for each in one.decisions() if isinstance(each.result, Refused)}
    assert session(EXPIRY[rule] + 1) in refused
    assert session(EXPIRY[rule] + 3) not in refused


def as_it_is(state: State) -> State:
    return state


def from_what_was_saved(state: State) -> State:
    return assemble_state(state.rules, take_snapshot(state))


@pytest.mark.parametrize("corrected_after", [1, 2, 12])
@pytest.mark.parametrize("again", [as_it_is, from_what_was_saved])
@pytest.mark.parametrize("rule", RULES)
def test_a_roll_correction_tests_nothing_again(
    rule: str, again: Callable[[State], State], corrected_after: int
) -> None:
    """The first vintage live, then the row of the other: the decisions are those of either vintage."""
    first, now = EXPIRY[rule] + 1, EXPIRY[rule] + corrected_after
    front = on_from(rule, now)
    front.state = again(front.state)
    row = bar(session(first), vintage(rule, SECOND_OF_TWO)[first])
    held = front.state.complete_through
    assert held is not None
    effects = front.tell(update(row, series="desk-front", complete_through=held, known_at=held))

    assert [type(each) for each in effects] == [Noted]
    (seen,) = facts(effects)
    assert isinstance(seen, BarSeen)
    assert (seen.outcome, seen.session) == (BarOutcome.ROLL_CORRECTED, session(first))
    assert front.state.prices.find(session(first)) == row
    front.state = again(front.state)
    front.closes = front.closes | {first: row.close}
    front.through(LIVE - 1, now + 1)
    assert front.decisions() == walked(rule, FIRST_OF_TWO).decisions()


def test_a_correction_before_the_session_is_decided_is_one_too() -> None:
    front = on_from("brent", EXPIRY["brent"])
    first = session(EXPIRY["brent"] + 1)
    through = front.state.complete_through
    assert through is not None
    for close in (80.0, 90.0):
        told = update(bar(first, close), series="desk-front", complete_through=through, known_at=through)
        effects = front.tell(told)
    assert outcomes(effects) == ["roll_corrected"]
    assert front.state.waiting[first].bar.close == 90.0


def test_any_other_row_that_changes_is_a_price_revision() -> None:
    for number in (0, 2):
        front = on_from("brent", EXPIRY["brent"] + 4)
        row = bar(session(EXPIRY["brent"] + number), 60.0)
        assert "revised" in outcomes(front.tell(update(row, series="desk-front")))


def test_an_event_that_joins_after_a_correction_finds_the_same_verdict() -> None:
    front = on_from("brent", EXPIRY["brent"] + 4)
    first = EXPIRY["brent"] + 1
    row = bar(session(first), vintage("brent", SECOND_OF_TWO)[first])
    front.tell(update(row, series="desk-front", known_at=at(session(EXPIRY["brent"] + 5), 8)))
    before = {each.study_id: each.result for each in studies(front.effects)}
    told = studies(front.tell(event("desk:late", at(session(first), 10))))

    assert session(first) in {each.session for each in told}
    assert [each.result for each in told] == [before[each.study_id] for each in told]
    assert front.headline(session(first)).events_total == 2


def test_a_return_that_spans_an_expiry_and_the_next_one_are_the_two() -> None:
    """Prices are missing from the first session after the expiry."""
    expiry = EXPIRY["brent"]
    front = on_from("brent", expiry)
    for number in range(expiry + 2, expiry + 5):
        front.price(number)

    for number, refused in ((2, True), (3, True), (4, False)):
        result = front.headline(session(expiry + number)).result
        assert isinstance(result, Refused) == refused, result
    assert assemble_state(front.state.rules, take_snapshot(front.state)).left_out == front.state.left_out
    assert {session(expiry + 2), session(expiry + 3)} <= front.state.left_out


def test_an_expiry_on_the_last_bar_refuses_what_comes_next() -> None:
    front = on_from("brent", EXPIRY["brent"])
    found(front.headline(session(EXPIRY["brent"])))
    again = Front("brent", front.closes, from_what_was_saved(front.state))
    again.through(EXPIRY["brent"] + 2, EXPIRY["brent"] + 1)

    for number in (1, 2):
        assert isinstance(again.headline(session(EXPIRY["brent"] + number)).result, Refused)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_price_below_zero_at_an_expiry_stops_nothing(number: int) -> None:
    below = EXPIRY["cl"] + number
    front = Front("cl", vintage("cl", FIRST_OF_TWO) | {below: -37.63}).through(EXPIRY["cl"] + 4)

    assert isinstance(front.headline(session(EXPIRY["cl"] + 1)).result, Refused)
    found(front.headline(session(EXPIRY["cl"] + 4)))
    row = bar(session(EXPIRY["cl"] + 1), -1.0)
    effects = front.tell(update(row, series="desk-front"))
    assert outcomes(effects) == ["roll_corrected"]


def test_a_long_history_leaves_the_same_returns_out_after_a_restart() -> None:
    """The oldest prices are let go one by one, also the last one before an expiry."""
    count = 1_760
    closes = quiet_closes(count)
    bars = [bar(session(place - count), close) for place, close in enumerate(closes)]
    instrument = desk_front("brent")
    state, _ = step(
        create_state(Rules(instrument=instrument)), update(*bars[:1_690], warmup=True, series="desk-front")
    )
    for place in range(1_690, count, 3):
        state, _ = step(state, update(*bars[place : place + 3], warmup=True, series="desk-front"))
        assert assemble_state(state.rules, take_snapshot(state)).left_out == state.left_out
    assert len(state.prices.compute_returns().exclude(state.left_out)) > 1_500 + 23


def test_a_rule_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="no roll rule is called 'wti'"):
        create_state(Rules(instrument=desk_front("wti")))
