"""The overlap of events, pair by pair in blocks, is that of the plain matrix of all pairs."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.event_study.significance.panels import of_returns

from brentwatch.core.event_study.significance.overlap import Overlap, correlate_residuals, measure_overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.domain.arrays import Floats
    from brentwatch.core.event_study.panel import Panel

ESTIMATION, ROWS = 40, 6


def measure_densely(panel: Panel, sessions: NDArray[np.intp]) -> Overlap:
    """All N x N pairs at once, row by row of the event window."""
    n, events = panel.residuals.shape[1], len(sessions)
    correlation, known = correlate_residuals(panel.residuals, sessions[:, :n])
    others, event = 1.0 - np.eye(events), sessions[:, n:]
    moved, met, unknown = (
        sum_by_rows(weights * others, event) for weights in (correlation, np.ones_like(others), 1.0 - known)
    )
    pairs, lengths = events * (events - 1.0), np.arange(1.0, event.shape[1] + 1.0)
    shares = (event[:, None, :, None] == event[None, :, None, :]).any(axis=(2, 3)) & (others > 0.0)
    return Overlap(
        day=np.diag(moved) / pairs,
        so_far=sum_so_far(moved) / (pairs * lengths),
        day_shared=np.diag(met) > 0.0,
        so_far_shared=sum_so_far(met) > 0.0,
        unknown=bool((unknown > 0.0).any()),
        events=int(shares.any(axis=1).sum()),
    )


def sum_by_rows(weights: Floats, event: NDArray[np.intp]) -> Floats:
    rows = range(event.shape[1])
    return np.array([[weights[event[:, a, None] == event[None, :, b]].sum() for b in rows] for a in rows])


def sum_so_far(by_rows: Floats) -> Floats:
    return np.diag(by_rows.cumsum(axis=0).cumsum(axis=1))


def build_events(seed: int, events: int, sessions: int, hole: int = 0) -> tuple[Panel, NDArray[np.intp]]:
    """Events at random sessions of one series; with a `hole`, estimation passes over these sessions."""
    random = np.random.default_rng(seed)
    series = 0.02 * random.standard_normal(sessions + ESTIMATION + ROWS + hole)
    first = random.integers(0, sessions, events)
    places = first[:, None] + np.arange(ESTIMATION + ROWS)
    places[:, : ESTIMATION // 2] -= random.integers(0, hole + 1, events)[:, None] if hole else 0
    places -= places.min()
    return of_returns(series[places], ESTIMATION), places


@pytest.mark.parametrize(
    ("events", "sessions", "hole"),
    [(2, 3, 0), (40, 1, 0), (300, 60, 0), (300, 2_000, 0), (150, 400, 9), (129, 129, 0)],
)
def test_it_is_that_of_all_pairs(events: int, sessions: int, hole: int) -> None:
    panel, places = build_events(events, events, sessions, hole)
    blocks, dense = measure_overlap(panel, places), measure_densely(panel, places)

    assert blocks.day == pytest.approx(dense.day, rel=1e-9, abs=1e-15)
    assert blocks.so_far == pytest.approx(dense.so_far, rel=1e-9, abs=1e-15)
    assert blocks.day_shared.tolist() == dense.day_shared.tolist()
    assert blocks.so_far_shared.tolist() == dense.so_far_shared.tolist()
    assert (blocks.unknown, blocks.events) == (dense.unknown, dense.events)


def test_memory_grows_with_the_pairs_that_meet() -> None:
    """4,000 events over 6,000 sessions: the matrix of all pairs alone would take 128 MB."""
    panel, places = build_events(1, 4_000, 6_000)
    tracemalloc.start()
    found = measure_overlap(panel, places)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.events > 3_000
    assert peak < 30e6
