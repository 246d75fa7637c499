"""The replay: the very fold that runs live, over signals that are already there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.errors import STOPPING
from brentwatch.core.monitor.machine import create_state
from brentwatch.message.publishing import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from brentwatch.core.domain.effects import Effect
    from brentwatch.core.domain.signals import Signal
    from brentwatch.core.monitor.state import Rules


@dataclass(frozen=True, slots=True)
class Turn:
    """One signal and what it led to, in order."""

    signal: Signal
    effects: tuple[Effect, ...]


def replay_signals(
    rules: Rules, signals: Iterable[Signal], reject: Callable[[Signal, Exception], object] = lambda *_: None
) -> Iterator[Turn]:
    """Fold the signals in their order, one turn each.

    One that the monitor would reject (what it leads to cannot be published, or an unexpected error) is
    handed to `reject` and left out.

    Raises:
        CannotFold: if a price update cannot be folded.
    """
    state = create_state(rules)
    for signal in signals:
        try:
            folded = fold(state, signal)
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - one bad signal stays one bad signal, as it does live
            reject(signal, error)
            continue
        state = folded.state
        yield Turn(signal, tuple(effect for effect, _ in folded.effects))
