"""The tested sessions as distributions: histograms of p, a table of months, the largest moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from scipy.special import chdtrc, kolmogorov

from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.replay.report import contents

BINS = 20
_FEWEST = 100
_MOST_MOVES = 20


def build_histograms(sessions: Sequence[contents.TestedSession]) -> tuple[contents.PValueHistogram, ...]:
    """All sessions, those without an event, and those with one; a group without a session is left out."""
    groups = {
        "all sessions": sessions,
        "sessions without an event": [each for each in sessions if not each.events_total],
        "sessions with an event": [each for each in sessions if each.events_total],
    }
    return tuple(_build_histogram(name, group) for name, group in groups.items() if group)


def _build_histogram(name: str, group: Sequence[contents.TestedSession]) -> contents.PValueHistogram:
    p = np.array([each.p for each in group])
    counts = np.histogram(p, bins=BINS, range=(0.0, 1.0))[0]
    expected = len(p) / BINS
    return contents.PValueHistogram(
        group=name,
        n=len(p),
        counts=tuple(counts.tolist()),
        expected=expected,
        tests=tuple(_test_uniformity(p, counts)) if len(p) >= _FEWEST else (),
    )


def _test_uniformity(p: np.ndarray, counts: np.ndarray) -> Iterator[contents.Uniformity]:
    """Pearson's chi-squared, and Kolmogorov-Smirnov with p of the limit law."""
    n, ordered = len(p), np.sort(p)
    statistic = float(np.sum((counts - n / BINS) ** 2) / (n / BINS))
    yield contents.Uniformity(
        name=f"chi-squared, {BINS} bins",
        null=f"each bin holds as many p-values as any other: 1 in {BINS}",
        statistic=statistic,
        degrees_of_freedom=BINS - 1,
        p=float(chdtrc(BINS - 1, statistic)),
    )
    steps = np.arange(n + 1) / n
    distance = float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
    yield contents.Uniformity(
        name="Kolmogorov-Smirnov",
        null="p-values are uniform on [0, 1]",
        statistic=distance,
        degrees_of_freedom=None,
        p=float(kolmogorov(n**0.5 * distance)),
    )


def build_months(sessions: Iterable[contents.TestedSession]) -> tuple[contents.MonthCell, ...]:
    """One cell for each month with a tested session; `sessions` are oldest first."""
    months = groupby(sessions, key=lambda each: (each.session.year, each.session.month))
    return tuple(_build_month(*month, list(group)) for month, group in months)


def _build_month(year: int, month: int, group: Sequence[contents.TestedSession]) -> contents.MonthCell:
    largest = max(group, key=lambda each: abs(each.z))
    return contents.MonthCell(
        year=year,
        month=month,
        sessions=len(group),
        z=largest.z,
        session=largest.session,
        alarms=sum(each.verdict is MoveVerdict.ABNORMAL for each in group),
    )


def rank_moves(sessions: Sequence[contents.TestedSession]) -> tuple[contents.RankedMove, ...]:
    """All by |z|, the largest first; of equal ones the earlier."""
    ordered = sorted(sessions, key=lambda each: (-abs(each.z), each.session))
    return tuple(
        contents.RankedMove(rank=rank, of=len(ordered), tested=each)
        for rank, each in enumerate(ordered, start=1)
    )


def select_largest(
    ranked: Iterable[contents.RankedMove], *, with_event: bool
) -> tuple[contents.RankedMove, ...]:
    """The twenty largest with an event, or without one."""
    return tuple(each for each in ranked if bool(each.tested.events_total) == with_event)[:_MOST_MOVES]
