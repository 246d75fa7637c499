"""An alert: the thread of one (instrument, session), from the first news to the final answer."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain import study
from brentwatch.core.domain.analogues import Analogues
from brentwatch.core.domain.confounders import Confounder
from brentwatch.core.domain.stories import StoryEvidence


class Severity(StrEnum):
    """How urgent an alert is; `info` is a move without a known event."""

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
    TEST = "test"
    WINDOW = "window"
    EVENT_JOINED = "event_joined"
    EVENT_UPDATED = "event_updated"
    EVENT_WITHDRAWN = "event_withdrawn"
    PRICE_REVISION = "price_revision"


class Stage(StrEnum):
    """How far the thread of a session has come, in the order of time.

    `heads-up`: news, and no price test yet. `re-open`: the gap over the break in which the news came.
    `within`: windows of 5-minute bars within the session. `provisional`: the last bar before the settlement.
    `settlement`: the session has settled. `final`: the longest window has settled.
    """

    HEADS_UP = "heads-up"
    REOPEN = "re-open"
    WITHIN = "within"
    PROVISIONAL = "provisional"
    SETTLEMENT = "settlement"
    FINAL = "final"

    @property
    def rank(self) -> int:
        """0 for `heads-up` to 5 for `final`."""
        return list(Stage).index(self)

    @property
    def is_of_bars(self) -> bool:
        """True for a stage that is tested on 5-minute bars, which happens only if an event was known."""
        return self in (Stage.REOPEN, Stage.WITHIN)


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both inclusive; log fractions."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that a test of an alert covers; times in UTC.

    The span of a settlement runs from the settlement before, at `begins_at`, to its own, at `ends_at`. The
    span of a re-open begins with the last trade before the news. `minutes` is the length of the span, or of
    its part after the re-open. `number` is 1 or 2: events open at most two tests a session. Both are None
    for a settlement. `news_at` is when the event that opened the test was known.
    """

    begins_at: datetime
    ends_at: datetime
    minutes: int | None = None
    number: int | None = None
    news_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTest:
    """One test of a session, as its alert shows it; returns as log fractions.

    `move` is what the price did, `estimate` its abnormal part with its 95 % `range`, and `normal` the normal
    range of the whole move. `expected` is the expected part of the move. `usual` is the mean absolute move of
    its kind, None for a settlement. `mde_alert` is the move that is found with 80 % power at `level`.
    `given_alert` is the estimate corrected for the fact that only large moves are shown. `break_kind` is set
    for a re-open. The test looked back on `sessions` past sessions, and `quiet` of its bars had no trade.
    """

    stage: Stage
    study_id: str
    window: Span
    model: str
    p: float
    level: float
    direction: Direction
    move: study.Move
    estimate: float
    range: Range
    normal: Range
    expected: float
    usual: float | None
    mde_alert: float
    given_alert: study.GivenAlert | None = None
    break_kind: study.BreakKind | None = None
    sessions: int = 0
    quiet: int = 0
    answered: study.Answered | None = None

    @property
    def is_abnormal(self) -> bool:
        """True if p is at or below the alert level of its kind."""
        return self.p <= self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Untested:
    """A test that could not be made, and why; `move` is what the price did anyway, if that is known."""

    stage: Stage
    study_id: str
    window: Span
    reason: str
    move: study.Move | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A stage that is still to come, and when its answer is due (UTC)."""

    stage: Stage
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsUpRecord:
    """How heads-ups ended: `abnormal` of the `count` from `first` to `last` led to an abnormal session.

    `placebo` is the share of all sessions that are abnormal.
    """

    first: date
    last: date
    count: int
    abnormal: int
    placebo: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsUp:
    """News that opened a thread before any price test.

    The news was known at `known_at` (UTC). `reopens_at` is when trade opens again, None while it is open.
    `detectable` is the gap that the re-open test finds four times in five, as a log fraction, None if no such
    test is planned. `record` is the record of heads-ups at that time.
    """

    event_id: str
    known_at: datetime
    reopens_at: datetime | None = None
    detectable: float | None = None
    record: HeadsUpRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The thread of one (instrument, session) in its newest form: heads-up, tests, settlement, final.

    Receivers deduplicate on (`alert_id`, `revision`). `stage` is the stage of the newest answer. `severity`
    is the highest severity of the abnormal tests; it never falls from one revision to the next, and is None
    until a test is abnormal. `tests` are the answers so far, in the order of `Stage`; `untested` are the
    tests that could not be made; `upcoming` are the stages to come. `windows` are the complete windows of
    settlement prices, including [0, 0], and [1, k]: what came after the first reaction. `model` is the model
    of the settlement. `stories` are those of its session test.
    """

    alert_id: str
    revision: int
    stage: Stage
    cause: Cause
    known_at: datetime
    instrument: str
    title: str
    series: str
    session: date
    settles_at: datetime
    severity: Severity | None
    tests: tuple[AlertTest, ...]
    untested: tuple[Untested, ...] = ()
    upcoming: tuple[Upcoming, ...] = ()
    heads_up: HeadsUp | None = None
    windows: tuple[study.Found, ...] = ()
    model: str
    model_version: int = 1
    beside: tuple[study.Beside, ...] = ()
    events: tuple[study.EventRef, ...]
    events_total: int
    unlisted: tuple[study.Unlisted, ...] = ()
    singles: int = 0
    exposure: float | None
    flags: tuple[str, ...]
    confounders: tuple[Confounder, ...]
    overlaps: tuple[date, ...]
    calibration: study.Calibration | None
    analogues: Analogues | None = None
    stories: tuple[StoryEvidence, ...] = ()
    rules: int = 1

    @property
    def lead(self) -> AlertTest | None:
        """The test shown in the first line; None before there is any.

        It is the latest abnormal test: of the last stage, of the last test there, its shorter window. If no
        test is abnormal, it is the latest test.
        """
        abnormal = [each for each in self.tests if each.is_abnormal]
        return max(abnormal or self.tests, key=_rank_test, default=None)

    @property
    def is_abnormal(self) -> bool:
        """True if a test is abnormal."""
        return any(each.is_abnormal for each in self.tests)

    def find_test(self, stage: Stage) -> AlertTest | None:
        """The last test of a stage; None if it has none."""
        return max((each for each in self.tests if each.stage is stage), key=_rank_test, default=None)

    def is_same_news(self, other: "Alert | None") -> bool:
        """True if only revision, cause, time or rules differ from `other`; see `round_event_count`."""
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
                singles=self.singles,
                rules=self.rules,
            )
        )


