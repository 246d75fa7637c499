"""The records of `schemas/timeline.v1.schema.json` as Structs, told apart by `kind`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from brentwatch.wire.event_document import CountryCode, Name, Share, Time, UnrestEventDocument

Barrels = Annotated[float, Meta(ge=0)]
DEAREST, NEAREST = 1_000_000.0, 0.000_001
"""A price in USD/bbl is at most so large, and zero or at least so far from it: beyond stands a mistake."""

Price = Annotated[float, Meta(ge=-DEAREST, le=DEAREST)]
Interval = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,2}[mhd]$(?!\n)")]


class ExposureRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Barrels at risk, in thousand barrels a day (kb/d)."""

    country: CountryCode
    production_kbd: Barrels
    transit_kbd: Barrels
    transit_name: Name | None = None
    period: Annotated[str, Meta(max_length=200)] = ""


class BarRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finished bar; `close` and `open` in USD/bbl, `opens_at` where the bar is intraday."""

    session: date
    closes_at: Time
    close: Price
    interval: Interval
    opens_at: Time | None = None
    open: Price | None = None
    volume: Barrels | None = None
    quality: tuple[Name, ...] = ()


class EventAdmittedRecord(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="event_admitted"
):
    """An event that passed the screen; `exposure` is None where the table knows none of its countries.

    `nearness` to oil is 0 where it is not given, as by an older screen.
    """

    event: UnrestEventDocument
    exposure: ExposureRecord | None
    nearness: Share = 0.0


class PriceUpdateRecord(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="price_update"
):
    """Bars of `series`, and how far the series is now complete."""

    series: Name
    bars: tuple[BarRecord, ...]
    complete_through: Time
    known_at: Time
    warmup: bool
    fetched_at: Time | None = None
    provider: Name | None = None


class CanaryRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="canary"):
    """A record that asks for nothing."""

    canary_id: Name
    known_at: Time


TimelineRecord = EventAdmittedRecord | PriceUpdateRecord | CanaryRecord
KINDS: dict[str, type[Struct]] = {
    "event_admitted": EventAdmittedRecord,
    "price_update": PriceUpdateRecord,
    "canary": CanaryRecord,
}
