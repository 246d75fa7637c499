"""A row for each event about its estimation window: what was estimated, and if the textbook may be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.core.event_study.model import copy_windows
from brentwatch.core.event_study.regression import Coefficient, estimate_coefficients
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.forecasts.diagnostics import diagnose

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.classical import Studies


COLUMNS = (
    "event_id",
    "model",
    "n",
    "alpha",
    "alpha_se",
    "alpha_hac_se",
    "beta",
    "beta_se",
    "beta_hac_se",
    "arch_lm_p",
    "ljung_box_p",
    "jarque_bera_p",
)
_NOTHING = (None, None, None)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """Alpha and its errors are log fractions a session; None: nothing was estimated, or p is undefined."""
    studies = batch.studies
    for (event_id, study), estimated, left in zip(
        batch.found, _estimate_windows(studies), studies.residuals(), strict=True
    ):
        found = diagnose(left)
        figures = [_fill_cells(estimated, place) for place in (0, 1)]
        p = (found.arch_lm_p, found.ljung_box_p, found.jarque_bera_p)
        yield (event_id, study.model, found.n, *figures[0], *figures[1], *p)


def _estimate_windows(studies: Studies) -> Iterator[tuple[Coefficient, ...]]:
    """The coefficients of each event's own window; none where the model estimates none."""
    own = copy_windows(studies.rows.estimable, studies.first, studies.design.estimation)
    beside = studies.rows.benchmark_estimable
    if studies.fitted.alpha is None:
        yield from (() for _ in own)
    elif studies.fitted.beta is None or beside is None:
        yield from (estimate_coefficients(each, None) for each in own)
    else:
        market = copy_windows(beside, studies.first, studies.design.estimation)
        yield from (estimate_coefficients(*both) for both in zip(own, market, strict=True))


def _fill_cells(estimated: tuple[Coefficient, ...], place: int) -> tuple[Cell, ...]:
    if place >= len(estimated):
        return _NOTHING
    found = estimated[place]
    return (found.value, found.error, found.hac_error)
