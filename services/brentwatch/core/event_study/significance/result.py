"""What a test of significance says: its null in words, statistic and p; or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, stdtr

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats
from brentwatch.core.event_study.panel import Panel

_SAME = 1e-9
"""In residual standard deviations: what two computations of one row may differ by."""


def count_distinct_events(panel: Panel) -> int:
    """How many of the N events differ in any row from every other."""
    rows = np.hstack([panel.residuals, panel.ar])
    # Equal events come side by side. Any weights do that hardly ever give two different events the same sum.
    order = np.argsort(rows @ np.sqrt(np.arange(2.0, rows.shape[1] + 2.0)), kind="stable")
    apart = np.abs(np.diff(rows[order], axis=0)).max(axis=1, initial=0.0)
    return len(panel.ar) - int((apart <= _SAME * panel.sigma[order][:-1]).sum())


ROUNDING = 1e-12
"""A spread so far below what it divides is rounding, not spread."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One row of a test: its statistic and two-sided p."""

    statistic: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a test asks: its `name` in the table, the `null` in words, `on` what.

    `test` is its id for users, the same on AAR and on CAAR, and `title` its name in prose. `without` says why
    a row has no statistic, if one has none. A test that `bears_overlap` holds for events that share sessions;
    the others take events as independent.
    """

    name: str
    test: str
    title: str
    null: str
    on: Literal["aar", "caar", "bhar"]
    without: str
    bears_overlap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The answer of a test across N events, one entry for each of the L rows of the event window.

    `statistic` (L,) and two-sided `p` (L,) are finite everywhere: a row in `refused` has no statistic, and
    there they are 0 and 1, which find nothing; `answer_at` tells such rows apart. `degrees_of_freedom` is
    that of Student's t; None: the normal distribution, or a p that needs none. `events` counts N; fewer
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
    exists = spread > ROUNDING * np.abs(amount)
    statistic = np.divide(amount, spread, out=np.zeros(len(amount)), where=exists)
    p = compute_two_sided_p(statistic, degrees_of_freedom)
    return build_result(question, panel, statistic, p, exists, degrees_of_freedom)


def build_result(
    question: Question,
    panel: Panel,
    statistic: Floats,
    p: Floats,
    exists: Bools,
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


def refuse_unfit(panel: Panel, name: str, *, fewest: int = 1, df_above: float = 0.0) -> Refused | None:
    """Why the test of that name cannot read the panel; None if it can.

    It wants `fewest` events, finite rows, a variance in every event, and degrees of freedom above `df_above`.
    """
    events = len(panel.ar)
    if events < fewest:
        return Refused(f"{name}: events given: {events}; expected {fewest} or more; give more events")
    if not all(np.isfinite(rows).all() for rows in (panel.residuals, panel.ar, panel.sigma)):
        return Refused(f"{name}: a row is not a finite number; leave that event out")
    if not (panel.sigma > 0.0).all():
        return Refused(
            f"{name}: an event has no residual variance; expected a price that moves; leave that event out"
        )
    if not (panel.df > df_above).all():
        return Refused(
            f"{name}: an event has {panel.df.min():g} degrees of freedom; expected more than "
            f"{df_above:g}; take a longer estimation window"
        )
    return None
