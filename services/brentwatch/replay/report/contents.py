"""What the report of a replay says, as typed figures; the page, report.json and the CSV files read these.

Moves are log fractions, prices USD/bbl, times UTC and aware. Texts from events are as they came: clean and
escape them where they are written. No figure is NaN or infinite: what does not exist is None or left out.

Some parts are about the whole replay, so they change when later sessions are added: the verdict, the counts,
`mean_car`, `average_tests`, `p_values`, `largest_with_event`, `largest_without_event`, `missed`,
`cross_section` and the identity. A part of one event, alert, session or month only grows, by the sessions
after it that its window still lacked, or is revised, if a late event or a price revision arrives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain import (
    Analogues,
    Confounder,
    Direction,
    EventClass,
    EventOutcome,
    Severity,
    Stage,
    StoryEvidence,
    Verification,
    Window,
)
from brentwatch.core.impact.impacts import MoveVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """A file that was read, with its SHA-256 in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """What the run was made of; two runs with the same identity give the same bytes.

    `files` are those of a history, none for a replay of the timeline, and then the bundled ones that decide
    results. `signals_sha256` is the checksum of the `signals` that were replayed, in their order, and
    `settings_sha256` that of the instrument as it was set: series, calendar, alert level and the rest.
    `since` and `until` are the ends of the shown period, as far as they were given.
    """

    title: str
    source: str
    licence: str
    files: tuple[FileDigest, ...]
    signals: int
    signals_sha256: str
    settings_sha256: str
    instrument: str
    instrument_title: str
    series: str
    model: str
    model_version: int
    rules: int
    version: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedShare:
    """`count` of `total`, with the exact 95 % interval of the share (Clopper and Pearson 1934), 0 to 1."""

    count: int
    total: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerdict:
    """The verdict on the whole.

    `headline` is one sentence, `lines` are the sentences of `brentwatch replay`. `sessions` were tested in
    the replay, `abnormal` of them at or below `level`, `expected` of them by chance, `after_event` of the
    abnormal ones after a known event. `heads_ups` counts heads-ups, `heads_ups_followed` those of the settled
    ones that an abnormal move followed; None without any.
    """

    headline: str
    lines: tuple[str, ...]
    sessions: int
    abnormal: int
    after_event: int
    level: float
    expected: float
    heads_ups: int
    heads_ups_followed: CountedShare | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """The first and the last session of the prices, and of the sessions that the replay tested.

    All four are None if there are no such sessions.
    """

    first_price: date | None
    last_price: date | None
    first_tested: date | None
    last_tested: date | None


