"""A row for each event about its estimation window: the estimates, and whether the textbook may be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.core.event_study.model import copy_factor_windows, copy_windows
from brentwatch.core.event_study.regression import Coefficient, estimate_coefficients
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.forecasts.diagnostics import diagnose

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.classical import Studies


COLUMNS = (
    "event",
    "model",
    "window",
    "factor",
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
"""`factor` names the column of the benchmark that `beta` is of, if the model takes several."""

_NOTHING = (None, None, None)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """A row for each event, and of a model that takes factors for each of them.

    Alpha and its errors are log fractions a session. None: nothing was estimated, or p is undefined.
    """
    studies = batch.studies
    window, names = str(studies.design.window), studies.rows.factor_names or (None,)
    for (event, study), estimated, left in zip(
        batch.found, _estimate_windows(studies), studies.residuals(), strict=True
    ):
        found = diagnose(left)
        p = (found.arch_lm_p, found.ljung_box_p, found.jarque_bera_p)
        for place, name in enumerate(names, start=1):
            figures = [_fill_cells(estimated, each) for each in (0, place)]
            yield (event, study.model, window, name, found.n, *figures[0], *figures[1], *p)


def _estimate_windows(studies: Studies) -> Iterator[tuple[Coefficient, ...]]:
    """The coefficients of each event's own window; none if the model estimates none."""
    n, rows, fitted = studies.design.estimation, studies.rows, studies.fitted
    own = copy_windows(rows.estimable, studies.first, n)
    if fitted.alpha is None:
        yield from (() for _ in own)
    elif fitted.betas is not None and rows.factors_estimable is not None:
        factors = copy_factor_windows(rows.factors_estimable, studies.first, n)
        yield from (estimate_coefficients(*both) for both in zip(own, factors, strict=True))
    elif fitted.beta is None or rows.benchmark_estimable is None:
        yield from (estimate_coefficients(each, None) for each in own)
    else:
        market = copy_windows(rows.benchmark_estimable, studies.first, n)
        yield from (estimate_coefficients(*both) for both in zip(own, market, strict=True))


def _fill_cells(estimated: tuple[Coefficient, ...], place: int) -> tuple[Cell, ...]:
    if place >= len(estimated):
        return _NOTHING
    found = estimated[place]
    return (found.value, found.error, found.hac_error)
