"""Exponential back-off with jitter: how long to wait after failures in a row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_DOUBLINGS = 30
_JITTER = 0.25


class Backoff:
    """Waits of `first` seconds after one failure, twice as long after each further one, up to `longest`.

    A random part of each wait, at most a quarter, is left out, so that many processes do not return at the
    same moment. `chance` gives a number from 0 to 1.
    """

    def __init__(
        self,
        first: float,
        longest: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._first, self._longest = first, longest
        self._chance = chance

    def draw_wait(self, failures: int) -> float:
        """The seconds to wait after so many failures in a row."""
        return self.compute_full_wait(failures) * (1.0 - _JITTER * self._chance())

    def compute_full_wait(self, failures: int) -> float:
        """The same without jitter."""
        return min(self._longest, self._first * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
