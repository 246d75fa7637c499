"""What the fold asks for: publish a study, publish an alert, note a fact. Facts are for counters and logs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.study import Study


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
