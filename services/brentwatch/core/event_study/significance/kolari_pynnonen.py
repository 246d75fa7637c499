"""BMP and Patell for events whose windows overlap in the calendar (Kolari and Pynnönen 2010).

r is the mean correlation over all pairs of events (`overlap.py`). If all events share one date, as firms do
at an announcement, it is the r of 2010. In relative time, row against row, the residuals of one series say
nothing of it.

The variance of a mean is 1 + (N - 1) r times that of independent events, which both tests miss; the spread
over events is 1 - r of it, which only BMP reads.
"""

from dataclasses import replace

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance import bmp, patell, result
from brentwatch.core.event_study.significance.overlap import Overlap

_NULL = "standardised {} have mean zero, and those that share a session move together"
_AR, _CAR = _NULL.format("abnormal returns of the session"), _NULL.format("cumulative abnormal returns")
_WITHOUT = "no two events share a session here, or no variance is left; read the test without the correction"
_BMP_AAR = result.Question(
    name="kp_bmp_t_aar",
    test="kolari-pynnonen-bmp",
    title="Kolari and Pynnönen, of BMP",
    null=_AR,
    on="aar",
    without=_WITHOUT,
    bears_overlap=True,
)
_BMP_CAAR = result.Question(
    name="kp_bmp_t_caar",
    test="kolari-pynnonen-bmp",
    title="Kolari and Pynnönen, of BMP",
    null=_CAR,
    on="caar",
    without=_WITHOUT,
    bears_overlap=True,
)
_PATELL_AAR = result.Question(
    name="kp_patell_z_aar",
    test="kolari-pynnonen-patell",
    title="Kolari and Pynnönen, of Patell",
    null=_AR,
    on="aar",
    without=_WITHOUT,
    bears_overlap=True,
)
_PATELL_CAAR = result.Question(
    name="kp_patell_z_caar",
    test="kolari-pynnonen-patell",
    title="Kolari and Pynnönen, of Patell",
    null=_CAR,
    on="caar",
    without=_WITHOUT,
    bears_overlap=True,
)
QUESTIONS = (_BMP_AAR, _BMP_CAAR, _PATELL_AAR, _PATELL_CAAR)


def bmp_aar(panel: Panel, overlap: Overlap) -> result.TestResult | Refused:
    """BMP times sqrt((1 - r) / (1 + (N - 1) r)); t with N - 1.

    Refused if no two events share a session: then nothing is to be corrected.
    """
    return _correct(_BMP_AAR, bmp.aar(panel), panel, overlap)


def bmp_caar(panel: Panel, overlap: Overlap) -> result.TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_BMP_CAAR, bmp.caar(panel), panel, overlap)


def patell_aar(panel: Panel, overlap: Overlap) -> result.TestResult | Refused:
    """Patell's z over sqrt(1 + (N - 1) r); normal. Refusals as in `bmp_aar`."""
    return _correct(_PATELL_AAR, patell.aar(panel), panel, overlap)


def patell_caar(panel: Panel, overlap: Overlap) -> result.TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_PATELL_CAAR, patell.caar(panel), panel, overlap)


def _correct(
    question: result.Question, plain: result.TestResult | Refused, panel: Panel, found: Overlap
) -> result.TestResult | Refused:
    if isinstance(plain, Refused):
        return replace(plain, reason=f"{question.name}: {plain.reason}")
    if found.unknown:
        return Refused(
            f"{question.name}: events share an event session, but hardly any session of estimation; expected "
            "windows of the same length and gap; give such events"
        )
    r, shared = _select_rows(found, question)
    squared, exists = _compute_factor(r, plain)
    statistic = plain.statistic * np.sqrt(squared)
    p = result.compute_two_sided_p(statistic, plain.degrees_of_freedom)
    return result.build_result(question, panel, statistic, p, exists & shared, plain.degrees_of_freedom)


def _select_rows(found: Overlap, question: result.Question) -> tuple[Floats, Bools]:
    return (found.day, found.day_shared) if question.on == "aar" else (found.so_far, found.so_far_shared)


def _compute_factor(r: Floats, plain: result.TestResult) -> tuple[Floats, Bools]:
    """(L,) what the squared statistic is multiplied with, and (L,) where that exists."""
    spread = 1.0 - r if plain.name.startswith("bmp") else np.ones(len(r))
    inflated = 1.0 + (plain.events - 1.0) * r
    exists = (spread > 1e-9) & (inflated > 1e-9)
    exists[list(plain.refused)] = False
    return np.divide(spread, inflated, out=np.zeros(len(r)), where=exists), exists
