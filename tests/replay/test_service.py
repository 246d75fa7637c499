"""A signal that the monitor would reject is left out of a replay, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from brentwatch.core.domain import BRENT_SPOT, EventAdmitted
from brentwatch.core.errors import CannotFold
from brentwatch.core.monitor import machine as monitor
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message import folding as publishing
from brentwatch.replay.turns import replay_signals

if TYPE_CHECKING:
    from brentwatch.core.domain import Effect, Signal
    from brentwatch.core.monitor.state import State

SIGNALS = find_history("vorukh-2021").signals
EVENTS = [signal for signal in SIGNALS if isinstance(signal, EventAdmitted)]


def test_an_event_that_cannot_be_folded_is_left_out_and_the_rest_is_as_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, true_step = EVENTS[0], monitor.step

    def step(state: State, signal: Signal) -> tuple[State, tuple[Effect, ...]]:
        if signal is bad:
            raise ZeroDivisionError("made up")
        return true_step(state, signal)

    signals = [*SIGNALS[:30], *EVENTS]
    expected = list(
        replay_signals(build_rules(BRENT_SPOT), [signal for signal in signals if signal is not bad])
    )
    monkeypatch.setattr(publishing, "step", step)
    rejected: list[tuple[Signal, str]] = []
    found = list(
        replay_signals(
            build_rules(BRENT_SPOT), signals, lambda *told: rejected.append((told[0], str(told[1])))
        )
    )
    assert found == expected
    assert rejected == [(bad, "made up")]


def test_prices_that_cannot_be_folded_end_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(*_: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr(publishing, "step", step)
    with pytest.raises(CannotFold, match="made up"):
        list(replay_signals(build_rules(BRENT_SPOT), SIGNALS[:1]))
