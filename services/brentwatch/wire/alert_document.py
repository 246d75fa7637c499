"""The alert of `schemas/alert.v1.schema.json` as a Struct."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from brentwatch.core.domain.alerts import Cause, Direction, Severity
from brentwatch.wire.alert_text import AlertText
from brentwatch.wire.event_document import Count, Name, Share, Time
from brentwatch.wire.study_document import (
    BesideRecord,
    CalibrationRecord,
    ConfounderRecord,
    Counts,
    Events,
    FoundRecord,
    Id,
    MoveRecord,
    Revision,
    WithinRecord,
)


class AlertDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of one alert; (alert_id, revision) is its key. None is null, and never left out.

    `unlisted` is left out where all events are listed, and `text` in documents of older versions, which lack
    both.
    """

    alert_id: Id
    revision: Revision
    cause: Cause
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
    headline: FoundRecord
    beside: tuple[BesideRecord, ...]
    survives_addis: bool | None
    windows: tuple[FoundRecord, ...]
    move: MoveRecord
    events: Events
    events_total: Count
    exposure: Share | None
    flags: tuple[Name, ...]
    confounders: tuple[ConfounderRecord, ...]
    overlaps: tuple[date, ...]
    calibration: CalibrationRecord | None
    within: WithinRecord | None
    unlisted: Counts = ()
    text: AlertText | UnsetType = UNSET
