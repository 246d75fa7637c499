"""What is made anew by hand, because there is one for each bar, keeps every other field."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from brentwatch.core.monitor.state import Intraday, State


def filled(kind: type) -> Any:
    """One of a kind, each of its fields another object."""
    return kind(**{field.name: object() for field in fields(kind)})


def test_a_state_with_other_bars_is_else_the_same() -> None:
    state, bars = filled(State), filled(Intraday)
    assert state.set_intraday(bars) == replace(state, intraday=bars)


def test_bars_with_other_sessions_are_else_the_same() -> None:
    bars, sessions, through, warm = filled(Intraday), *(filled(Intraday) for _ in range(3))
    assert bars.set_sessions(sessions, through, warm) == replace(
        bars, sessions=sessions, complete_through=through, warm_through=warm
    )
