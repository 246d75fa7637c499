"""Studies: the published results of tests of a session, a provisional settlement, a window or a re-open."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from brentwatch.core.domain.analogues import Analogues
from brentwatch.core.domain.confounders import Confounder
from brentwatch.core.domain.event_windows import Window
from brentwatch.core.domain.events import EventClass, Verification
from brentwatch.core.domain.own_calibration import OwnCalibration
from brentwatch.core.domain.standing import Standing
from brentwatch.core.domain.stories import StoryEvidence

LISTED_EVENTS = 20
"""A study lists at most this many events, in the order of `listing.py`; `events_total` counts all of them."""

LISTED_OF_A_GROUP = 2
"""At most this many events of one (feed, class, country) are listed, so that no group fills an alert."""

COUNTED_GROUPS = 20
"""Unlisted events are counted by feed and class, for at most this many of the most frequent pairs."""


def round_event_count(events_total: int) -> int:
    """The number of events, rounded down to what counts as news: exact up to 20, then 50, 100, 200, 500, ….

    One more unlisted event is no reason to publish again: a session with thousands of events would be
    published thousands of times. A revision for another reason has the exact number.
    """
    if events_total <= LISTED_EVENTS:
        return events_total
    magnitude = int(10 ** (len(str(events_total)) - 1))
    steps = (step * magnitude for step in (5, 2, 1))
    return max(LISTED_EVENTS, next(step for step in steps if step <= events_total))


USUAL_LEVEL = 0.05
"""The level of the range and of `mde_05` of a `Found`."""

UNCALIBRATED = "uncalibrated"
PRICE_REVISION = "price_revision"
NO_LOG_RETURN = "no_log_return"
PARTIAL_HISTORY = "partial_history"
"""The monitor did not read the timeline from its beginning: with all signals, results might differ."""
SPANS_MISSING_SESSIONS = "spans_missing_sessions"


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no answer; `reason` says what is wrong, what was expected, and what to do."""

    reason: str
    status: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRef:
    """An event as a study or an alert lists it.

    `exposure` is the highest exposure of its countries, 0 to 1, None if unknown. `late`: admitted after the
    session was decided. `by_day`: only the day is known, so the event counts for two sessions. `carried`:
    this is the second of the two. `standing`: how well it is supported.
    """

    event_id: str
    revision: int
    known_at: datetime
    country: str
    place: str | None
    event_class: EventClass
    summary: str
    verification: Verification | None
    source: str | None
    exposure: float | None
    exposure_country: str | None
    production_kbd: float | None
    transit_kbd: float | None
    late: bool
    by_day: bool
    carried: bool
    standing: Standing = Standing.STATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """How many events of one feed and class are not listed; `feed` is empty if the event names none."""

    feed: str
    event_class: EventClass
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the price did in the session itself.

    `close` and `previous_close` are in USD/bbl; `log_return`, since the session `previous_session`, is a
    fraction (None if a price is zero or negative).
    """

    session: date
    close: float
    previous_session: date
    previous_close: float
    log_return: float | None
    quality: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """The move in USD/bbl."""
        return self.close - self.previous_close


@dataclass(frozen=True, slots=True)
class GivenAlert:
    """The effect of a move, given that it opened an alert: a median-unbiased estimate and its 95 % range."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A test and its estimate, all returns as log fractions.

    `car` is the summed return less `expected`, with its 95 % range `low` to `high`. `statistic` = car /
    standard_error. `p` is two-sided, from Student t or, if `degrees_of_freedom` is None, by rank. `mde_05`
    and `mde_alert` are the moves that are found with 80 % power at 5 % and at the alert level. `observed` of
    `planned` sessions have settled. `given_alert` is the effect given that the move reached the alert level;
    None for other moves, and for windows that open no alert.
    """

    window: Window
    observed: int
    planned: int
    null: str
    total: float
    expected: float
    car: float
    standard_error: float
    low: float
    high: float
    statistic: float
    degrees_of_freedom: float | None
    p: float
    mde_05: float
    mde_alert: float
    given_alert: GivenAlert | None = None
    status: ClassVar[str] = "found"

    @property
    def complete(self) -> bool:
        """True when every planned session has settled."""
        return self.observed == self.planned

    @property
    def normal_range(self) -> tuple[float, float]:
        """The normal range of the summed return: it holds 95 of 100 if nothing happens; log fractions."""
        return self.expected - (self.high - self.car), self.expected + (self.car - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFound:
    """A test of a move against the usual move, within a session or over a break; returns as log fractions.

    `move` is the summed return, whose expected value is zero, with its 95 % range `low` to `high`. `usual` is
    the mean absolute move of its kind, and `ratio` the absolute move divided by it. `p` is two-sided.
    `mde_05` and `mde_alert` are the moves that are found with 80 % power at 5 % and at the alert level.
    `given_alert` is the effect given that the move reached the alert level; None for other moves, and for
    tests that open no alert. The test looked back on `sessions` sessions, or breaks of its kind; `quiet` bars
    of the window had no trade.
    """

    null: str
    move: float
    low: float
    high: float
    usual: float
    ratio: float
    p: float
    mde_05: float
    mde_alert: float
    given_alert: GivenAlert | None = None
    sessions: int = 0
    quiet: int = 0
    status: ClassVar[str] = "found"

    @property
    def normal_range(self) -> tuple[float, float]:
        """The normal range of the move: it holds 95 of 100 moves if nothing happens; log fractions."""
        return self.move - self.high, self.move - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """The session has not settled; it is expected to at `settles_at` (UTC)."""

    settles_at: datetime
    status: ClassVar[str] = "pending"


Result = Found | NotYet | Refused
MoveResult = MoveFound | NotYet | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The data behind the answer of a window of bars; times in UTC, moves as log fractions.

    Bars were known through `data_through`, and the answer at `answered_at`. `before` is the move of the
    `before_minutes` before the window, which is not tested; both are None if there is no return. `gap` is the
    move over the break if the window is the first after it, else None. `own_calibration` says how often the
    test was wrong on the user's own bars, None without such a record.
    """

    data_through: datetime
    answered_at: datetime
    before_minutes: int | None = None
    before: float | None = None
    gap: float | None = None
    own_calibration: OwnCalibration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A window of 5-minute bars within a session; times in UTC.

    It lasts `minutes`, from `begins_at` to `ends_at`. It begins with the first bar that begins at or after
    `news_at`, the time of the news. `test` is 1 or 2, None for a study without a test. The session settles at
    `settles_at`.
    """

    minutes: int
    begins_at: datetime
    ends_at: datetime
    news_at: datetime
    test: int | None
    settles_at: datetime
    answered: Answered | None = None


class BreakKind(StrEnum):
    """How long trade was closed: at most 8 hours, 40 to 60 hours, or anything else."""

    NIGHT = "night"
    WEEKEND = "weekend"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """The re-open after a break in which news came; times in UTC.

    By schedule, trade closes at `closes_at` and opens again at `reopens_at`. The last bar with a trade before
    the news ended at `begins_at`, None if there is none. The window ends at `ends_at`, `minutes` (5 or 60)
    after the re-open. `test` is 1 or 2, None for a study without a test. `usual` is the usual gap of its kind
    as a log fraction, None if it is not known. The session settles at `settles_at`.
    """

    kind: BreakKind
    minutes: int
    closes_at: datetime
    reopens_at: datetime
    begins_at: datetime | None
    ends_at: datetime
    news_at: datetime
    test: int | None
    settles_at: datetime
    usual: float | None = None
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The factor `k` by which an adaptive model widens its forecasts; its memory starts at `since`.

    If each tail has its own factor, `k_up` and `k_down`, then `k` is their root mean square. `calendar` is
    the factor of the variance for the calendar days since the session before.
    """

    k: float
    since: date
    k_up: float | None = None
    k_down: float | None = None
    calendar: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """The p of three tests of `n` residuals, each None if it is not defined; never NaN.

    `arch_lm_p`: squares do not depend on those of the 5 sessions before (Engle 1982); small: volatility comes
    in clusters. `ljung_box_p`: no correlation with the 10 sessions before (Ljung, Box 1978). `jarque_bera_p`:
    skewness and kurtosis of a normal distribution (Jarque, Bera 1980); small on daily Brent: fat tails.
    """

    n: int
    arch_lm_p: float | None
    ljung_box_p: float | None
    jarque_bera_p: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """The p of another model for the same window, None if that model refuses."""

    model: str
    p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How often the model was wrong in a run over every session of a series.

    `size_05` and `size_01` are the shares of p at or below 0.05 and 0.01, with standard errors `error_05` and
    `error_01`. `fifths_05` is the first share by fifths of EWMA(0.94) volatility relative to that of 120
    sessions, calmest first. `vintage` says in words which copy of the prices was measured, if copies of
    vendors differ; `prices_sha256` is its checksum. A field is None if the record does not have it.
    """

    series: str
    model: str
    n: int
    first: date
    last: date
    size_05: float
    size_01: float
    fifths_05: tuple[float, ...]
    made_on: date
    error_05: float | None = None
    error_01: float | None = None
    vintage: str | None = None
    prices_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyBase:
    """The fields of every study; revisions of one id count from 1.

    `known_at` (UTC) is when the newest part of it was known. Two studies that differ only in `known_at` and
    `revision` are the same news. `rules` is the number of the rules that decided it, `model_version` the
    edition of the model. `unlisted` counts the events that are not listed, `singles` the single reports,
    listed or not. `exposure` is the highest exposure of the other events, None if unknown or without such an
    event. `move` is what the price did, even if it was not tested; None if that is not known.
    """

    study_id: str
    revision: int
    known_at: datetime
    instrument: str
    series: str
    session: date
    model: str
    model_version: int = 1
    events: tuple[EventRef, ...]
    events_total: int
    unlisted: tuple[Unlisted, ...] = ()
    singles: int = 0
    exposure: float | None
    move: Move | None
    flags: tuple[str, ...]
    confounders: tuple[Confounder, ...]
    rules: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStudy(StudyBase):
    """The study of (instrument, session, window, model) on settlement prices.

    `beside` has the p of the other models, and is set for the headline model; `scale` is set for adaptive
    models. `diagnostics` are tests of the residuals from which the normal return was estimated. `after` is
    the window [1, k]. `overlaps` are the sessions of other events whose windows overlap this one.
    `analogues` are past events like the leading one. `stories` are those that had an event in the session, as
    of its decision, most relevant first. Only the session test has either.
    """

    window: Window
    result: Result
    beside: tuple[Beside, ...] = ()
    scale: Scale | None = None
    diagnostics: Diagnostics | None = None
    after: Found | None
    overlaps: tuple[date, ...]
    calibration: Calibration | None
    analogues: Analogues | None = None
    stories: tuple[StoryEvidence, ...] = ()
    test: ClassVar[str] = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionalStudy(StudyBase):
    """The session test on the last bar before the settlement; the study of the settlement revises it.

    The bar ended at `bar_ends_at` (UTC). The test shrinks its move towards zero by `allowance`, a log
    fraction. `analogues` are as in a `SessionStudy`.
    """

    bar_ends_at: datetime
    allowance: float
    result: Result
    calibration: Calibration | None
    analogues: Analogues | None = None
    test: ClassVar[str] = "provisional"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStudy(StudyBase):
    """The study of a window of bars within a session."""

    within: Within
    result: MoveResult
    test: ClassVar[str] = "within"

    @property
    def minutes(self) -> int:
        """How long the window lasts."""
        return self.within.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenStudy(StudyBase):
    """The study of a re-open: from the last trade before the news to a bar after the break."""

    reopen: Reopen
    result: MoveResult
    test: ClassVar[str] = "re-open"

    @property
    def minutes(self) -> int:
        """How long after the re-open its window ends."""
        return self.reopen.minutes


Study = SessionStudy | ProvisionalStudy | WindowStudy | ReopenStudy


def is_same_news(study: Study, other: Study | None) -> bool:
    """True if only revision, time or rules differ from `other`; see `round_event_count`."""
    return (
        other is not None
        and study.events == other.events  # first, because it is cheap and mostly all that differs
        and round_event_count(study.events_total) == round_event_count(other.events_total)
        and study
        == replace(
            other,
            revision=study.revision,
            known_at=study.known_at,
            events_total=study.events_total,
            unlisted=study.unlisted,
            singles=study.singles,
            rules=study.rules,
        )
    )
