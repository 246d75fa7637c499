"""The tests of the average over sessions with events, each with whether it is valid here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.core.domain import Refused, Window
from brentwatch.core.event_study.significance.table import find_question
from brentwatch.core.event_study.views.tests_of_averages import NOT_VALID, TestsOfAverages, run_all_tests
from brentwatch.replay.report import contents

if TYPE_CHECKING:
    from brentwatch.core.event_study.classical import Studies

_TAUS = {"aar": (0,), "caar": (1, 5), "bhar": (1, 5)}
"""The sessions of the event window whose tests are shown; CAAR[0, 0] is AAR(0)."""


def list_average_tests(studies: Studies) -> Iterator[contents.AverageTest]:
    """Every test, valid or not; those that hold for events that share sessions come first."""
    found = run_all_tests(studies)
    for name in found.results:
        for tau in _TAUS[find_question(name).on]:
            yield _build_test(found, name, tau, len(studies.kept))


def _build_test(found: TestsOfAverages, name: str, tau: int, n: int) -> contents.AverageTest:
    asked, answer, result = find_question(name), found.answer(name, tau), found.results[name]
    refused = isinstance(answer, Refused)
    valid = not refused and found.is_valid(name, tau)
    without = "" if valid else NOT_VALID
    return contents.AverageTest(
        test=asked.test,
        title=asked.title,
        quantity=asked.on.upper(),
        window=Window(0 if asked.on != "aar" else tau, tau),
        null=asked.null,
        statistic=None if isinstance(answer, Refused) else answer.statistic,
        p=None if isinstance(answer, Refused) else answer.p,
        degrees_of_freedom=None if isinstance(result, Refused) else result.degrees_of_freedom,
        n=n,
        valid=valid,
        note=answer.reason.removeprefix(f"{name}: ") if isinstance(answer, Refused) else without,
    )
