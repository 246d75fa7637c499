"""A row for each session of each event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.core.event_study.views.table import Cell

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch


COLUMNS = (
    "event_id",
    "model",
    "session",
    "tau",
    "ar",
    "car",
    "alpha",
    "beta",
    "sigma",
    "df",
    "t_ar",
    "p_ar",
    "t_car",
    "p_car",
    "rank_p_ar",
)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """In the order of the events; moves are log fractions."""
    for event_id, study in batch.found:
        for row in study.rows:
            yield (
                event_id,
                study.model,
                row.session.isoformat(),
                row.tau,
                row.ar,
                row.car,
                study.alpha,
                study.beta,
                study.sigma,
                study.df,
                row.t_ar,
                row.p_ar,
                row.t_car,
                row.p_car,
                row.rank_p_ar,
            )
