"""The input and output of the monitor: signals and their order, effects, and the number of the rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.bars import Bar
from brentwatch.core.domain.events import UnrestEvent
from brentwatch.core.domain.relevance import Exposure, weigh_relevance
from brentwatch.core.domain.standing import Standing
from brentwatch.core.domain.study import Study

RULES = 8
"""1: before the rules had a number.

2: a bare date counts for the session of that date and the next one, and opens no test within a session; a
return that spans missing sessions is tested against the forecast of their sum, and no model learns from it;
bars that are repeated as warm-up do not cancel a test; the roll rule is the one that the series names; GARCH
is fitted on returns divided by their standard deviation.

3: the events of a session are listed by relevance, at most two of one feed, class and country.

4: in a series with a roll rule, the first two returns after an expiry are not tested and enter no fit, and a
window that contains one is refused; a new price of the first session after an expiry is a roll correction,
and nothing is tested again.

5: the forecast of a session takes the calendar days since the one before into account, and each tail has its
own scale (edition 2 of `adaptive-garch-t`); studies of `adaptive-rank` and `garch-t` are no longer published.

6: events have a standing: single reports open no test within a session and do not count for the severity; the
relevance of an event decides whether it opens a test within a session, and only an event that is larger than
those before opens the second one; events are ranked by standing, then by relevance, novelty and
corroboration; events that join or change revise an alert at most once in 30 minutes and six times between
settlements; the monitor looks at 500 events of a feed per session.

7: a session has one alert, from a heads-up at the news to the final answer; news of a break is tested on the
gap instead of the windows of 15 and 60 minutes after it; the last bar before the settlement gives a
provisional answer.

8: the session test and the alert show past events like the leading event, as known when it was first listed;
stories are followed, at most three at a time, and the session test says what evidence they have.

A change of what the monitor decides raises the number. Results of lower rules stay as published: `brentwatch
run monitor --rebuild` reads the timeline again and closes what was decided (`core/monitor/closing.py`).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAdmitted:
    """An event that passed the screen, with the exposure that the screen measured (None: unknown).

    The screen also measured `nearness` to oil, 0 to 1, `standing` and `measured_relevance` (None if an older
    screen wrote none).
    """

    event: UnrestEvent
    exposure: Exposure | None
    nearness: float = 0.0
    standing: Standing = Standing.STATED
    measured_relevance: float | None = None

    @property
    def known_at(self) -> datetime:
        """When the market could know it (UTC)."""
        return self.event.known_at

    @property
    def relevance(self) -> float:
        """How much it may matter to oil, 0 to 1, as the screen measured it."""
        if self.measured_relevance is not None:
            return self.measured_relevance
        exposure = None if self.exposure is None else self.exposure.weight
        return weigh_relevance(self.event.event_class, exposure, self.nearness)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceUpdate:
    """Bars of `series`, and how far the series is now complete.

    Every bar that closes at or before `complete_through` (UTC, inclusive) is on the timeline by now, or is
    missing for good. `warmup` bars feed the estimation only: no test, no study, no alert.
    """

    series: str
    bars: tuple[Bar, ...]
    complete_through: datetime
    known_at: datetime
    warmup: bool = False

    def is_warmup_of(self, *, told: bool) -> bool:
        """The rule of warm-up: it holds only for bars that this update is the first to bring.

        Bars that an earlier update brought to be tested (`told`) are still tested: repeating the past as
        warm-up does not cancel a test.
        """
        return self.warmup and not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A record without effect: when it arrives at the far end, the whole path works."""

    canary_id: str
    known_at: datetime


Signal = EventAdmitted | PriceUpdate | Canary


class EventOutcome(StrEnum):
    """The outcome of an event of the timeline."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    LATE = "late"
    TOO_OLD = "too_old"
    RETRACTED = "retracted"
    RETRACTION_REMEMBERED = "retraction_remembered"


class BarOutcome(StrEnum):
    """The outcome of a bar of the timeline.

    `ROLL_CORRECTED` is a new price of the first session after an expiry: it moves the step to the next
    contract from one return to another, and neither is tested. The price is corrected, and nothing is tested
    again.
    """

    NEW = "new"
    WARMUP = "warmup"
    REPEATED = "repeated"
    REVISED = "revised"
    REVISED_CLOSED = "revised_closed"
    ROLL_CORRECTED = "roll_corrected"
    OUT_OF_ORDER = "out_of_order"
    OTHER_SERIES = "other_series"
    OTHER_INTERVAL = "other_interval"
    OUTSIDE_HOURS = "outside_hours"


class SessionOutcome(StrEnum):
    """The outcome of a session."""

    TESTED = "tested"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """An event was accepted, or why not; `detail` is a sentence."""

    event_id: str
    revision: int
    outcome: EventOutcome
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeen:
    """A bar was accepted, or why not."""

    series: str
    session: date
    closes_at: datetime
    close: float
    outcome: BarOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDecided:
    """A session was tested, was refused, or has no price; `p` is set only if it was tested."""

    series: str
    session: date
    outcome: SessionOutcome
    p: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySeen:
    """A canary arrived."""

    canary_id: str
    known_at: datetime


Fact = EventSeen | BarSeen | SessionDecided | CanarySeen


@dataclass(frozen=True, slots=True)
class PublishStudy:
    """Publish this revision of a study."""

    study: Study


@dataclass(frozen=True, slots=True)
class PublishAlert:
    """Publish this revision of an alert."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Noted:
    """Count it and log it."""

    fact: Fact


Effect = PublishStudy | PublishAlert | Noted


def rank_signal(signal: Signal) -> tuple[datetime, int, str, int]:
    """The sort key of a signal in a history: at equal times price before event, then id, then revision."""
    match signal:
        case PriceUpdate(series=series, known_at=known_at):
            return known_at, 0, series, 0
        case EventAdmitted(event=event):
            return event.known_at, 1, event.event_id, event.revision
        case Canary(canary_id=canary_id, known_at=known_at):
            return known_at, 2, canary_id, 0


def sort_signals(signals: Iterable[Signal]) -> list[Signal]:
    """The signals of a recorded history in the order in which they would have reached the timeline."""
    return sorted(signals, key=rank_signal)
