"""Simulated events and prices: as large as real ones, seeded, the same in every run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from brentwatch.core.domain import BRENT_SPOT, Bar, PriceUpdate
from brentwatch.history.bundled import load_exposure
from brentwatch.wire.timeline import encode_record, encode_signal
from brentwatch.wire.timeline_record import EventAdmittedRecord, ExposureRecord
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from brentwatch.wire.event_document import UnrestEventDocument

FEED = "bench"
COUNTRIES = ("KAZ", "KWT", "IRQ", "IRN", "NGA", "LBY", "VEN", "AGO", "DZA", "EGY", "YEM", "AZE")
CALM, SHOCK = 0.01, 0.6


def event(number: int, known_at: datetime) -> UnrestEventDocument:
    """One event of about 600 bytes; each number is another event."""
    document = {
        "event_id": f"{FEED}:{number:09d}",
        "revision": 0,
        "status": "new",
        "occurred": {"start": "2003-01-02T00:45:00Z", "precision": "minute"},
        "known_at": "2003-01-02T00:45:00Z",
        "country": COUNTRIES[number % len(COUNTRIES)],
        "location": {"place": "Zhanaozen", "lat": 43.34, "lon": 52.86, "precision": "city"},
        "event_class": "protest",
        "fatalities": {"best": 0},
        "summary": "Workers of the field stop the pumps and block the road to the refinery; " * 2,
        "sources": [{"url": "https://example.org/news/2022/01/02/workers-stop-the-pumps"}],
        "provenance": {"feed": FEED, "licence": "CC-BY-4.0", "attribution": "a feed that is made up"},
    }
    read = decode_event(json.dumps(document).encode())
    occurred = msgspec.structs.replace(read.occurred, start=known_at)
    return msgspec.structs.replace(read, occurred=occurred, known_at=known_at)


@dataclass(slots=True)
class Events:
    """Events one after the other, as a feed sends them (`sent`) or as the screen admits them (`admitted`)."""

    number: int = 0
    _made: dict[str, UnrestEventDocument] = field(default_factory=dict)
    _exposures: dict[str, ExposureRecord] = field(
        default_factory=lambda: {
            country: ExposureRecord(
                country=country, production_kbd=each.production_kbd, transit_kbd=each.transit_kbd
            )
            for country, each in load_exposure().items()
        }
    )

    def next(self, known_at: datetime) -> UnrestEventDocument:
        """The next event."""
        self.number += 1
        country = COUNTRIES[self.number % len(COUNTRIES)]
        made = self._made.setdefault(country, event(self.number, known_at))
        return msgspec.structs.replace(
            made,
            event_id=self.newest,
            known_at=known_at,
            occurred=msgspec.structs.replace(made.occurred, start=known_at),
        )

    @property
    def newest(self) -> str:
        """The id of the newest event."""
        return f"{FEED}:{self.number:09d}"

    def sent(self, known_at: datetime) -> tuple[bytes, bytes]:
        """Key and value of the next event on its way to the screen."""
        document = self.next(known_at)
        return document.country.encode(), encode_event(document)

    def admitted(self, known_at: datetime) -> tuple[bytes, bytes]:
        """Key and value of the next event on the timeline."""
        document = self.next(known_at)
        record = EventAdmittedRecord(event=document, exposure=self._exposures[document.country])
        return document.event_id.encode(), encode_record(record)


class Prices:
    """A price with small moves, session after session, and a jump on request.

    Raises:
        ValueError: at a session after today, since services refuse what is known in the future.
    """

    def __init__(self, first: date = date(2003, 1, 2)) -> None:
        self._random = np.random.default_rng(1)
        self._session = BRENT_SPOT.series.load_calendar().find_on_or_after(first)
        self._close = 60.0
        self._sign = 1.0
        self.newest = self._session
        self.settled_at = datetime(first.year, 1, 1, tzinfo=UTC)

    @property
    def between(self) -> datetime:
        """A time after the newest settlement and before the next one."""
        return self.settled_at + timedelta(minutes=1)

    def calm(self, sessions: int, *, warmup: bool = False) -> bytes:
        """The next sessions in one record."""
        return self._update([self._bar(self._random.normal(0.0, CALM)) for _ in range(sessions)], warmup)

    def shock(self) -> bytes:
        """The next session, with a large move; the moves alternate, up and down."""
        self._sign = -self._sign
        return self._update([self._bar(self._sign * SHOCK)], warmup=False)

    def _bar(self, log_return: float) -> Bar:
        self._close *= float(np.exp(log_return))
        self.newest = self._session
        self.settled_at = BRENT_SPOT.series.closes_at(self._session)
        if self.settled_at > datetime.now(UTC):
            raise ValueError(
                f"simulated prices have reached {self._session}, after today; begin them earlier"
            )
        bar = Bar(session=self._session, closes_at=self.settled_at, close=self._close)
        self._session = BRENT_SPOT.series.find_next(self._session)
        return bar

    def _update(self, bars: list[Bar], warmup: bool) -> bytes:
        return encode_signal(
            PriceUpdate(
                series=BRENT_SPOT.series.name,
                bars=tuple(bars),
                complete_through=self.settled_at,
                known_at=self.settled_at,
                warmup=warmup,
            )
        )
