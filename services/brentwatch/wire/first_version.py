"""Studies and alerts of version 1, as `schemas/study.v1.schema.json` and `schemas/alert.v1.schema.json` say.

They can always be read and are no longer written; `from_first_version` converts them to core types. These
Structs never change, even if the core does.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from brentwatch.core.domain import ConfounderKind, Direction, EventClass, Severity, Standing, Verification
from brentwatch.wire.documents import WindowDocument
from brentwatch.wire.event_document import LARGEST, Count, CountryCode, EventId, Name, Share, Time

_Id = Annotated[str, Meta(min_length=1, max_length=64)]
_Number = Annotated[int, Meta(ge=1, le=LARGEST)]
_Barrels = Annotated[float, Meta(ge=0)]
_Minutes = Annotated[int, Meta(ge=5)]


class GivenAlertV1(Struct, frozen=True, kw_only=True):
    """What a move tells of its effect, given that it alerted."""

    estimate: float
    low: float
    high: float


class FoundV1(Struct, frozen=True, kw_only=True, tag_field="status", tag="found"):
    """A test and its estimate; within a session `standard_error` is the usual absolute move."""

    window: WindowDocument
    observed: Count
    planned: Count
    null: Annotated[str, Meta(min_length=1, max_length=1000)]
    total: float
    expected: float
    car: float
    standard_error: float
    low: float
    high: float
    statistic: float
    degrees_of_freedom: float | None
    p: Share
    mde_05: float
    mde_alert: float
    given_alert: GivenAlertV1 | None = None


class PendingV1(Struct, frozen=True, kw_only=True, tag_field="status", tag="pending"):
    """The session has not settled, or the window has not ended."""

    settles_at: Time


class RefusedV1(Struct, frozen=True, kw_only=True, tag_field="status", tag="refused"):
    """No answer exists."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class EventRefV1(Struct, frozen=True, kw_only=True):
    """An event as it is listed."""

    event_id: EventId
    revision: Count
    known_at: Time
    country: CountryCode
    place: Name | None
    event_class: EventClass
    summary: Annotated[str, Meta(max_length=500)]
    verification: Verification | None
    source: Annotated[str, Meta(max_length=2048)] | None
    exposure: Share | None
    exposure_country: CountryCode | None
    production_kbd: _Barrels | None
    transit_kbd: _Barrels | None
    late: bool
    by_day: bool
    carried: bool
    standing: Standing = Standing.STATED


class UnlistedV1(Struct, frozen=True, kw_only=True):
    """How many events of one feed and class are not listed."""

    feed: Annotated[str, Meta(max_length=200)]
    event_class: EventClass
    count: _Number


class MoveV1(Struct, frozen=True, kw_only=True):
    """What the price did."""

    session: date
    close: float
    previous_session: date
    previous_close: float
    log_return: float | None
    quality: tuple[Name, ...]


class ConfounderV1(Struct, frozen=True, kw_only=True):
    """What else could have moved the price."""

    session: date
    kind: ConfounderKind
    text: Annotated[str, Meta(max_length=1000)]
    source: Annotated[str, Meta(max_length=2048)]


class WindowSizesV1(Struct, frozen=True, kw_only=True):
    """How often a window was wrong on the user's own bars."""

    minutes: _Minutes
    size_01: Share
    error_01: Share
    size_001: Share
    error_001: Share


class OwnCalibrationV1(Struct, frozen=True, kw_only=True):
    """How often the test within a session was wrong on the user's own bars."""

    series: Name
    sessions: Count
    first: date
    last: date
    made_on: date
    sizes: tuple[WindowSizesV1, ...]


class AnsweredV1(Struct, frozen=True, kw_only=True):
    """What a window within a session was answered from."""

    data_through: Time
    answered_at: Time
    before_minutes: Count | None
    before: float | None
    gap: float | None
    sessions: Count
    quiet: Count
    own_calibration: OwnCalibrationV1 | None