class SessionOrigin(StrEnum):
    """Where a test comes from.

    `REPLAY`: a study of the replay. `WALK`: a session that the replay used for estimation only, tested in the
    same way afterwards, with the forecast from the sessions before it.
    """

    REPLAY = "replay"
    WALK = "walk"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedSession:
    """One session and its test, by settlement prices.

    `move` is the log return since `previous_session`. `expected` is its expected value, `low` to `high` its
    normal range (95 %). `z` is (move - expected) / standard error, `p` two-sided. `detectable` is the move
    that is found four times in five at the alert level. `events` are the ids of its events, at most 20 of
    the `events_total`; an event of which only the day is known is on both its sessions.
    """

    __test__ = False  # pytest takes any class of this name for tests

    session: date
    previous_session: date
    close: float
    previous_close: float
    move: float
    expected: float
    low: float
    high: float
    z: float
    p: float
    detectable: float
    verdict: MoveVerdict
    origin: SessionOrigin
    events: tuple[str, ...]
    events_total: int
    flags: tuple[str, ...]
    confounders: tuple[Confounder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UntestedSession:
    """A session without a test: `outcome` is refused, missing (no price came) or pending, `reason` why.

    `move` is the log return, None if there is none.
    """

    session: date
    outcome: str
    reason: str
    move: float | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFigures:
    """The test of a further window of settlement prices, such as [0, 5], which opens no alert.

    `total` is the summed return, `car` its abnormal part with its 95 % range `low` to `high`. `observed` of
    `planned` sessions have settled.
    """

    window: Window
    observed: int
    planned: int
    total: float
    car: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPoint:
    """One settlement around an event: `tau` 0 is its first session; `move` is the log return since tau -1."""

    tau: int
    session: date
    close: float
    move: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSession:
    """A session of an event; an event of which only the day is known has two, the second `carried`.

    `test` is its result. `windows` are the further windows of its study, and `after` is [1, k]: what came
    after the first session. `analogues` are past events like this one, as far as they were known at that
    time, and `past_events` the same in words. Only the leading event of a session has them, on its first one.
    `stories` are those of the session in the country of the event, after it was decided, `story_words` the
    same in words.
    """

    session: date
    carried: bool
    test: TestedSession | UntestedSession
    windows: tuple[WindowFigures, ...]
    after: WindowFigures | None
    analogues: Analogues | None = None
    past_events: tuple[str, ...] = ()
    stories: tuple[StoryEvidence, ...] = ()
    story_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFigures:
    """One event with its sessions, its price path from tau -10 to +10 as far as known, and its alert.

    `label` is a short name: the place and the class. `outcome` is how the monitor took it. `by_day`: only the
    day is known. `exposure` is 0 to 1, None if unknown; `production_kbd` and `transit_kbd` are the barrels at
    risk in thousands a day. `reason` says why there is no session, empty if there is one.
    """

    event_id: str
    revision: int
    label: str
    known_at: datetime
    by_day: bool
    outcome: EventOutcome
    detail: str
    country: str
    country_name: str
    place: str | None
    event_class: EventClass
    summary: str
    verification: Verification | None
    source: str | None
    exposure: float | None
    production_kbd: float | None
    transit_kbd: float | None
    sessions: tuple[EventSession, ...]
    path: tuple[PathPoint, ...]
    overlaps: tuple[date, ...]
    confounders: tuple[Confounder, ...]
    alert_id: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAnswer:
    """The first answer of a stage of an alert.

    It came at `at`, `lead_hours` after the first news of its session (None without an event). `share` is the
    part of the session's move that had happened by then, None if that is not known.
    """

    stage: Stage
    at: datetime
    lead_hours: float | None
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAfter:
    """What was left of the move: from the price at the alert to the close `sessions` sessions after its own.

    `move` is the log return, `directed` the same with the sign of the alert: above zero it went on.
    """

    sessions: int
    session: date
    move: float
    directed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFigures:
    """An alert with an abnormal test, in its last form.

    `words` is the line of the lock screen. `opened_at` is when its first abnormal test was published, by
    `opening_stage`, and `price_at_alert` the price of that test. `move` is that of the test in its first
    line, with the normal range `low` to `high`, `p` and `level`. `estimate` is the effect given that it
    alerted, None without one. `after` is the test of [1, k].
    """

    alert_id: str
    session: date
    words: str
    title: str
    severity: Severity
    direction: Direction
    stage: Stage
    revisions: int
    opening_stage: Stage
    opened_at: datetime
    price_at_alert: float
    move: float
    low: float
    high: float
    p: float
    level: float
    estimate: float | None
    estimate_low: float | None
    estimate_high: float | None
    events: tuple[str, ...]
    events_total: int
    exposure: float | None
    answers: tuple[StageAnswer, ...]
    left: tuple[LeftAfter, ...]
    after: WindowFigures | None
    confounders: tuple[Confounder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCount:
    """How many records of a `kind` (event, price or session) had the outcome `reason`.

    `taken` is true if the record was used as it came.
    """

    kind: str
    reason: str
    count: int
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """One record that was not used as it came: what it is, when (a time or a session), and why."""

    kind: str
    reason: str
    name: str
    when: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """Every outcome, counted, and each record that was not used as it came.

    `rows` lists at most 200 of a (kind, reason); `unlisted` counts the rest by kind and reason. `notes` are
    those of the history or the timeline.
    """

    counts: tuple[QualityCount, ...]
    rows: tuple[QualityRow, ...]
    unlisted: tuple[QualityCount, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A session with an event or a confounder; the weekly reports of the United States are left out."""

    session: date
    events: tuple[str, ...]
    confounders: tuple[Confounder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarPoint:
    """The mean abnormal return at `tau`, its sum through `tau`, and the placebo band (2.5 to 97.5 %) there.

    The band is None if there are too few placebo sets.
    """

    tau: int
    aar: float
    caar: float
    band_low: float | None
    band_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanCar:
    """The mean CAR over event time -5 to +10: each of `sessions` sessions with events once.

    `events` counts the events that have a session. `placebos` is the number of placebo sets, `method` says
    how they are made. `refused` are the sessions that cannot be studied, and why; `points` is empty if that
    holds for all of them.
    """

    model: str
    sessions: int
    events: int
    placebos: int
    method: str
    points: tuple[CarPoint, ...]
    refused: tuple[UntestedSession, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageTest:
    """One test of the average over sessions with events; `valid` is false if it does not hold here.

    `quantity` is AAR or CAAR, `window` the sessions it is over. `degrees_of_freedom` is None for the normal
    distribution. A test without an answer has neither statistic nor p, and says why in `note`.
    """

    test: str
    title: str
    quantity: str
    window: Window
    null: str
    statistic: float | None
    p: float | None
    degrees_of_freedom: float | None
    n: int
    valid: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniformity:
    """A test that p-values are uniform."""

    name: str
    null: str
    statistic: float
    degrees_of_freedom: float | None
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PValueHistogram:
    """The p-values of a `group` of `n` sessions in bins of equal width on [0, 1], the last one closed.

    `expected` is the count of each bin if they are uniform. `tests` is empty below 100 sessions.
    """

    group: str
    n: int
    counts: tuple[int, ...]
    expected: float
    tests: tuple[Uniformity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCell:
    """One month: how many sessions were tested, the largest |z| and its session, and how many were abnormal.

    `z` keeps its sign.
    """

    year: int
    month: int
    sessions: int
    z: float
    session: date
    alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedMove:
    """A session with its `rank` by |z| among all `of` tested sessions, 1 for the largest."""

    rank: int
    of: int
    tested: TestedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulAlert:
    """An alert that may be false, and the `reasons` to think so, in sentences.

    `given_back` is the share of the move that was gone five sessions later, above 1 if it went beyond; None
    if fewer sessions are known.
    """

    alert_id: str
    session: date
    words: str
    move: float
    p: float
    given_back: float | None
    reasons: tuple[str, ...]
    confounders: tuple[Confounder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedMove:
    """A large move without an alert, and the `reason` in a sentence."""

    tested: TestedSession
    exposure: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Everything that the report of a replay says.

    `sessions` are all sessions of the prices with a test, oldest first: also those that the replay used for
    estimation only (`SessionOrigin`). `prices` are the closes by session. With `is_rebased`, price levels may
    not be shown: every price is divided so that the first is 100. `events` are the most relevant 500 of
    `events_total`, in the order in which they were known. `stories` are those that were followed, each as it
    was last published, the strongest evidence first; `story_words` tells the first ten. `doubtful_total` and
    `missed_total` count all, `doubtful` and `missed` list the worst.
    """

    identity: RunIdentity
    verdict: ReportVerdict
    period: ReportPeriod
    is_rebased: bool
    alerts: tuple[AlertFigures, ...]
    quality: DataQuality
    calendar: tuple[CalendarDay, ...]
    events: tuple[EventFigures, ...]
    events_total: int
    sessions: tuple[TestedSession, ...]
    untested: tuple[UntestedSession, ...]
    prices: tuple[tuple[date, float], ...]
    mean_car: MeanCar | None
    average_tests: tuple[AverageTest, ...]
    p_values: tuple[PValueHistogram, ...]
    months: tuple[MonthCell, ...]
    largest_with_event: tuple[RankedMove, ...]
    largest_without_event: tuple[RankedMove, ...]
    doubtful: tuple[DoubtfulAlert, ...]
    doubtful_total: int
    doubtful_rule: str
    missed: tuple[MissedMove, ...]
    missed_total: int
    missed_rule: str
    stories: tuple[StoryEvidence, ...] = ()
    story_words: tuple[str, ...] = ()
    cross_section: tuple[str, ...] = ()
    method: tuple[str, ...] = field(default=())
    limits: tuple[str, ...] = field(default=())
