"""Signals a second of the monitor's fold: the whole catalogue with its fits, and a flood of events."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtLeast, Measurement, Reference
from benchmarks.references import python_loop

from brentwatch.core.domain import BRENT_SPOT, EventAdmitted
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.core.domain import Signal
    from brentwatch.core.monitor.machine import State

_TIMES = 3
_FLOOD = 3_000
_SHORT = 2_000


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Signals per processor second, medians of three runs, without the imports."""
    catalogue, times = find_history("catalogue").signals, 1 if short else _TIMES
    if short:
        catalogue = catalogue[:_SHORT]
    state, _ = _folded(create_state(build_rules(BRENT_SPOT)), catalogue)
    loop = python_loop()
    loops = Reference(f"the rate of {loop.name}", 1 / loop.value)
    rate = _rate(None, catalogue, times)
    yield Measurement("fold, catalogue with its fits", rate, "signals/s", AtLeast(4, loops))
    flood = _flood(find_history("catalogue").signals, 100 if short else _FLOOD)
    yield Measurement(
        "fold, events of one session", _rate(state, flood, times), "signals/s", AtLeast(7, loops)
    )


def _rate(state: State | None, signals: Sequence[Signal], times: int) -> float:
    runs = [_folded(state or create_state(build_rules(BRENT_SPOT)), signals)[1] for _ in range(times)]
    return len(signals) / median(runs)


def _folded(state: State, signals: Sequence[Signal]) -> tuple[State, float]:
    began = time.process_time()
    for signal in signals:
        state, _ = step(state, signal)
    return state, time.process_time() - began


def _flood(signals: Sequence[Signal], count: int) -> list[Signal]:
    """Events that all wait for the session after the last price."""
    (*_, last) = (signal for signal in signals if isinstance(signal, EventAdmitted))
    after = signals[-1].known_at + timedelta(minutes=1)
    event = replace(last.event, known_at=after, occurred_at=after)
    return [replace(last, event=replace(event, event_id=f"bench:{number}")) for number in range(count)]
