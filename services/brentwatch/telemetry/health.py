"""The health of one service: is it alive, is it ready, what does it count, all on one port.

Alive means that it makes progress: the last beat is not older than the limit. Ready means that it is
restored, or stands by to take over. That prices are stale is a metric; it makes no service unready.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe is told: yes or no, and a sentence."""

    well: bool
    detail: str


class Health:
    """What the loop says about itself, and what the probes are told. `clock` counts seconds."""

    def __init__(self, liveness_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = liveness_seconds
        self._clock = clock
        self._last_beat = clock()
        self._readiness = Answer(False, "starting")

    def beat(self) -> None:
        """Say that there was progress."""
        self._last_beat = self._clock()

    def mark_ready(self, detail: str) -> None:
        """Say that work can be taken, and why: "restored", or "standing by"."""
        self._readiness = Answer(True, detail)

    def mark_unready(self, detail: str) -> None:
        """Say that work cannot be taken, and why."""
        self._readiness = Answer(False, detail)

    def measure_silence(self) -> float:
        """Since the last progress."""
        return self._clock() - self._last_beat

    def check_liveness(self) -> Answer:
        """Whether there was progress within the limit."""
        silent = self.measure_silence()
        said = f"last progress {silent:.0f} s ago; at most {self._limit:.0f} s are allowed"
        return Answer(silent <= self._limit, said)

    def check_readiness(self) -> Answer:
        """Whether work can be taken."""
        return self._readiness
