"""What a test of significance says: its null in words, statistic and p; or, by row, why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr, stdtr

from brentwatch.core.domain.study import Refused
from brentwatch.core.event_study.significance.recurrence import count_distinct_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

    Floats = NDArray[np.float64]

_ROUNDING = 1e-12
"""A spread so far below what it divides is rounding, not spread."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One row of a test: its statistic and two-sided p."""

    statistic: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a test asks: its `name` in the table, the `null` in words, `on` what.

    `without` says why a row has no statistic, where one has none.
    """

    name: str
    null: str
    on: Literal["aar", "caar", "bhar"]
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The answer of a test across N events, one entry for each of the L rows of the event window.

    `statistic` (L,) and two-sided `p` (L,) are finite everywhere: a row in `refused` has no statistic, and
    there they are 0 and 1, which find nothing; `at` tells such rows apart. `degrees_of_freedom` is that of
    Student's t; None: the normal distribution, or a p that needs none. `events` counts N; fewer
    `distinct_events` say that events share all their rows, and the evidence is less than N events.
    """

    __test__ = False  # pytest takes any class of this name for tests

    name: str
    null: str
    on: Literal["aar", "caar", "bhar"]
    statistic: Floats
    p: Floats
    degrees_of_freedom: float | None
    events: int
    distinct_events: int
    refused: Mapping[int, Refused]

    def answer_at(self, row: int) -> Statistic | Refused:
        """The answer in row 0 to L - 1 of the event window."""
        if row in self.refused:
            return self.refused[row]
        return Statistic(float(self.statistic[row]), float(self.p[row]))

    @property
    def recurs(self) -> bool:
        """Whether one event stands for several: a test that takes events as independent is inflated."""
        return self.distinct_events < self.events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """The answers of a test of each event alone: `statistic` and two-sided `p`, (N, L), always finite."""

    name: str
    null: str
    on: Literal["ar", "car"]
    statistic: Floats
    p: Floats


def compute_two_sided_p(statistic: Floats, degrees_of_freedom: float | None) -> Floats:
    """P of a distance at least |statistic|: Student's t, or the normal distribution where there is no df."""
    tail = -np.abs(statistic)
    below = ndtr(tail) if degrees_of_freedom is None else stdtr(degrees_of_freedom, tail)
    return np.asarray(2.0 * below, dtype=np.float64)


def answer(
    question: Question, panel: Panel, amount: Floats, spread: Floats, degrees_of_freedom: float | None = None
) -> TestResult | Refused:
    """`amount` (L,) over `spread` (L,), its standard error under the null; refused where that is nothing."""
    exists = spread > _ROUNDING * np.abs(amount)
    statistic = np.divide(amount, spread, out=np.zeros(len(amount)), where=exists)
    p = compute_two_sided_p(statistic, degrees_of_freedom)
    return build_result(question, panel, statistic, p, exists, degrees_of_freedom)


def build_result(
    question: Question,
    panel: Panel,
    statistic: Floats,
    p: Floats,
    exists: NDArray[np.bool_],
    degrees_of_freedom: float | None = None,
) -> TestResult | Refused:
    """The result of a test that worked out statistic and p itself; a row that does not exist is refused."""
    if not exists.any():
        return Refused(f"{question.name}: {question.without}")
    reason = Refused(f"{question.name}: {question.without}")
    return TestResult(
        name=question.name,
        null=question.null,
        on=question.on,
        statistic=np.where(exists, statistic, 0.0),
        p=np.where(exists, p, 1.0),
        degrees_of_freedom=degrees_of_freedom,
        events=len(panel.ar),
        distinct_events=count_distinct_events(panel),
        refused={int(row): reason for row in np.flatnonzero(~exists)},
    )
