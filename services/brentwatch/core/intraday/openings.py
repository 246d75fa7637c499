"""Where the windows of an event begin and which events open a test: at most two per session.

Theory. The bar that contains the news is mixed and not tested. News in a nightly break, on a weekend or on a
holiday counts from the first bar of the next session, and its test is that of the gap over the break
(`core/reopen/`). Two tests with two windows at 0.001 each give at most 0.004 false alarms per session.

Rules.

* A test begins at the first clean bar of the event that opens it, and stays open for 60 minutes.
* While no test is open, an event opens one if it is the first of the session, or if its relevance is at least
  0.7 or at least 1.25 times the largest so far. So a small event in the evening leaves the second test to a
  larger one.
* While a test is open, an event joins the newest one. If its relevance is at least twice the largest so far,
  it opens another test instead.
* An event with the same first bar as a test always joins it, because the windows are the same. This is how
  all news of one break of trade joins one test.
* After two tests, an event joins a test that is still open, or gets a study without a test. So does an event
  that is too small to open one.
* A test is never freed, whether it was refused or its event was retracted. The rules do not look at prices.
  Single reports are never placed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain import find_next_session
from brentwatch.core.intraday.clock import HOUR, find_first_clean, session_of, slot_of, time_of
from brentwatch.core.intraday.minutes import MOST_TESTS
from brentwatch.core.sessions.calendar import HasHours


@dataclass(frozen=True, slots=True)
class Start:
    """The first clean bar after the news, as a slot; the first slot of the session if trade was closed."""

    session: date
    slot: int
    after_break: bool

    @property
    def opens_at(self) -> datetime:
        """When the bar begins (UTC)."""
        return time_of(self.session, self.slot)


def find_start(known_at: datetime, calendar: HasHours) -> Start:
    """Where the windows of an event begin; the event was known at an instant (UTC)."""
    clean = find_first_clean(known_at)
    session = calendar.find_on_or_after(session_of(clean))
    hours = calendar.hours(session)
    if clean >= hours.closes_at:
        session = find_next_session(calendar, session)
        hours = calendar.hours(session)
    after_break = clean <= hours.opens_at
    return Start(session, slot_of(session, hours.opens_at if after_break else clean), after_break)


_TWICE = 2.0
_LARGER = 1.25
_LARGE = 0.7


@dataclass(frozen=True, slots=True)
class Opens:
    """The event opens test `number` (1 or 2)."""

    number: int


@dataclass(frozen=True, slots=True)
class Joins:
    """The event joins test `number`."""

    number: int


@dataclass(frozen=True, slots=True)
class GoesUntested:
    """The event gets a study from its own first bar, and no test."""


Verdict = Opens | Joins | GoesUntested


@dataclass(frozen=True, slots=True)
class SessionTests:
    """The tests of one session by their first slots, and the largest relevance of its events.

    It does not store which event belongs to which test: a session may have tens of thousands of events.
    """

    slots: tuple[int, ...] = ()
    largest: float | None = None

    def take(self, slot: int, relevance: float) -> "tuple[SessionTests, Verdict]":
        """The tests after an event with first clean bar `slot`, and the verdict on the event.

        Call it once per event.
        """
        verdict = self._judge(slot, relevance)
        slots = (*self.slots, slot) if isinstance(verdict, Opens) else self.slots
        largest = relevance if self.largest is None else max(self.largest, relevance)
        return SessionTests(slots, largest), verdict

    def _judge(self, slot: int, relevance: float) -> Verdict:
        numbered = list(enumerate(self.slots, start=1))
        same = [number for number, begins in numbered if begins == slot]
        still_open = [number for number, begins in numbered if is_open(begins, slot)]
        if same:
            return Joins(same[0])
        may_open = self._is_far_larger(relevance) if still_open else self._is_large(relevance)
        if len(self.slots) < MOST_TESTS and may_open:
            return Opens(len(self.slots) + 1)
        return Joins(still_open[-1]) if still_open else GoesUntested()

    def _is_large(self, relevance: float) -> bool:
        return self.largest is None or relevance >= min(_LARGE, _LARGER * self.largest)

    def _is_far_larger(self, relevance: float) -> bool:
        return relevance > 0.0 and self.largest is not None and relevance >= _TWICE * self.largest


def is_open(begins: int, slot: int) -> bool:
    """Whether an event with first clean bar `slot` comes within the 60 minutes of a test."""
    return begins <= slot < begins + HOUR
