"""Fixed pieces of work whose time says how fast this machine is now; limits are multiples of it.

All times are processor seconds, which other programs on the machine disturb least.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.measurement import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

_TURNS = 10_000
_TIMES = 15


def python_loop() -> Reference:
    """Ten thousand turns of a plain Python loop that makes objects and looks them up."""
    return Reference("10,000 turns of a Python loop", seconds_of(_turn_loop, _TIMES))


def least_squares() -> Reference:
    """A line through 120 points by NumPy, as in the market model."""
    random = np.random.default_rng(1)
    design = np.column_stack([np.ones(120), random.normal(0.0, 0.02, 120)])
    values = random.normal(0.0, 0.02, 120)

    def fit() -> None:
        for _ in range(100):
            np.linalg.lstsq(design, values)

    return Reference("np.linalg.lstsq on 120 rows", seconds_of(fit, _TIMES) / 100)


def sorting() -> Reference:
    """A NumPy sort of as many numbers as a year of 5-minute bars has."""
    values = np.random.default_rng(1).normal(0.0, 1.0, (252, 276))
    return Reference("np.sort of a year of bars", seconds_of(lambda: np.sort(values, axis=0), _TIMES))


def seconds_of(work: Callable[[], object], times: int) -> float:
    """The median of several runs, in processor seconds."""
    return median(_spent(work) for _ in range(times))


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _turn_loop() -> int:
    found: dict[int, tuple[int, str]] = {}
    for number in range(_TURNS):
        key = number * 7919 % 1009
        before = found.get(key, (0, ""))
        found[key] = (before[0] + number, str(number))
    return len(found)
