"""The coverage of the 95 % ranges: how often they contain the true effect, for all sessions and for alerts.

A true effect is added to the return of every session. The range given an alert (`given_alert.py`) is counted
only for sessions that then reach the alert level, since only these show it.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from brentwatch.core.calibration.daily import Placebo, measure_share
from brentwatch.core.domain import GroupSize
from brentwatch.core.domain.arrays import Bools
from brentwatch.core.forecasts.given_alert import find_share_below

EFFECTS = (0, 1, 2, 3, 4, 5, 8)
"""True effects in percent."""

COVERAGE = 0.95
_OUTSIDE = (1.0 - COVERAGE) / 2.0


def measure_coverage(tested: Sequence[Placebo], level: float) -> Iterator[GroupSize]:
    """The coverage of both ranges; alerts are sessions with p at or below `level`."""
    every = [placebo.p > 1.0 - COVERAGE for placebo in tested]
    yield _build_group("every session", np.array(every, dtype=np.bool_))
    ends = [
        (placebo.forecast.distance(level, up=False), placebo.forecast.distance(level, up=True))
        for placebo in tested
    ]
    for percent in EFFECTS:
        held = _list_held(tested, ends, math.log1p(percent / 100.0))
        if held:
            yield _build_group(f"alerts, effect {percent:+} %", np.array(held, dtype=np.bool_))


def _list_held(tested: Sequence[Placebo], ends: Sequence[tuple[float, float]], effect: float) -> list[bool]:
    """Whether the range contains the effect, for each session that reaches the alert level with it."""
    held = []
    for placebo, (below, above) in zip(tested, ends, strict=True):
        car, tail = placebo.ar + effect, placebo.forecast.tail
        if not -below < car < above:
            share = find_share_below(car, effect, tail, below=below, above=above)
            held.append(_OUTSIDE <= share <= 1.0 - _OUTSIDE)
    return held


def _build_group(name: str, held: Bools) -> GroupSize:
    everyone = np.ones(len(held), dtype=np.bool_)
    missed, error = measure_share(~held, everyone, 1.0 - COVERAGE, 1)
    return GroupSize(
        dimension="coverage", group=name, nominal=COVERAGE, n=len(held), size=1.0 - missed, error=error
    )
