"""What goes into the fold and what comes out of it: signals and their order, effects, the rules' number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.bars import Bar
from brentwatch.core.domain.events import UnrestEvent
from brentwatch.core.domain.relevance import Exposure, weigh_relevance
from brentwatch.core.domain.study import Study

RULES = 4
"""1: before the rules had a number.

2: a bare date counts for the session of that date and the next one, and opens no test within a session; a
return that spans missing sessions is tested against the forecast of their sum, and teaches no model; bars
that come once more as warm-up take no test away; the roll is the rule that the series names; GARCH is fitted
on returns divided by their standard deviation.

3: the events of a session are listed by relevance, at most two of one feed, class and country.

4: of a series with a roll rule the first two returns after an expiry are no verdict and enter no fit, and a
window that holds one is refused; a new price of the first session after an expiry is a roll correction, and
nothing is tested again.

A change of what the fold decides raises the number. What lower rules published stands: `brentwatch run
monitor --rebuild` folds the timeline anew and closes what was decided (`core/monitor/closing.py`).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAdmitted:
    """An event that passed the screen, with the exposure it was given there (None: unknown).

    `nearness` to oil, 0 to 1, was measured there too.
    """

    event: UnrestEvent
    exposure: Exposure | None
    nearness: float = 0.0

    @property
    def known_at(self) -> datetime:
        """When the market could know it (UTC)."""
        return self.event.known_at

    @property
    def relevance(self) -> float:
        """How much it may matter to oil, 0 to 1, by what the screen measured."""
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
        """The one rule of warm-up: it holds for what the update is the first to tell.

        What an earlier update brought to be tested (`told`) is still tested: a past that comes once more as
        warm-up takes no test away.
        """
        return self.warmup and not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A record that asks for nothing: seen at the far end, it proves that the way is open."""

    canary_id: str
    known_at: datetime


Signal = EventAdmitted | PriceUpdate | Canary


class EventOutcome(StrEnum):
    """What became of an event that stood on the timeline."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    LATE = "late"
    TOO_OLD = "too_old"
    RETRACTED = "retracted"
    RETRACTION_REMEMBERED = "retraction_remembered"


class BarOutcome(StrEnum):
    """What became of a bar that stood on the timeline.

    `ROLL_CORRECTED` is a new price of the first session after an expiry: it moves the step to the next
    contract from one return to another, and no test rests on either. The price is corrected, and nothing is
    tested again.
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
    """What became of a session."""

    TESTED = "tested"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """An event was taken, or why not; `detail` is a sentence."""

    event_id: str
    revision: int
    outcome: EventOutcome
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeen:
    """A bar was taken, or why not."""

    series: str
    session: date
    closes_at: datetime
    close: float
    outcome: BarOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDecided:
    """A session was tested, was refused, or has no price; `p` only where tested."""

    series: str
    session: date
    outcome: SessionOutcome
    p: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySeen:
    """A canary came through."""

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
    """The place of a signal in a history: at equal times price before event, then id, then revision."""
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
