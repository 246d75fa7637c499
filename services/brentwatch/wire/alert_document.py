"""The alert of `schemas/alert.v1.schema.json` as Structs, with the words that channels send."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from brentwatch.core.domain.alerts import Cause, Direction, Severity
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

LOCK_SCREEN_CHARACTERS = 120
CARD_LINES = 6
CARD_LINE_CHARACTERS = 300
"""Characters are Unicode code points."""

# `$` also matches before a line feed at the very end; the look-ahead closes that gap, in ECMAScript too.
_ONE_LINE = r"^[^\r\n]+$(?!\n)"
_SIX_LINES = r"^[^\r\n]+(\n[^\r\n]+){0,5}$(?!\n)"
_CARD_CHARACTERS = CARD_LINES * (CARD_LINE_CHARACTERS + 1) - 1

LockScreen = Annotated[str, Meta(max_length=LOCK_SCREEN_CHARACTERS, pattern=_ONE_LINE)]
Card = Annotated[str, Meta(max_length=_CARD_CHARACTERS, pattern=_SIX_LINES)]


class AlertText(Struct, frozen=True, kw_only=True):
    """What a channel sends: `lock_screen` is one line, `card` at most six, separated by line feeds."""

    lock_screen: LockScreen
    card: Card

    @property
    def lines(self) -> list[str]:
        """The lock screen and the lines of the card."""
        return [self.lock_screen, *self.card.split("\n")]


class AlertDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of one alert; (alert_id, revision) is its key. None is null, and never left out.

    `unlisted` is left out where all events are listed, and `rules` where it is 1. Older versions knew
    neither, nor `text`.
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
    rules: Revision = 1
    text: AlertText | UnsetType = UNSET
