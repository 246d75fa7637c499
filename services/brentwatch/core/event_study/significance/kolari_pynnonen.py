"""BMP and Patell for events whose windows overlap in the calendar (Kolari and Pynnönen 2010).

Abnormal returns of the same session move together, those of different sessions do not. So the correlation of
two events is that of their residuals over the sessions both estimation windows hold, times the share of their
event rows that are the same session (Kolari, Pape and Pynnönen 2018); r is its mean over all pairs. Where all
share one date, as firms do at an announcement, this is the r of 2010. In relative time, row against row, the
residuals of one series say nothing of it.

The variance of a mean is 1 + (N - 1) r times that of independent events, which both tests miss; the spread
over events is 1 - r of it, which only BMP reads.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance import bmp, patell, result

Sessions: TypeAlias = Integers

FEWEST_SHARED = 10
"""Estimation sessions that two events must share before a correlation is taken from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Per row of the event window, (L,): on that row alone (`day`) and on the rows so far (`so_far`).

    The mean correlation is over all N (N - 1) pairs, those that share nothing with zero. `..._shared` says
    whether any pair shares an event session; `unknown`, whether one of these shares too few estimation ones.
    """

    day: Floats
    so_far: Floats
    day_shared: Bools
    so_far_shared: Bools
    unknown: bool


def measure_overlap(panel: Panel, sessions: Sessions) -> Overlap:
    """`sessions` (N, n + L): the number of each row's session, estimation first, ascending within an event.

    Any numbering of sessions will do that is the same for all events: places in a price table, or days.

    Raises:
        InvalidInput: if `sessions` are not of that shape, or do not ascend.
    """
    _check(panel, sessions)
    n = panel.residuals.shape[1]
    places = np.unique(sessions, return_inverse=True)[1].reshape(sessions.shape)
    correlation, known = correlate_residuals(panel.residuals, places[:, :n])
    others = 1.0 - np.eye(len(places))
    event = places[:, n:]
    moved, met, unknown = (_sum_by_rows(each * others, event) for each in (correlation, others, 1.0 - known))
    pairs, lengths = max(len(places) * (len(places) - 1.0), 1.0), np.arange(1.0, event.shape[1] + 1.0)
    return Overlap(
        day=np.diag(moved) / pairs,
        so_far=_sum_so_far(moved) / (pairs * lengths),
        day_shared=np.diag(met) > 0.0,
        so_far_shared=_sum_so_far(met) > 0.0,
        unknown=bool((unknown > 0.0).any()),
    )


def correlate_residuals(residuals: Floats, places: Integers) -> tuple[Floats, Bools]:
    """(N, N): the correlation of each pair over the sessions both hold, and whether these are enough.

    `places` (N, n) numbers the session of each residual. Each event's residuals are taken about their mean.
    """
    spread, held = (np.zeros((len(places), places.max() + 1)) for _ in range(2))
    events = np.arange(len(places))[:, None]
    spread[events, places] = residuals - residuals.mean(axis=1, keepdims=True)
    held[events, places] = 1.0
    squares = spread**2 @ held.T
    scale = np.sqrt(squares * squares.T)
    known = (held @ held.T >= FEWEST_SHARED) & (scale > 0.0)
    return np.divide(spread @ spread.T, scale, out=np.zeros(scale.shape), where=known), known


def _sum_by_rows(weights: Floats, event: Integers) -> Floats:
    """(L, L): the weights of the pairs for which row a of one event is the session of row b of the other."""
    rows = range(event.shape[1])
    return np.array(
        [[weights[event[:, a, None] == event[None, :, b]].sum() for b in rows] for a in rows],
        dtype=np.float64,
    )


def _sum_so_far(by_rows: Floats) -> Floats:
    """(L,): the sum over both rows, from the first."""
    return np.diag(by_rows.cumsum(axis=0).cumsum(axis=1))


def _check(panel: Panel, sessions: Sessions) -> None:
    wanted = (len(panel.ar), panel.residuals.shape[1] + panel.ar.shape[1])
    if sessions.shape != wanted:
        raise InvalidInput(
            f"sessions have the shape {sessions.shape}; {wanted} was wanted: one session for each estimation "
            "and event row of each event"
        )
    if not (sessions[:, 1:] > sessions[:, :-1]).all():
        raise InvalidInput("the sessions of an event do not ascend; sort its rows, each session once")


_NULL = "standardised {} have mean zero, and those that share a session move together"
_AR, _CAR = _NULL.format("abnormal returns of the session"), _NULL.format("cumulative abnormal returns")
_WITHOUT = (
    "no two events share a session here, so nothing is to be corrected, or no variance is left; "
    "read the test without the correction"
)
_BMP_AAR = result.Question(name="kp_bmp_t_aar", null=_AR, on="aar", without=_WITHOUT)
_BMP_CAAR = result.Question(name="kp_bmp_t_caar", null=_CAR, on="caar", without=_WITHOUT)
_PATELL_AAR = result.Question(name="kp_patell_z_aar", null=_AR, on="aar", without=_WITHOUT)
_PATELL_CAAR = result.Question(name="kp_patell_z_caar", null=_CAR, on="caar", without=_WITHOUT)
QUESTIONS = (_BMP_AAR, _BMP_CAAR, _PATELL_AAR, _PATELL_CAAR)


def bmp_aar(panel: Panel, sessions: Sessions) -> result.TestResult | Refused:
    """BMP times sqrt((1 - r) / (1 + (N - 1) r)); t with N - 1. `sessions` (N, n + L), estimation first.

    Refused where no two events share a session. Raises InvalidInput if `sessions` do not fit the panel.
    """
    return _correct(_BMP_AAR, bmp.aar(panel), panel, sessions)


def bmp_caar(panel: Panel, sessions: Sessions) -> result.TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_BMP_CAAR, bmp.caar(panel), panel, sessions)


def patell_aar(panel: Panel, sessions: Sessions) -> result.TestResult | Refused:
    """Patell's z over sqrt(1 + (N - 1) r); normal. `sessions` and refusals as in `bmp_aar`."""
    return _correct(_PATELL_AAR, patell.aar(panel), panel, sessions)


def patell_caar(panel: Panel, sessions: Sessions) -> result.TestResult | Refused:
    """The same on CAAR, r over the rows so far."""
    return _correct(_PATELL_CAAR, patell.caar(panel), panel, sessions)


def _correct(
    question: result.Question, plain: result.TestResult | Refused, panel: Panel, sessions: Sessions
) -> result.TestResult | Refused:
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
