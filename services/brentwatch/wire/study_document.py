"""The study of `schemas/study.v1.schema.json` as Structs, with what an alert shares of it."""

import sys
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from brentwatch.core.domain.confounders import ConfounderKind
from brentwatch.core.domain.events import EventClass, Verification
from brentwatch.core.domain.study import COUNTED_GROUPS, LISTED_EVENTS
from brentwatch.wire.event_document import LARGEST, Count, CountryCode, EventId, Name, Share, Time

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Revision = Annotated[int, Meta(ge=1, le=LARGEST)]
Text = Annotated[str, Meta(max_length=1000)]
Address = Annotated[str, Meta(max_length=2048)]
# The limits refuse NaN and the infinities, which JSON cannot tell: they would be written as null.
Number = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
Barrels = Annotated[float, Meta(ge=0, le=sys.float_info.max)]


class WindowRecord(Struct, frozen=True, kw_only=True):
    """The sessions from tau `start` to tau `end`, both inclusive."""

    start: int
    end: int


class FoundRecord(Struct, frozen=True, kw_only=True, tag_field="status", tag="found"):
    """A test and its estimate, all returns as log fractions."""

    window: WindowRecord
    observed: Count
    planned: Count
    null: Annotated[str, Meta(min_length=1, max_length=1000)]
    total: Number
    expected: Number
    car: Number
    standard_error: Number
    low: Number
    high: Number
    statistic: Number
    degrees_of_freedom: Number | None
    p: Share
    mde_05: Number
    mde_alert: Number


class PendingRecord(Struct, frozen=True, kw_only=True, tag_field="status", tag="pending"):
    """The session has not settled."""

    settles_at: Time


class RefusedRecord(Struct, frozen=True, kw_only=True, tag_field="status", tag="refused"):
    """No answer exists."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class EventRefRecord(Struct, frozen=True, kw_only=True):
    """An event as a study or an alert lists it."""

    event_id: EventId
    revision: Count
    known_at: Time
    country: CountryCode
    place: Name | None
    event_class: EventClass
    summary: Annotated[str, Meta(max_length=500)]
    verification: Verification | None
    source: Address | None
    exposure: Share | None
    exposure_country: CountryCode | None
    production_kbd: Barrels | None
    transit_kbd: Barrels | None
    late: bool
    by_day: bool
    carried: bool


class MoveRecord(Struct, frozen=True, kw_only=True):
    """What the price did in the session itself; closes in USD/bbl."""

    session: date
    close: Number
    previous_session: date
    previous_close: Number
    log_return: Number | None
    quality: tuple[Name, ...]


class ConfounderRecord(Struct, frozen=True, kw_only=True):
    """What else could have moved the price."""

    session: date
    kind: ConfounderKind
    text: Text
    source: Address


class BesideRecord(Struct, frozen=True, kw_only=True):
    """What another model says of the same window; p is None where it refuses."""

    model: Name
    p: Share | None


class ScaleRecord(Struct, frozen=True, kw_only=True):
    """The factor by which an adaptive model widens its forecasts, and the session its memory starts at."""

    k: Annotated[float, Meta(gt=0, le=sys.float_info.max)]
    since: date


class DiagnosticsRecord(Struct, frozen=True, kw_only=True):
    """How the residuals behave that the normal return was estimated from; a p that does not exist is None."""

    n: Count
    arch_lm_p: Share | None
    ljung_box_p: Share | None
    jarque_bera_p: Share | None


Vintage = Annotated[str, Meta(min_length=1, max_length=500)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class CalibrationRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often the model was wrong when nothing but noise was asked.

    The last four are left out where the record does not tell them, as documents of older versions do.
    """

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
    vintage: Vintage | None = None
    prices_sha256: Sha256 | None = None


class WindowSizesRecord(Struct, frozen=True, kw_only=True):
    """How often the test of one window was wrong on own bars, with standard errors."""

    minutes: Annotated[int, Meta(ge=5)]
    size_01: Share
    error_01: Share
    size_001: Share
    error_001: Share


class OwnCalibrationRecord(Struct, frozen=True, kw_only=True):
    """How often the test within the session was wrong on the user's own bars."""

    series: Name
    sessions: Count
    first: date
    last: date
    made_on: date
    sizes: tuple[WindowSizesRecord, ...]


class AnsweredRecord(Struct, frozen=True, kw_only=True):
    """What a window within a session was answered from; moves as log fractions."""

    data_through: Time
    answered_at: Time
    before_minutes: Count | None
    before: Number | None
    gap: Number | None
    sessions: Count
    quiet: Count
    own_calibration: OwnCalibrationRecord | None


class WithinRecord(Struct, frozen=True, kw_only=True):
    """A window of bars of five minutes within a session."""

    minutes: Annotated[int, Meta(ge=5)]
    begins_at: Time
    ends_at: Time
    news_at: Time
    test: Annotated[int, Meta(ge=1, le=2)] | None
    settles_at: Time
    session_alert_id: Id
    answered: AnsweredRecord | None


class UnlistedRecord(Struct, frozen=True, kw_only=True):
    """How many events of one feed and class are not listed."""

    feed: Annotated[str, Meta(max_length=200)]
    event_class: EventClass
    count: Annotated[int, Meta(ge=1, le=LARGEST)]


Events = Annotated[tuple[EventRefRecord, ...], Meta(max_length=LISTED_EVENTS)]


Counts = Annotated[tuple[UnlistedRecord, ...], Meta(max_length=COUNTED_GROUPS)]


class StudyDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of one study; (study_id, revision) is its key. None is null, and never left out.

    `unlisted` is left out where all events are listed, `rules` where it is 1; older versions knew neither.
    """

    study_id: Id
    revision: Revision
    known_at: Time
    instrument: Name
    series: Name
    session: date
    window: WindowRecord
    model: Name
    events: Events
    events_total: Count
    exposure: Share | None
    result: FoundRecord | PendingRecord | RefusedRecord
    beside: tuple[BesideRecord, ...]
    scale: ScaleRecord | None
    survives_addis: bool | None
    diagnostics: DiagnosticsRecord | None
    after: FoundRecord | None
    move: MoveRecord | None
    flags: tuple[Name, ...]
    confounders: tuple[ConfounderRecord, ...]
    overlaps: tuple[date, ...]
    calibration: CalibrationRecord | None
    within: WithinRecord | None
    unlisted: Counts = ()
    rules: Revision = 1
