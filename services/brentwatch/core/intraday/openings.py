"""Which events open a test: at most two a session, by the events alone.

Rules. A test begins at the first clean bar of the event that opens it, and stays open for 60 minutes. An
event that begins while none is open opens one; while one is open it joins the newest, unless its exposure is
at least twice the largest of the session so far: then it opens another. From the same first bar the windows
are the same, so that there it always joins. After two tests none is opened any more: a later event joins what
is open still, or gets a study and no test. Nothing is given back: not by a test that was refused, not by an
event that was retracted. No price is asked, and an event that comes again changes nothing.

Two tests of two windows at .001 each: at most .004 false alarms a session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from brentwatch.core.intraday.clock import HOUR
from brentwatch.core.relevance import UNKNOWN_EXPOSURE

MOST_TESTS = 2
_TWICE = 2.0


@dataclass(frozen=True, slots=True)
class OpenedTest:
    """A test from `slot` on, its events in the order in which they came: the first opened it."""

    slot: int
    events: tuple[str, ...]

    def is_open(self, slot: int) -> bool:
        """Whether an event whose first clean bar is `slot` comes within its 60 minutes."""
        return self.slot <= slot < self.slot + HOUR


@dataclass(frozen=True, slots=True)
class Opens:
    """The event opens test `number` (1 or 2)."""

    number: int


@dataclass(frozen=True, slots=True)
class Joins:
    """The event joins test `number`."""

    number: int


@dataclass(frozen=True, slots=True)
class Untested:
    """The event gets a study from its own first bar, and no test."""


Verdict = Opens | Joins | Untested


@dataclass(frozen=True, slots=True)
class SessionTests:
    """The tests of one session, the events without a test, and the largest exposure of all that came."""

    tests: tuple[OpenedTest, ...] = ()
    untested: tuple[str, ...] = ()
    largest: float | None = None

    def take(self, event_id: str, slot: int, exposure: float | None) -> tuple[SessionTests, Verdict]:
        """The tests once an event came whose first clean bar is `slot`, and what became of it.

        An exposure that is not known counts .3, as for the screen: it is never zero.
        """
        if (known := self.verdict(event_id)) is not None:
            return self, known
        weight = UNKNOWN_EXPOSURE if exposure is None else exposure
        verdict = self._judged(slot, weight)
        largest = weight if self.largest is None else max(self.largest, weight)
        match verdict:
            case Opens():
                tests = (*self.tests, OpenedTest(slot, (event_id,)))
                return replace(self, tests=tests, largest=largest), verdict
            case Joins(number):
                joined = self.tests[number - 1]
                grown = replace(joined, events=(*joined.events, event_id))
                tests = (*self.tests[: number - 1], grown, *self.tests[number:])
                return replace(self, tests=tests, largest=largest), verdict
            case Untested():
                return replace(self, untested=(*self.untested, event_id), largest=largest), verdict

    def verdict(self, event_id: str) -> Verdict | None:
        """What became of an event; None where it never came."""
        if event_id in self.untested:
            return Untested()
        for number, test in enumerate(self.tests, start=1):
            if event_id in test.events:
                return Opens(number) if event_id == test.events[0] else Joins(number)
        return None

    def _judged(self, slot: int, weight: float) -> Verdict:
        same = [number for number, test in enumerate(self.tests, start=1) if test.slot == slot]
        still_open = [number for number, test in enumerate(self.tests, start=1) if test.is_open(slot)]
        if same:
            return Joins(same[0])
        if len(self.tests) < MOST_TESTS and (not still_open or self._stands_out(weight)):
            return Opens(len(self.tests) + 1)
        return Joins(still_open[-1]) if still_open else Untested()

    def _stands_out(self, weight: float) -> bool:
        return weight > 0.0 and self.largest is not None and weight >= _TWICE * self.largest
