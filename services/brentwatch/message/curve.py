"""The abnormal return of a session as it grew: what a chart shows, in numbers, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brentwatch.core.domain.instruments import DAILY_ALERT_LEVEL
from brentwatch.core.domain.study import Found
from brentwatch.message.figures import format_short_day
from brentwatch.message.findings import describe_test, write_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from brentwatch.core.domain.study import Study


@dataclass(frozen=True, slots=True)
class ChartPanel:
    """One session: `studies` are the revisions of its [0, 5] study, one more session in each.

    `sessions` are the dates of tau 0, 1, …, as far as they are known; a study itself knows the first alone.
    `level` is the alert level of the verdicts.
    """

    title: str
    subtitle: str
    studies: Sequence[Study]
    sessions: Sequence[date] = field(default=(), kw_only=True)
    level: float = field(default=DAILY_ALERT_LEVEL, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """CAR(0, tau), and `half` the range around zero that noise keeps to 95 times in 100; log fractions."""

    tau: int
    car: float
    half: float

    @property
    def outside(self) -> bool:
        """True where noise would rarely reach it."""
        return abs(self.car) > self.half


NOTHING_YET = Point(tau=-1, car=0.0, half=0.0)
"""The close before: every curve begins there."""


def select_points(studies: Iterable[Study]) -> list[Point]:
    """One point for each number of settled sessions, from the newest revision that has it, by tau."""
    newest = {}
    for study in sorted(studies, key=lambda study: study.revision):
        if isinstance(study.result, Found):
            newest[study.result.observed] = study.result
    return [_make_point(newest[observed]) for observed in sorted(newest)]


def _make_point(found: Found) -> Point:
    tau = found.window.start + found.observed - 1
    return Point(tau=tau, car=found.car, half=(found.high - found.low) / 2.0)


def choose_label_sides(curve: Sequence[Point]) -> list[int]:
    """Where a label stands free of the curve: 1 above a point, -1 below it."""
    around = [NOTHING_YET, *curve, *curve[-1:]]
    neighbours = zip(around[:-2], curve, around[2:], strict=True)
    return [1 if 2.0 * point.car >= before.car + after.car else -1 for before, point, after in neighbours]


def write_verdicts(panel: ChartPanel) -> list[str]:
    """The verdict on the session itself, then the one on its window as far as it has settled."""
    by_revision = sorted(panel.studies, key=lambda study: study.revision)
    first = [
        each.result for each in by_revision if isinstance(each.result, Found) and each.result.observed == 1
    ]
    session = [f"Session: {describe_test(found, panel.level)}" for found in first[-1:]]
    last = [
        f"{each.window}: {write_verdict(each, panel.level)}"
        for each in by_revision[-1:]
        if each.result not in first
    ]
    return [*session, *last]


def format_dates(panel: ChartPanel) -> dict[int, str]:
    """The dates under tau -1 (the close before), 0, 1, …, as far as they are known."""
    known = dict(enumerate(format_short_day(session) for session in panel.sessions))
    for study in panel.studies:
        known[0] = format_short_day(study.session)
        if study.move is not None:
            known[-1] = format_short_day(study.move.previous_session)
    return known
