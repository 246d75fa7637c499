"""Without price levels: percentages stay as they are, and nothing of the alert tells a level."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.notify.alerts import CASES, alert

from brentwatch.core.domain import DERIVED_ONLY, is_derived_only, rebase_prices

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert, Move


def numbers(value: Any) -> list[float]:
    """Every number in an alert, whatever it stands in."""
    if dataclasses.is_dataclass(value):
        return [
            number for field in dataclasses.fields(value) for number in numbers(getattr(value, field.name))
        ]
    if isinstance(value, tuple):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, float) else []


def moves(made: Alert) -> list[Move]:
    """What the price did, by each test and by what could not be tested."""
    told = [*(each.move for each in made.tests), *(each.move for each in made.untested)]
    return [each for each in told if each is not None]


@pytest.mark.parametrize("name", CASES)
def test_the_previous_close_is_100_and_no_number_tells_a_level(name: str) -> None:
    before = CASES[name]
    rebased = rebase_prices(before)

    assert len(moves(rebased)) == len(moves(before))
    for move, was in zip(moves(rebased), moves(before), strict=True):
        assert move.previous_close == 100.0
        assert move.close / 100.0 == pytest.approx(was.close / was.previous_close)
        levels = (was.close, was.previous_close, was.change)
        assert [level for level in levels if level in numbers(rebased)] == []
        assert [level for level in levels if level in numbers(before)] != []


def test_there_are_cases_with_moves_that_were_not_tested() -> None:
    untested = [each for case in CASES.values() for each in case.untested]

    assert any(each.move is not None for each in untested)
    assert any(not case.tests for case in CASES.values())


def test_nothing_else_changes_but_the_flag() -> None:
    plain = alert()
    rebased = rebase_prices(alert(flags=("uncalibrated",)))

    assert rebased.flags == ("uncalibrated", DERIVED_ONLY)
    assert is_derived_only(rebased)
    assert [each.log_return for each in moves(rebased)] == [each.log_return for each in moves(plain)]
    tests = tuple(replace(each, move=was.move) for each, was in zip(rebased.tests, plain.tests, strict=True))
    assert replace(rebased, tests=tests, flags=plain.flags) == plain


def test_twice_is_as_once() -> None:
    once = rebase_prices(alert())
    assert rebase_prices(once) == once


def test_a_price_at_or_below_zero_has_no_index() -> None:
    plain = alert()
    (test,) = plain.tests
    move = replace(test.move, close=-37.63, previous_close=18.27, log_return=None)
    (rebased,) = moves(rebase_prices(replace(plain, tests=(replace(test, move=move),))))

    assert (rebased.previous_close, rebased.close) == (100.0, 100.0)
