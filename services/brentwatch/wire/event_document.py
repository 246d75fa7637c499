"""The unrest event of `schemas/unrest_event.v1.schema.json` as Structs, and the bounds of its times.

An event is known shortly before it is written, and rarely happens long after. A time of 2098 would otherwise
move a series, a feed or a session beyond all later records, and this could not be undone. The clock is that
of the reader, or the append time of the broker.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from brentwatch.core.domain import EPOCH, EventClass, Precision, Status, Verification, derive_future_allowance
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

# `$` also matches before a line feed at the very end; the look-ahead closes that gap, in ECMAScript too.
EventId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9:._-]{1,128}$(?!\n)")]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
WebAddress = Annotated[str, Meta(pattern=r"^https?://\S+$(?!\n)", max_length=2048)]
Time = Annotated[datetime, Meta(tz=True)]
LARGEST = 2**53 - 1
"""The largest integer that every JSON reader can represent: a larger one is a mistake."""

Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class LocationPrecision(StrEnum):
    """How exactly the place is known."""

    EXACT = "exact"
    CITY = "city"
    ADMIN1 = "admin1"
    COUNTRY = "country"
    UNKNOWN = "unknown"


class Occurred(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When it happened, and how exactly that is known."""

    start: Time
    end: Time | None = None
    precision: Precision


class Location(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Location in degrees (WGS 84); `lat` and `lon` are both given or neither."""

    place: Name | None = None
    admin1: Name | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    precision: LocationPrecision = LocationPrecision.UNKNOWN

    @property
    def town(self) -> tuple[float, float] | None:
        """Degrees north and east of a town or better; None if only a province is known."""
        is_town = self.precision in (LocationPrecision.EXACT, LocationPrecision.CITY)
        return None if self.lat is None or self.lon is None or not is_town else (self.lat, self.lon)


class Taxon(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The code in the source's own scheme, verbatim: it keeps its leading zeros."""

    scheme: Name
    code: Name
    label: Name | None = None


class Fatalities(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Deaths reported. If nothing is known the event has null here, which is not 0."""

    low: Count | None = None
    best: Count
    high: Count | None = None


class Intensity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How large it was."""

    goldstein: Annotated[float, Meta(ge=-10, le=10)] | None = None
    participants: Count | None = None


class Attention(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much was written about it; `growth` is mentions now over mentions in the revision before.

    `headlines` counts different headlines of different papers within two hours.
    """

    mentions: Count | None = None
    sources: Count | None = None
    articles: Count | None = None
    tone: float | None = None
    growth: Annotated[float, Meta(ge=0)] | None = None
    headlines: Count | None = None


class Reliability(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How well it is verified, and by whom."""

    verification: Verification
    confidence: Share | None = None


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it can be read."""

    url: WebAddress
    publisher: Name | None = None


class Provenance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The feed that it came from, and its terms."""

    feed: Name
    licence: Name | None = None
    attribution: Annotated[str, Meta(max_length=500)] | None = None


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`ce_id` and `ce_source` of the envelope in which the event came."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=2048)]


class UnrestEventDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of one event with everything its source said; (event_id, revision) is its key."""

    event_id: EventId
    revision: Count
    status: Status
    occurred: Occurred
    known_at: Time
    ingested_at: Time | None = None
    country: CountryCode
    extra_countries: tuple[CountryCode, ...] = ()
    location: Location | None = None
    event_class: EventClass
    scheduled: bool = False
    violent: bool | None = None
    taxonomy: tuple[Taxon, ...] = ()
    actors: tuple[Name, ...] = ()
    fatalities: Fatalities | None = None
    intensity: Intensity | None = None
    attention: Attention | None = None
    reliability: Reliability | None = None
    summary: Annotated[str, Meta(max_length=500)] = ""
    sources: tuple[Source, ...] = ()
    provenance: Provenance | None = None
    cloudevent: CloudEvent | None = None
    story_id: EventId | None = None
    reports: Count | None = None
    novelty: Share | None = None


LONGEST_AHEAD = timedelta(minutes=10)
"""The allowed difference of clocks."""

_LONGEST_AHEAD_MS = LONGEST_AHEAD.total_seconds() * 1000.0
_REMEDY = "correct the time, or synchronise the sender's clock by NTP"


def check_event(
    document: UnrestEventDocument, written_at: float, longest_ahead: timedelta = timedelta.max
) -> None:
    """Refuse an event that is known long after it was written, or occurs longer than `longest_ahead` after.

    A scheduled event may occur at any time.

    Raises:
        InvalidMessage: if `known_at` is more than ten minutes later; of a bare date, one day more.
    """
    start = document.occurred.start
    if not is_ahead(document.known_at, written_at) and not is_ahead(start, written_at):
        return
    allowance = derive_future_allowance(document.occurred.precision, start, document.known_at)
    refuse_ahead("known_at", document.known_at, written_at, LONGEST_AHEAD + allowance)
    if not document.scheduled:
        refuse_ahead("occurred.start", start, written_at, longest_ahead)


def is_ahead(time: datetime, written_at: float) -> bool:
    """True if `time` is more than ten minutes after `written_at`, in milliseconds since 1970."""
    return 1000.0 * time.timestamp() > written_at + _LONGEST_AHEAD_MS


def refuse_ahead(name: str, time: datetime, written_at: float, longest: timedelta) -> None:
    """Refuse the field `name` if its `time` lies more than `longest` after the record was written.

    Raises:
        InvalidMessage: then.
    """
    written = EPOCH + timedelta(milliseconds=written_at)
    if time - written > longest:
        raise InvalidMessage(
            DeadLetterReason.FUTURE,
            f"{name} is {time.isoformat()}, and the record was written at {written:%Y-%m-%dT%H:%M:%SZ}; "
            f"expected at most {_format_duration(longest)} later; {_REMEDY}",
        )


def _format_duration(span: timedelta) -> str:
    days, minutes = span.days, span.seconds // 60
    parts = [f"{days} day{'s' * (days > 1)}"] * (days > 0) + [f"{minutes} minutes"] * (minutes > 0)
    return " and ".join(parts) or "nothing"
