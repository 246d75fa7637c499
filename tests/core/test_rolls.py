"""The first return after an expiry is the step to the next contract: no verdict, and no fit, rests on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.desk import Desk, at, bar, event, found, quiet_closes, session, update

from brentwatch.core.errors import SettingsError
from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.core.monitor import Rules, State, initial, step
from brentwatch.core.refused import Refused

if TYPE_CHECKING:
    from brentwatch.core.effects import Effect

EXPIRY, ROLL = 19, 20
"""The sessions of Friday 30 June 2023, when the August contract expired, and of the Monday after."""


@cache
def warmed(roll: str) -> State:
    days = [session(number - 520) for number in range(520)]
    bars = [bar(day, close) for day, close in zip(days, quiet_closes(520), strict=True)]
    instrument = replace(BRENT_SPOT, series="desk-front", roll=roll)
    state, _ = step(initial(Rules(instrument=instrument)), update(*bars, warmup=True, series="desk-front"))
    return state


class Front(Desk):
    """A desk for a series with a roll rule, whose session of the roll has a return of choice."""

    def __init__(self, rule: str, roll: float) -> None:
        super().__init__(warmed(rule))
        for number in range(ROLL):
            self.settle(number)
        self.tell(event("desk:attack", at(session(EXPIRY), 20)))
        self.settle(ROLL, roll)

    def settle(self, number: int, log_return: float = 0.001) -> list[Effect]:
        self._close *= float(np.exp(log_return))
        return self.tell(update(bar(session(number), self._close), series="desk-front"))


def test_the_sessions_are_those_of_an_expiry() -> None:
    assert (session(EXPIRY), session(ROLL)) == (date(2023, 6, 30), date(2023, 7, 3))


def test_a_move_at_the_roll_alone_is_no_verdict() -> None:
    front = Front("brent", 0.12)
    result = front.headline(session(ROLL)).result
    assert isinstance(result, Refused)
    assert "the front contract expired on 2023-06-30" in result.reason
    assert front.alerts() == []


def test_the_same_move_of_a_series_that_is_not_spliced_is_one() -> None:
    spot = Front("none", 0.12)
    assert [each.session for each in spot.alerts()] == [session(ROLL)]


def test_what_comes_after_the_roll_is_tested_as_if_the_step_had_not_been() -> None:
    large, small = Front("brent", 0.12), Front("brent", 0.001)
    for front in (large, small):
        for number in range(ROLL + 1, ROLL + 25):  # into the next month, which is fitted anew
            front.settle(number, 0.01 * (-1) ** (number % 3))
    for number in (ROLL + 1, ROLL + 24):
        tests = [found(front.headline(session(number))) for front in (large, small)]
        assert tests[0].p == tests[1].p


def test_a_move_after_the_roll_is_alerted() -> None:
    front = Front("brent", 0.12)
    front.settle(ROLL + 1, 0.12)
    assert [each.session for each in front.alerts()] == [session(ROLL + 1)]


def test_a_rule_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="no roll rule is called 'wti'"):
        initial(Rules(instrument=replace(BRENT_SPOT, roll="wti")))
