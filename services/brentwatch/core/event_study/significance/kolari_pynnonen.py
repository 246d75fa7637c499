"""BMP and Patell for events whose windows overlap in the calendar (Kolari and Pynnönen 2010).

Abnormal returns of the same session move together, those of different sessions do not. So the correlation of
two events is that of their residuals over the sessions both estimation windows hold, times the share of their
event rows that are the same session (Kolari, Pape and Pynnönen 2018); r is its mean over all pairs. Where all
share one date, as firms do at an announcement, this is the r of 2010. In relative time, row against row, the
residuals of one series say nothing of it.

The variance of a mean is 1 + (N - 1) r times that of independent events, which both tests miss; the spread
over events is 1 - r of it, which only BMP reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain.study import Refused
from brentwatch.core.event_study.significance import bmp, patell
from brentwatch.core.event_study.significance.calendar_overlap import measure_overlap
from brentwatch.core.event_study.significance.result import (
    Question,
    TestResult,
    build_result,
    compute_two_sided_p,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.event_study.significance.calendar_overlap import Overlap, Sessions

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

_NULL = "standardised {} have mean zero, and those that share a session move together"
_AR, _CAR = _NULL.format("abnormal returns of the session"), _NULL.format("cumulative abnormal returns")
_WITHOUT = (
    "no two events share a session here, so nothing is to be corrected, or no variance is left; "
    "read the test without the correction"
)
_BMP_AAR = Question(name="kp_bmp_t_aar", null=_AR, on="aar", without=_WITHOUT)
_BMP_CAAR = Question(name="kp_bmp_t_caar", null=_CAR, on="caar", without=_WITHOUT)
_PATELL_AAR = Question(name="kp_patell_z_aar", null=_AR, on="aar", without=_WITHOUT)
_PATELL_CAAR = Question(name="kp_patell_z_caar", null=_CAR, on="caar", without=_WITHOUT)
QUESTIONS = (_BMP_AAR, _BMP_CAAR, _PATELL_AAR, _PATELL_CAAR)


def bmp_aar(panel: Panel, sessions: Sessions) -> TestResult | Refused:
    """BMP times sqrt((1 - r) / (1 + (N - 1) r)); t with N - 1. `sessions` (N, n + L), estimation first.

    Refused where no two events share a session. Raises InvalidInput if `sessions` do not fit the panel.
    """
    return _correct(_BMP_AAR, bmp.aar(panel), panel, sessions)


def bmp_caar(panel: Panel, sessions: Sessions) -> TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_BMP_CAAR, bmp.caar(panel), panel, sessions)


def patell_aar(panel: Panel, sessions: Sessions) -> TestResult | Refused:
    """Patell's z over sqrt(1 + (N - 1) r); normal. `sessions` and refusals as in `bmp_aar`."""
    return _correct(_PATELL_AAR, patell.aar(panel), panel, sessions)


def patell_caar(panel: Panel, sessions: Sessions) -> TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_PATELL_CAAR, patell.caar(panel), panel, sessions)


def _correct(
    question: Question, plain: TestResult | Refused, panel: Panel, sessions: Sessions
) -> TestResult | Refused:
    if isinstance(plain, Refused):
        return replace(plain, reason=f"{question.name}: {plain.reason}")
    found = measure_overlap(panel, sessions)
    if found.unknown:
        return Refused(
            f"{question.name}: events share an event session, but hardly any session of estimation; windows "
            "of the same length and gap were wanted"
        )
    r, shared = _select_rows(found, question)
    squared, exists = _compute_factor(r, plain)
    statistic = plain.statistic * np.sqrt(squared)
    p = compute_two_sided_p(statistic, plain.degrees_of_freedom)
    return build_result(question, panel, statistic, p, exists & shared, plain.degrees_of_freedom)


def _select_rows(found: Overlap, question: Question) -> tuple[Floats, Truths]:
    return (found.day, found.day_shared) if question.on == "aar" else (found.so_far, found.so_far_shared)


def _compute_factor(r: Floats, plain: TestResult) -> tuple[Floats, Truths]:
    """(L,) what the squared statistic is multiplied with, and (L,) where that exists."""
    spread = 1.0 - r if plain.name.startswith("bmp") else np.ones(len(r))
    inflated = 1.0 + (plain.events - 1.0) * r
    exists = (spread > 1e-9) & (inflated > 1e-9)
    exists[list(plain.refused)] = False
    return np.divide(spread, inflated, out=np.zeros(len(r)), where=exists), exists
