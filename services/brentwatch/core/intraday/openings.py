"""Where the windows of an event begin, and which events open a test: at most two a session.

The bar that holds the news is mixed, and tested by nobody. News while the market is closed, in the nightly
break, on a week-end or a holiday, waits for the first bar of the next session; what the price did in between
is the gap, which belongs to the daily test.

Rules. A test begins at the first clean bar of the event that opens it, and stays open for 60 minutes. An
event that begins while none is open opens one; while one is open it joins the newest, unless its exposure is
at least twice the largest of the session so far: then it opens another. From the same first bar the windows
are the same, so that there it always joins. After two tests none is opened any more: a later event joins what
is open still, or gets a study and no test. Nothing is given back: not by a test that was refused, not by an
event that was retracted. No price is asked.

Two tests of two windows at .001 each: at most .004 false alarms a session.
"""

from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain import UNKNOWN_EXPOSURE, find_next_session
from brentwatch.core.intraday.clock import HOUR, find_first_clean, session_of, slot_of, time_of
from brentwatch.core.sessions.calendar import HasHours


@dataclass(frozen=True, slots=True)
class Start:
    """The first clean bar after the news: a slot of a session; the session's first where trade was closed."""

    session: date
    slot: int
    after_break: bool

    @property
    def opens_at(self) -> datetime:
        """When the bar begins (UTC)."""
        return time_of(self.session, self.slot)


def find_start(known_at: datetime, calendar: HasHours) -> Start:
    """Where the windows of an event begin that was known at an instant (UTC)."""
    clean = find_first_clean(known_at)
    session = calendar.find_on_or_after(session_of(clean))
    hours = calendar.hours(session)
    if clean >= hours.closes_at:
        session = find_next_session(calendar, session)
        hours = calendar.hours(session)
    after_break = clean <= hours.opens_at
    return Start(session, slot_of(session, hours.opens_at if after_break else clean), after_break)


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

    def take(self, slot: int, exposure: float | None) -> "tuple[SessionTests, Verdict]":
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
