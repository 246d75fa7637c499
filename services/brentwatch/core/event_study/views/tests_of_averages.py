"""A row for each test across events and each session of the event window, and whether the test is valid here.

Most tests take events as independent. Events that share sessions of one price are not, so there only the
tests of Kolari and Pynnönen are valid; they come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance.overlap import Overlap, measure_overlap
from brentwatch.core.event_study.significance.result import Statistic
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
    from collections.abc import Mapping

    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.classical import Studies
    from brentwatch.core.event_study.significance.result import TestResult


COLUMNS = (
    "model",
    "window",
    "test",
    "quantity",
    "tau",
    "statistic",
    "p",
    "df",
    "n",
    "valid",
    "null",
    "note",
)

NOT_VALID = "not valid here (windows overlap)"


@dataclass(frozen=True, slots=True)
class TestsOfAverages:
    """The answers of all tests by their names in the table, and how the events overlap."""

    __test__ = False  # pytest takes any class of this name for tests

    results: Mapping[str, TestResult | Refused]
    overlap: Overlap

    def is_valid(self, name: str, row: int) -> bool:
        """Whether the test holds in that row of the event window, as far as the overlap of events goes."""
        asked = find_question(name)
        shared = self.overlap.day_shared if asked.on == "aar" else self.overlap.so_far_shared
        return asked.bears_overlap or not bool(shared[row])

    def answer(self, name: str, row: int) -> Statistic | Refused:
        """The answer in that row, valid or not."""
        result = self.results[name]
        return result if isinstance(result, Refused) else result.answer_at(row)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """None if no event has a result. What is cumulative runs from the first row of the window to tau.

    A test, or a row of one, that has no answer says why in `note`, and has neither statistic nor p. A test
    that takes events as independent and is given events that share sessions is not `valid`; `note` says so.
    """
    if not batch.found:
        return
    found, design = run_all_tests(batch.studies), batch.studies.design
    for name, result in found.results.items():
        asked = find_question(name)
        df = None if isinstance(result, Refused) else result.degrees_of_freedom
        for row, tau in enumerate(design.taus):
            named = (batch.studies.model, str(design.window), asked.test, asked.on, tau)
            statistic, p, valid, note = _unpack_answer(found, name, row)
            known_df = None if statistic is None else df
            yield (*named, statistic, p, known_df, len(batch.found), valid, asked.null, note)


def run_all_tests(studies: Studies) -> TestsOfAverages:
    """Every test across events, for at least one event; those that hold for overlapping events come first."""
    panel = studies.build_panel()
    overlap = measure_overlap(panel, studies.list_places())
    results = {name: load_in_calendar(name)(panel, overlap) for name in IN_CALENDAR}
    results |= {name: run(name, panel) for name in (*TESTS, *BUY_AND_HOLD)}
    if not overlap.so_far_shared.any():
        names = (*TESTS, *BUY_AND_HOLD, *IN_CALENDAR)
        results = {name: results[name] for name in names}
    return TestsOfAverages(results, overlap)


def _unpack_answer(
    found: TestsOfAverages, name: str, row: int
) -> tuple[float | None, float | None, bool, str | None]:
    """Statistic, p, whether they are valid, and what to know of them."""
    answer = found.answer(name, row)
    if isinstance(answer, Refused):
        return None, None, False, answer.reason.removeprefix(f"{name}: ")
    valid = found.is_valid(name, row)
    return answer.statistic, answer.p, valid, None if valid else NOT_VALID