class WithinV1(Struct, frozen=True, kw_only=True):
    """A window within a session; `session_alert_id` is the id of the thread of that session."""

    minutes: _Minutes
    begins_at: Time
    ends_at: Time
    news_at: Time
    test: Annotated[int, Meta(ge=1, le=2)] | None
    settles_at: Time
    session_alert_id: _Id
    answered: AnsweredV1 | None


class BesideV1(Struct, frozen=True, kw_only=True):
    """What another model says of the same window."""

    model: Name
    p: Share | None


class ScaleV1(Struct, frozen=True, kw_only=True):
    """By what an adaptive model widens its forecasts."""

    k: Annotated[float, Meta(gt=0)]
    since: date
    k_up: float | None = None
    k_down: float | None = None
    calendar: float | None = None


class DiagnosticsV1(Struct, frozen=True, kw_only=True):
    """Tests of the residuals."""

    n: Count
    arch_lm_p: Share | None
    ljung_box_p: Share | None
    jarque_bera_p: Share | None


class CalibrationV1(Struct, frozen=True, kw_only=True):
    """How often the model was wrong."""

    series: Name
    model: Name
    n: Count
    first: date
    last: date
    size_05: Share
    size_01: Share
    fifths_05: tuple[Share, ...]
    made_on: date
    error_05: Share | None = None
    error_01: Share | None = None
    vintage: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    prices_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None = None


class StudyV1(Struct, frozen=True, kw_only=True):
    """A study of a session, or of a window within it where `within` is set."""

    study_id: _Id
    revision: _Number
    known_at: Time
    instrument: Name
    series: Name
    session: date
    window: WindowDocument
    model: Name
    events: Annotated[tuple[EventRefV1, ...], Meta(max_length=20)]
    events_total: Count
    exposure: Share | None
    result: FoundV1 | PendingV1 | RefusedV1
    beside: tuple[BesideV1, ...]
    scale: ScaleV1 | None
    survives_addis: bool | None
    diagnostics: DiagnosticsV1 | None
    after: FoundV1 | None
    move: MoveV1 | None
    flags: tuple[Name, ...]
    confounders: tuple[ConfounderV1, ...]
    overlaps: tuple[date, ...]
    calibration: CalibrationV1 | None
    within: WithinV1 | None
    unlisted: Annotated[tuple[UnlistedV1, ...], Meta(max_length=20)] = ()
    singles: Count = 0
    rules: _Number = 1
    model_version: _Number = 1


class AlertTextV1(Struct, frozen=True, kw_only=True):
    """The words of an alert."""

    lock_screen: Annotated[str, Meta(max_length=120, pattern=r"^[^\r\n]+$(?!\n)")]
    card: Annotated[str, Meta(max_length=1805, pattern=r"^[^\r\n]+(\n[^\r\n]+){0,5}$(?!\n)")]


class AlertV1(Struct, frozen=True, kw_only=True):
    """An alert of a session, or of a test within it where `within` is set."""

    alert_id: _Id
    revision: _Number
    cause: Literal["opened", "window", "event_joined", "event_updated", "event_withdrawn", "price_revision"]
    known_at: Time
    instrument: Name
    title: Name
    series: Name
    session: date
    settled_at: Time
    severity: Severity
    direction: Direction
    p: Share
    level: Annotated[float, Meta(gt=0, le=1)]
    below_level: bool
    model: Name
    headline: FoundV1
    beside: tuple[BesideV1, ...]
    survives_addis: bool | None
    windows: tuple[FoundV1, ...]
    move: MoveV1
    events: Annotated[tuple[EventRefV1, ...], Meta(max_length=20)]
    events_total: Count
    exposure: Share | None
    flags: tuple[Name, ...]
    confounders: tuple[ConfounderV1, ...]
    overlaps: tuple[date, ...]
    calibration: CalibrationV1 | None
    within: WithinV1 | None
    unlisted: Annotated[tuple[UnlistedV1, ...], Meta(max_length=20)] = ()
    singles: Count = 0
    rules: _Number = 1
    model_version: _Number = 1
    text: AlertTextV1 | UnsetType = UNSET
