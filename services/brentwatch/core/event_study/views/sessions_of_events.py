"""A row for each session of each event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scipy.special import stdtrit

from brentwatch.core.event_study.views.table import Cell

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch


COLUMNS = (
    "event",
    "model",
    "window",
    "session",
    "tau",
    "ar",
    "t",
    "p",
    "low",
    "high",
    "rank_p",
    "car",
    "car_t",
    "car_p",
    "car_low",
    "car_high",
    "alpha",
    "beta",
    "sigma",
    "df",
)
"""`t`, `p`, `rank_p` and the 95 % range `low` to `high` are of `ar`, the abnormal return of the session."""

_UPPER = 0.975


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """In the order of the events; moves are log fractions."""
    window = str(batch.studies.design.window)
    reach = float(stdtrit(batch.studies.df, _UPPER))
    for event, study in batch.found:
        for row in study.rows:
            far, car_far = reach * row.error_ar, reach * row.error_car
            named = (event, study.model, window, row.session.isoformat(), row.tau)
            of_ar = (row.ar, row.t_ar, row.p_ar, row.ar - far, row.ar + far, row.rank_p_ar)
            of_car = (row.car, row.t_car, row.p_car, row.car - car_far, row.car + car_far)
            yield (*named, *of_ar, *of_car, study.alpha, study.beta, study.sigma, study.df)
