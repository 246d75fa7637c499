"""Without price levels: percentages stay as they are, and nothing of the alert tells a level."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from tests.notify.alerts import CASES, alert

from brentwatch.core.domain import DERIVED_ONLY, is_derived_only, rebase_prices


def numbers(value: Any) -> list[float]:
    """Every number in an alert, whatever it stands in."""
    if dataclasses.is_dataclass(value):
        return [
            number for field in dataclasses.fields(value) for number in numbers(getattr(value, field.name))
        ]
    if isinstance(value, tuple):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("name", CASES)
def test_the_previous_close_is_100_and_no_number_tells_a_level(name: str) -> None:
    before = CASES[name]
    rebased = rebase_prices(before)

    assert rebased.move.previous_close == 100.0
    assert rebased.move.close / 100.0 == pytest.approx(before.move.close / before.move.previous_close)
    levels = (before.move.close, before.move.previous_close, before.move.change)
    assert [level for level in levels if level in numbers(rebased)] == []
    assert [level for level in levels if level in numbers(before)] != []


def test_nothing_else_changes_but_the_flag() -> None:
    rebased = rebase_prices(alert(flags=("uncalibrated",)))

    assert rebased.flags == ("uncalibrated", DERIVED_ONLY)
    assert is_derived_only(rebased)
    assert rebased.move.log_return == alert().move.log_return
    assert replace(rebased, move=alert().move, flags=()) == alert()


def test_twice_is_as_once() -> None:
    once = rebase_prices(alert())
    assert rebase_prices(once) == once


def test_a_price_at_or_below_zero_has_no_index() -> None:
    move = replace(alert().move, close=-37.63, previous_close=18.27, log_return=None)
    rebased = rebase_prices(alert(move=move)).move

    assert (rebased.previous_close, rebased.close) == (100.0, 100.0)
