"""A row for each test across events and each session of the event window, with its null in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance.table import (
    BUY_AND_HOLD,
    IN_CALENDAR,
    TESTS,
    find_question,
    load_in_calendar,
    run,
)
from brentwatch.core.event_study.views.table import Cell

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.classical import Studies
    from brentwatch.core.event_study.significance.result import TestResult


COLUMNS = ("test", "on", "tau", "statistic", "p", "df", "n", "null", "refused")


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """None where no event has a result. What is cumulative runs from the first row of the window to tau.

    A test, or a row of one, that has no answer says why in `refused`, and has neither statistic nor p.
    """
    if not batch.found:
        return
    for name, result in run_all_tests(batch.studies).items():
        asked = find_question(name)
        for row, tau in enumerate(batch.studies.design.taus):
            told = _unpack_answer(result, row)
            yield (name, asked.on, tau, *told[:3], len(batch.found), asked.null, told[3])


def run_all_tests(studies: Studies) -> dict[str, TestResult | Refused]:
    """Of every test across events, in the order of the tables; of one event at least."""
    panel, places = studies.build_panel(), studies.list_places()
    found = {name: run(name, panel) for name in (*TESTS, *BUY_AND_HOLD)}
    return found | {name: load_in_calendar(name)(panel, places) for name in IN_CALENDAR}


def _unpack_answer(
    result: TestResult | Refused, row: int
) -> tuple[float | None, float | None, float | None, Cell]:
    """Statistic, p, degrees of freedom, and why there are none."""
    if isinstance(result, Refused):
        return None, None, None, result.reason
    found = result.answer_at(row)
    if isinstance(found, Refused):
        return None, None, None, found.reason
    return found.statistic, found.p, result.degrees_of_freedom, None