def _rank_test(test: AlertTest) -> tuple[int, int, int]:
    """A sort key: later stages last, then the later test within the stage, then the shorter window."""
    return test.stage.rank, test.window.number or 0, -(test.window.minutes or 0)


CRITICAL_SHARE = 0.3
"""A test may be critical if p is at or below this share of the alert level."""

_CRITICAL_EXPOSURE = 0.5
_HIGH_EXPOSURE = 0.25


def judge_severity(p: float, level: float, exposure: float | None, events: int) -> Severity:
    """The severity of a session whose p is at or below `level`.

    `critical`: p <= 0.3 level and exposure >= 0.5. `high`: exposure >= 0.25. `medium`: every other session
    with an event; an unknown exposure is not zero. `info`: no event is known.
    """
    if not events:
        return Severity.INFO
    if exposure is None:
        return Severity.MEDIUM
    if p <= CRITICAL_SHARE * level and exposure >= _CRITICAL_EXPOSURE:
        return Severity.CRITICAL
    return Severity.HIGH if exposure >= _HIGH_EXPOSURE else Severity.MEDIUM


def choose_louder(one: Severity, other: Severity | None) -> Severity:
    """The higher of the two: a severity that was published never falls."""
    return one if other is None or one.rank >= other.rank else other


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRecord:
    """How many sessions were abnormal: `abnormal` of the `sessions` from `first` to `last`, at `level`.

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
        """How many sessions would be abnormal by chance alone."""
        return self.sessions * self.level

    @property
    def years(self) -> int:
        """From the first to the last session, in whole years."""
        return round((self.last - self.first).days / 365.25)
