"""A study: one (instrument, session, window, model): what the price shows, and what it cannot."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from brentwatch.core.domain.confounders import Confounder
from brentwatch.core.domain.event_windows import Window
from brentwatch.core.domain.events import EventClass, Verification
from brentwatch.core.domain.own_calibration import OwnCalibration

LISTED_EVENTS = 20
"""A study names that many events, in the order of `listing.py`; `events_total` counts them all."""

LISTED_OF_A_GROUP = 2
"""So many of one (feed, class, country) are listed: fewer than an alert shows, so that no group fills it."""

COUNTED_GROUPS = 20
"""Events that are not listed are counted for so many pairs of feed and class, the most frequent ones."""


def round_event_count(events_total: int) -> int:
    """The number of events as far as it is news: exact up to 20, then 20, 50, 100, 200, 500, ….

    One event more that does not enter the list is no reason to publish anew: a session of thousands would be
    published thousands of times. Whatever is published for another reason tells the exact number.
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
"""Signals before the first one that was folded are missing: the same sessions may have had other results."""
SPANS_MISSING_SESSIONS = "spans_missing_sessions"


@dataclass(frozen=True, slots=True)
class Refused:
    """No answer exists; `reason` says what was, what was wanted, what to do."""

    reason: str
    status: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRef:
    """An event as a study or an alert lists it.

    `exposure` is the weight 0 to 1 of the weightiest country, None where unknown. `late` means admitted after
    the session had been decided; `by_day` that only the day is known, so that it stands with two sessions,
    `carried` that this is the second of them.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """How many events of one feed and class are not listed; `feed` is empty where the event names none."""

    feed: str
    event_class: EventClass
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the price did in the session itself.

    `close` and `previous_close` in USD/bbl, `log_return` as a fraction (None where a price is zero or
    negative), since the session `previous_session`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A test and its estimate, all returns as log fractions.

    `car` is the summed return less `expected`; `low` to `high` its 95 % range; `statistic` = car /
    standard_error; `p` two-sided, from Student t or, where `degrees_of_freedom` is None, by rank; `mde_05`
    and `mde_alert` the moves found with 80 % power at 5 % and at the alert level. `observed` of `planned`
    sessions have settled.
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
    status: ClassVar[str] = "found"

    @property
    def complete(self) -> bool:
        """True when every planned session has settled."""
        return self.observed == self.planned


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """The session has not settled; it is expected to at `settles_at` (UTC)."""

    settles_at: datetime
    status: ClassVar[str] = "pending"


Result = Found | NotYet | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a window within a session was answered from; times in UTC, moves as log fractions.

    Bars were known through `data_through`, and the answer since `answered_at`. `before` is the move of the
    `before_minutes` up to the window, which nobody tests; both None where no return exists there. `gap` is
    the move over the break where the window is the first after it, else None. The usual move is that of
    `sessions`, 0 where there was no test; `quiet` bars of the window were without trades.
    `own_calibration` is how often the test was wrong on the user's own bars, None without such a record.
    """

    data_through: datetime
    answered_at: datetime
    before_minutes: int | None
    before: float | None
    gap: float | None
    sessions: int
    quiet: int
    own_calibration: OwnCalibration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A window of bars of five minutes within a session; times in UTC.

    It lasts `minutes`, from `begins_at`, when the first bar begins that begins at or after the news of
    `news_at`, to `ends_at`. `test` is 1 or 2, None for a study without a test. The session settles at
    `settles_at`; `session_alert_id` is the id that its own alert has, or would have: one thread for both.
    """

    minutes: int
    begins_at: datetime
    ends_at: datetime
    news_at: datetime
    test: int | None
    settles_at: datetime
    session_alert_id: str
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The factor `k` by which an adaptive model widens its forecasts, and where its memory starts."""

    k: float
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """P of three tests of `n` residuals, each None where it is not defined; never NaN.

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
    """What another model says of the same window: its p, None where it refuses."""

    model: str
    p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How often the model was wrong when nothing but noise was asked: a run over every session of a series.

    `size_05` and `size_01` are the shares of p at or below .05 and .01, `fifths_05` the first by fifths of
    EWMA(.94) volatility over that of 120 sessions, calmest first. `error_05` and `error_01` are the standard
    errors of the first two. `vintage` says in words which copy of the prices was measured, where vendors'
    copies differ; `prices_sha256` is its checksum. None where the record does not tell.
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
class Study:
    """What is published for one (instrument, session, window, model); revisions of one id count from 1.

    `known_at` (UTC) is when the newest thing in it was known; apart from it and `revision`, two equal studies
    are the same news. `rules` is the number of the rules that decided it; older versions wrote none.
    `unlisted` counts the events that are not listed. `exposure` is the highest of its events, None where
    unknown or where there is no event.
    `beside` is what the other models say, told by the headline model; `scale` is told by adaptive models;
    `survives_addis` by the session test: whether its p survives online control of false discoveries at .05.
    `diagnostics` are of the residuals that the normal return was estimated from. `within` is told of a
    window within the session alone: then `window` is [0, 0], and `observed` and `planned` count bars.
    """

    study_id: str
    revision: int
    known_at: datetime
    instrument: str
    series: str
    session: date
    window: Window
    model: str
    events: tuple[EventRef, ...]
    events_total: int
    exposure: float | None
    result: Result
    beside: tuple[Beside, ...] = ()
    scale: Scale | None = None
    survives_addis: bool | None = None
    diagnostics: Diagnostics | None = None
    after: Found | None
    move: Move | None
    flags: tuple[str, ...]
    confounders: tuple[Confounder, ...]
    overlaps: tuple[date, ...]
    calibration: Calibration | None
    within: Within | None = None
    unlisted: tuple[Unlisted, ...] = ()
    rules: int = 1

    def is_same_news(self, other: "Study | None") -> bool:
        """True where `other` holds the same news but for revision, time, rules; see `round_event_count`."""
        return (
            other is not None
            and self.events == other.events  # first, because it is cheap and mostly all that differs
            and round_event_count(self.events_total) == round_event_count(other.events_total)
            and self
            == replace(
                other,
                revision=self.revision,
                known_at=self.known_at,
                events_total=self.events_total,
                unlisted=self.unlisted,
                rules=self.rules,
            )
        )
