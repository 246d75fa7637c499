"""The replay: the very fold that runs live, over signals that are already there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.monitor import initial, step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.core.effects import Effect
    from brentwatch.core.signals import Signal
    from brentwatch.core.state import Rules


@dataclass(frozen=True, slots=True)
class Turn:
    """One signal and what it led to, in order."""

    signal: Signal
    effects: tuple[Effect, ...]


def turns(rules: Rules, signals: Iterable[Signal]) -> Iterator[Turn]:
    """Fold the signals in their order, one turn each."""
    state = initial(rules)
    for signal in signals:
        state, effects = step(state, signal)
        yield Turn(signal, effects)
