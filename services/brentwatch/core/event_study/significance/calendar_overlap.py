"""Which events share sessions, and how their abnormal returns move together for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.panel import Panel

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]
    Sessions: TypeAlias = NDArray[np.intp]

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
    day_shared: NDArray[np.bool_]
    so_far_shared: NDArray[np.bool_]
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


def correlate_residuals(residuals: Floats, places: Places) -> tuple[Floats, NDArray[np.bool_]]:
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


def _sum_by_rows(weights: Floats, event: Places) -> Floats:
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
