"""A row for each session of the event window: the averages over events, and the figure of every test."""

from collections.abc import Iterator, Sequence

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.batch import Batch, aggregate
from brentwatch.core.event_study.significance.result import TestResult
from brentwatch.core.event_study.significance.table import TESTS, select_figure
from brentwatch.core.event_study.views.table import Cell

COLUMNS = ("model", "tau", "n", "aar", "caar", *TESTS)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """None where no event has a result; a test that was refused leaves its cells empty."""
    if not batch.found:
        return
    found, taus = aggregate(batch.studies), batch.studies.design.taus
    columns = [_list_figures(found.tests[name], len(taus)) for name in TESTS]
    for row, tau in enumerate(taus):
        figures = [column[row] for column in columns]
        averages = float(found.aar[row]), float(found.caar[row])
        yield (batch.studies.model, tau, found.n, *averages, *figures)


def _list_figures(result: TestResult | Refused, rows: int) -> Sequence[float | None]:
    if isinstance(result, Refused):
        return [None] * rows
    figures: Sequence[float] = select_figure(result).tolist()
    return [None if row in result.refused else value for row, value in enumerate(figures)]
