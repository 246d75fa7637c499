"""A row for each session of the event window: the averages over events, each with the test that holds here.

That is the test of Kolari and Pynnönen where events share sessions, and BMP where they do not. Every test is
in `tests_of_averages`.
"""

from collections.abc import Iterator, Mapping

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools
from brentwatch.core.event_study.batch import Batch
from brentwatch.core.event_study.significance.overlap import measure_overlap
from brentwatch.core.event_study.significance.result import TestResult
from brentwatch.core.event_study.significance.table import find_question, load_in_calendar, run
from brentwatch.core.event_study.views.table import Cell

COLUMNS = (
    "model",
    "window",
    "tau",
    "n",
    "aar",
    "aar_test",
    "aar_t",
    "aar_p",
    "caar",
    "caar_test",
    "caar_t",
    "caar_p",
)

_INDEPENDENT, _OVERLAPPING = ("bmp_t_aar", "bmp_t_caar"), ("kp_bmp_t_aar", "kp_bmp_t_caar")
_NOTHING = (None, None, None)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """None if no event has a result; moves are log fractions.

    A test without an answer leaves its cells empty.
    """
    if not batch.found:
        return
    studies = batch.studies
    panel = studies.build_panel()
    overlap = measure_overlap(panel, studies.list_places())
    plain = {name: run(name, panel) for name in _INDEPENDENT}
    corrected = {name: load_in_calendar(name)(panel, overlap) for name in _OVERLAPPING}
    aar, caar = studies.ar.mean(axis=0), studies.car.mean(axis=0)
    for row, tau in enumerate(studies.design.taus):
        cells = (
            _choose_answer(plain, corrected, place, row, shared)
            for place, shared in enumerate((overlap.day_shared, overlap.so_far_shared))
        )
        of_aar, of_caar = cells
        named = (studies.model, str(studies.design.window), tau, len(studies.kept))
        yield (*named, float(aar[row]), *of_aar, float(caar[row]), *of_caar)


def _choose_answer(
    plain: Mapping[str, TestResult | Refused],
    corrected: Mapping[str, TestResult | Refused],
    place: int,
    row: int,
    shared: Bools,
) -> tuple[Cell, ...]:
    """The name of the test, its statistic and p; `place` is 0 for the average, 1 for the cumulated one."""
    results, names = (corrected, _OVERLAPPING) if shared[row] else (plain, _INDEPENDENT)
    result = results[names[place]]
    found = result if isinstance(result, Refused) else result.answer_at(row)
    if isinstance(found, Refused):
        return _NOTHING
    return find_question(names[place]).test, found.statistic, found.p
