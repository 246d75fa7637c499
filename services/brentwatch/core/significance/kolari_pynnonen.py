"""BMP for events that overlap in calendar time (Kolari, Pynnonen 2010).

t / sqrt((1 + (N - 1) r) / (1 - r)), r the mean correlation of the events' residuals. On one price series two
events share their residuals on the sessions that their estimation windows share, and nothing else: there is
no meaningful correlation in relative time. So r is taken over shared calendar sessions, and counts as zero
where none are shared.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.refused import Refused
from brentwatch.core.significance import bmp
from brentwatch.core.significance.result import TestResult, student

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from brentwatch.core.event_study.panel import Panel

NAME = "kp_t_caar"
_FEWEST = 3


def caar(panel: Panel, sessions: Sequence[Sequence[date]]) -> TestResult | Refused:
    """Cumulated through each row.

    Args:
        panel: the events.
        sessions: for each event the sessions of its estimation rows, oldest first.
    """
    found = bmp.caar(panel)
    if isinstance(found, Refused):
        return found
    mean = mean_correlation(panel, sessions)
    if mean is None:
        return Refused(f"{NAME} found no two events that share {_FEWEST} estimation sessions: use bmp")
    events = len(panel.ar)
    factor = math.sqrt(max(1.0 - mean, 0.0) / max(1.0 + (events - 1.0) * mean, 1e-12))
    return student(NAME, found.null, found.statistic * factor, events - 1.0)


def mean_correlation(panel: Panel, sessions: Sequence[Sequence[date]]) -> float | None:
    """The mean over all pairs of events; None where no pair shares a session. Never below zero."""
    places = [{session: place for place, session in enumerate(each)} for each in sessions]
    shared: list[float] = []
    pairs = list(combinations(range(len(places)), 2))
    for one, other in pairs:
        common = sorted(places[one].keys() & places[other].keys())
        if len(common) >= _FEWEST:
            first = panel.residuals[one][[places[one][session] for session in common]]
            second = panel.residuals[other][[places[other][session] for session in common]]
            whole = len(common) / panel.residuals.shape[1]
            shared.append(whole * float(np.corrcoef(first, second)[0, 1]))
    return max(0.0, sum(shared) / len(pairs)) if shared else None
