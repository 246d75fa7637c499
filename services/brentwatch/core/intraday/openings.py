"""Which events open a test: at most two a session, by the events alone.

Rules. A test begins at the first clean bar of the event that opens it, and stays open for 60 minutes. An
event that begins while none is open opens one; while one is open it joins the newest, unless its exposure is
at least twice the largest of the session so far: then it opens another. From the same first bar the windows
are the same, so that there it always joins. After two tests none is opened any more: a later event joins what
is open still, or gets a study and no test. Nothing is given back: not by a test that was refused, not by an
event that was retracted. No price is asked.

Two tests of two windows at .001 each: at most .004 false alarms a session.
"""

from __future__ import annotations

from dataclasses import dataclass

from brentwatch.core.domain.relevance import UNKNOWN_EXPOSURE
from brentwatch.core.intraday.clock import HOUR

MOST_TESTS = 2
_TWICE = 2.0


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
    """The tests of one session by the slots from which they go, and the largest exposure of all that came.

    Which event stands where is not kept here: a session may have tens of thousands.
    """

    slots: tuple[int, ...] = ()
    largest: float | None = None

    def take(self, slot: int, exposure: float | None) -> tuple[SessionTests, Verdict]:
        """The tests once an event came whose first clean bar is `slot`, and what becomes of it.

        Each event is to be taken once. An exposure that is not known counts .3, as for the screen: it is
        never zero.
        """
        weight = UNKNOWN_EXPOSURE if exposure is None else exposure
        verdict = self._judge(slot, weight)
        slots = (*self.slots, slot) if isinstance(verdict, Opens) else self.slots
        return SessionTests(slots, weight if self.largest is None else max(self.largest, weight)), verdict

    def _judge(self, slot: int, weight: float) -> Verdict:
        numbered = list(enumerate(self.slots, start=1))
        same = [number for number, begins in numbered if begins == slot]
        still_open = [number for number, begins in numbered if is_open(begins, slot)]
        if same:
            return Joins(same[0])
        if len(self.slots) < MOST_TESTS and (not still_open or self._is_far_larger(weight)):
            return Opens(len(self.slots) + 1)
        return Joins(still_open[-1]) if still_open else Untested()

    def _is_far_larger(self, weight: float) -> bool:
        return weight > 0.0 and self.largest is not None and weight >= _TWICE * self.largest


def is_open(begins: int, slot: int) -> bool:
    """Whether an event whose first clean bar is `slot` comes within the 60 minutes of a test."""
    return begins <= slot < begins + HOUR
