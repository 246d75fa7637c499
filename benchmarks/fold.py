"""How many signals a second the fold takes: the whole catalogue with its fits, and a flood of events."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtLeast, Measurement

from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.core.monitor import initial, step
from brentwatch.core.signals import EventAdmitted
from brentwatch.history.folder import find
from brentwatch.history.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.core.monitor import State
    from brentwatch.core.signals import Signal

_TIMES = 3
_FLOOD = 3_000


def measure() -> Iterator[Measurement]:
    """Signals a second, medians of three runs; the imports are done before."""
    catalogue = find("catalogue").signals
    state, _ = _folded(initial(rules(BRENT_SPOT)), catalogue)
    yield Measurement("fold, catalogue with its fits", _rate(None, catalogue), "signals/s", AtLeast(1_000))
    flood = _flood(catalogue)
    yield Measurement("fold, events of one session", _rate(state, flood), "signals/s", AtLeast(1_000))


def _rate(state: State | None, signals: Sequence[Signal]) -> float:
    runs = [_folded(state or initial(rules(BRENT_SPOT)), signals)[1] for _ in range(_TIMES)]
    return len(signals) / median(runs)


def _folded(state: State, signals: Sequence[Signal]) -> tuple[State, float]:
    began = time.perf_counter()
    for signal in signals:
        state, _ = step(state, signal)
    return state, time.perf_counter() - began


def _flood(signals: Sequence[Signal]) -> list[Signal]:
    """Events that all wait for the session after the last price."""
    (*_, last) = (signal for signal in signals if isinstance(signal, EventAdmitted))
    after = signals[-1].known_at + timedelta(minutes=1)
    event = replace(last.event, known_at=after, occurred_at=after)
    return [replace(last, event=replace(event, event_id=f"bench:{number}")) for number in range(_FLOOD)]
