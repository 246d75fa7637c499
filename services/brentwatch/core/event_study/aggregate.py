"""Many events as one: the average abnormal returns, beside every test of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.event_study.significance.table import TESTS, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from brentwatch.core.domain.study import Refused
    from brentwatch.core.event_study.significance.result import TestResult
    from brentwatch.core.event_study.studies import Studies

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`aar` and `caar` (L,), averages of `n` events; `tests` by name, each a result or the reason why not."""

    n: int
    aar: Floats
    caar: Floats
    tests: Mapping[str, TestResult | Refused]


def aggregate(studies: Studies) -> Aggregate:
    """The average of the events that have a result, at least one."""
    panel = studies.build_panel()
    return Aggregate(
        n=len(studies.kept),
        aar=studies.ar.mean(axis=0),
        caar=studies.car.mean(axis=0),
        tests={name: run(name, panel) for name in TESTS},
    )
