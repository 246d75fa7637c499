"""The records of `schemas/timeline.v1.schema.json` as Structs, told apart by `kind`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from brentwatch.core.domain import Standing
from brentwatch.wire.event_document import CountryCode, Name, Share, Time, UnrestEventDocument

Barrels = Annotated[float, Meta(ge=0)]
DEAREST, NEAREST = 1_000_000.0, 0.000_001
"""The largest price in USD/bbl, and the smallest distance from zero of any other price than zero."""

Price = Annotated[float, Meta(ge=-DEAREST, le=DEAREST)]
Interval = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,2}[mhd]$(?!\n)")]


class ExposureRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Oil at risk, in thousand barrels a day (kb/d)."""

    country: CountryCode
    production_kbd: Barrels
    transit_kbd: Barrels
    transit_name: Name | None = None
    period: Annotated[str, Meta(max_length=200)] = ""


class BarRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finished bar; `close` and `open` in USD/bbl, `opens_at` if the bar is intraday.

    `contract` is None if the source does not name the contract that was traded.
    """

    session: date
    closes_at: Time
    close: Price
    interval: Interval
    opens_at: Time | None = None
    open: Price | None = None
    volume: Barrels | None = None
    quality: tuple[Name, ...] = ()
    contract: Name | None = None


class EventAdmittedRecord(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="event_admitted"
):
    """An event that passed the screen; `exposure` is None if the table has none of its countries.

    An older screen gives no `nearness` to oil, which is then 0; `relevance` and `standing` are None.
    """

    event: UnrestEventDocument
    exposure: ExposureRecord | None
    nearness: Share = 0.0
    relevance: Share | None = None
    standing: Standing | None = None


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
    """A record without effect."""

    canary_id: Name
    known_at: Time


TimelineRecord = EventAdmittedRecord | PriceUpdateRecord | CanaryRecord
KINDS: dict[str, type[Struct]] = {
    "event_admitted": EventAdmittedRecord,
    "price_update": PriceUpdateRecord,
    "canary": CanaryRecord,
}
