"""The tests of significance of a classical event study: name -> where it lives, loaded when used.

Each takes a `Panel` and gives a result with an entry for every row of the event window, or `Refused`. What
is cumulative runs from the first row of the event window. A module of tests across events lists in
`QUESTIONS` what each of them asks.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

from brentwatch.core.domain import Refused
from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.event_study.significance.overlap import Overlap
    from brentwatch.core.event_study.significance.result import EventResult, Question, TestResult

_HERE = "brentwatch.core.event_study.significance"

TESTS = {
    "csect_t_aar": f"{_HERE}.cross_sectional:aar",
    "csect_t_caar": f"{_HERE}.cross_sectional:caar",
    "patell_z_aar": f"{_HERE}.patell:aar",
    "patell_z_caar": f"{_HERE}.patell:caar",
    "bmp_t_aar": f"{_HERE}.bmp:aar",
    "bmp_t_caar": f"{_HERE}.bmp:caar",
    "bw85_t_aar": f"{_HERE}.brown_warner:aar",
    "bw85_t_caar": f"{_HERE}.brown_warner:caar",
    "corrado_z": f"{_HERE}.corrado:aar",
    "corrado_z_cum": f"{_HERE}.corrado:caar",
    "gsign_z": f"{_HERE}.generalized_sign:aar",
    "gsign_z_cum": f"{_HERE}.generalized_sign:caar",
    "wilcoxon_p_aar": f"{_HERE}.wilcoxon:aar",
    "wilcoxon_p_caar": f"{_HERE}.wilcoxon:caar",
    "grank_t_caar": f"{_HERE}.grank:caar",
}
"""One null across all events."""

BUY_AND_HOLD = {"bhar_t": f"{_HERE}.buy_and_hold:bhar"}
"""Across events too, on what a buyer would have gained."""

IN_CALENDAR = {
    "kp_bmp_t_aar": f"{_HERE}.kolari_pynnonen:bmp_aar",
    "kp_bmp_t_caar": f"{_HERE}.kolari_pynnonen:bmp_caar",
    "kp_patell_z_aar": f"{_HERE}.kolari_pynnonen:patell_aar",
    "kp_patell_z_caar": f"{_HERE}.kolari_pynnonen:patell_caar",
}
"""Across events whose windows overlap: these take the overlap as well."""

OF_ONE_EVENT = {
    "rank_p_ar": f"{_HERE}.rank:ar",
    "permutation_p_car": f"{_HERE}.permutation:car",
}
"""Each event alone."""

_ALL = TESTS | BUY_AND_HOLD | IN_CALENDAR | OF_ONE_EVENT


class AcrossEvents(Protocol):
    """A test of all events together."""

    def __call__(self, panel: Panel) -> TestResult | Refused:
        """Its answer for each row of the event window."""


class InCalendar(Protocol):
    """A test of all events together that knows which of them share sessions."""

    def __call__(self, panel: Panel, overlap: Overlap) -> TestResult | Refused:
        """Its answer for each row of the event window, given how the events overlap."""


class OfOneEvent(Protocol):
    """A test of each event alone."""

    def __call__(self, panel: Panel) -> EventResult | Refused:
        """Its answer for each event and row of the event window."""


def run(name: str, panel: Panel) -> TestResult | Refused:
    """The answer of the test of that name in `TESTS` or `BUY_AND_HOLD`.

    Raises:
        InvalidInput: if there is none.
    """
    return load_across_events(name)(panel)


def load_across_events(name: str) -> AcrossEvents:
    """The test of that name in `TESTS` or `BUY_AND_HOLD`.

    Raises:
        InvalidInput: if there is none.
    """
    return cast("AcrossEvents", _load(name, (*TESTS, *BUY_AND_HOLD)))


def load_in_calendar(name: str) -> InCalendar:
    """The test of that name in `IN_CALENDAR`.

    Raises:
        InvalidInput: if there is none.
    """
    return cast("InCalendar", _load(name, tuple(IN_CALENDAR)))


def load_of_one_event(name: str) -> OfOneEvent:
    """The test of that name in `OF_ONE_EVENT`.

    Raises:
        InvalidInput: if there is none.
    """
    return cast("OfOneEvent", _load(name, tuple(OF_ONE_EVENT)))


def find_question(name: str) -> Question:
    """What the test of that name asks, one across events, also if it has no answer.

    Raises:
        InvalidInput: if there is none.
    """
    asked: tuple[Question, ...] = _load_module(name, (*TESTS, *BUY_AND_HOLD, *IN_CALENDAR)).QUESTIONS
    (found,) = (each for each in asked if each.name == name)
    return found


@cache
def _load(name: str, known: tuple[str, ...]) -> object:
    module = _load_module(name, known)
    return getattr(module, _ALL[name].partition(":")[2])


def _load_module(name: str, known: tuple[str, ...]) -> ModuleType:
    if name not in known:
        raise InvalidInput(f"no test is called {name!r}; expected one of {', '.join(known)}")
    return import_module(_ALL[name].partition(":")[0])
