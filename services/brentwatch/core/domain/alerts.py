"""An alert: one (instrument, session) whose p is at the alert level, with what a trader asks first."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain import study
from brentwatch.core.domain.confounders import Confounder


class Severity(StrEnum):
    """How loud an alert is; `info` is a move without a known event."""

    INFO = "info"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for `info` to 3 for `critical`."""
        return list(Severity).index(self)


class Direction(StrEnum):
    """The sign of the abnormal move."""

    UP = "up"
    DOWN = "down"


class Cause(StrEnum):
    """Why this revision was published."""

    OPENED = "opened"
    WINDOW = "window"
    EVENT_JOINED = "event_joined"
    EVENT_UPDATED = "event_updated"
    EVENT_WITHDRAWN = "event_withdrawn"
    PRICE_REVISION = "price_revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert in its newest form; receivers deduplicate on (`alert_id`, `revision`).

    `headline` is the [0, 0] test that opened it, `windows` every further window that has an answer so far,
    among them [1, k], what came after the first reaction. `severity` never falls from one revision to the
    next. `below_level` turns false when a price revision takes p above the level: the alert is revised, not
    withdrawn. `within` is told of an alert within the session alone: its `headline` is the window that opened
    it, `move` what the price did in it, and `settled_at` when the session is going to settle.
    """

    alert_id: str
    revision: int
    cause: Cause
    known_at: datetime
    instrument: str
    title: str
    series: str
    session: date
    settled_at: datetime
    severity: Severity
    direction: Direction
    p: float
    level: float
    below_level: bool
    model: str
    headline: study.Found
    beside: tuple[study.Beside, ...] = ()
    survives_addis: bool | None = None
    windows: tuple[study.Found, ...]
    move: study.Move
    events: tuple[study.EventRef, ...]
    events_total: int
    exposure: float | None
    flags: tuple[str, ...]
    confounders: tuple[Confounder, ...]
    overlaps: tuple[date, ...]
    calibration: study.Calibration | None
    within: study.Within | None = None
    unlisted: tuple[study.Unlisted, ...] = ()
    rules: int = 1

    def is_same_news(self, other: "Alert | None") -> bool:
        """True where only revision, cause, time or rules differ from `other`; see `round_event_count`."""
        return (
            other is not None
            and study.round_event_count(self.events_total) == study.round_event_count(other.events_total)
            and self
            == replace(
                other,
                revision=self.revision,
                known_at=self.known_at,
                cause=self.cause,
                events_total=self.events_total,
                unlisted=self.unlisted,
                rules=self.rules,
            )
        )


CRITICAL_SHARE = 0.3
"""At or below this share of the alert level a p may be critical."""

_CRITICAL_EXPOSURE = 0.5
_HIGH_EXPOSURE = 0.25


def judge_severity(p: float, level: float, exposure: float | None, events: int) -> Severity:
    """The severity of a session whose p is at or below `level`.

    `critical`: p <= .3 level and exposure >= .5; `high`: exposure >= .25; `medium`: otherwise, also where
    exposure is unknown (which is never zero); `info`: no event is known.
    """
    if not events:
        return Severity.INFO
    if exposure is None:
        return Severity.MEDIUM
    if p <= CRITICAL_SHARE * level and exposure >= _CRITICAL_EXPOSURE:
        return Severity.CRITICAL
    return Severity.HIGH if exposure >= _HIGH_EXPOSURE else Severity.MEDIUM


def choose_louder(one: Severity, other: Severity | None) -> Severity:
    """The louder of the two: a severity that was published never falls."""
    return one if other is None or one.rank >= other.rank else other


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRecord:
    """Of `sessions` of a series from `first` to `last`, `abnormal` had p at or below `level`.

    `after_events` of these followed an event of the bundled catalogue.
    """

    series: str
    level: float
    first: date
    last: date
    sessions: int
    abnormal: int
    after_events: int

    @property
    def by_chance(self) -> float:
        """How many would have had such a p if nothing but chance moved the price."""
        return self.sessions * self.level

    @property
    def years(self) -> int:
        """From the first to the last session, in whole years."""
        return round((self.last - self.first).days / 365.25)
