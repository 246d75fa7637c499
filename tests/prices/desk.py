"""A price service on a timeline in memory, with providers that give what the test says."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry
from tests.prices.markets import MONDAY

from brentwatch.core.domain import Bar
from brentwatch.core.errors import Unavailable
from brentwatch.prices.chain import Chain
from brentwatch.prices.provider import NotNow, Terms, ignore_rejections
from brentwatch.prices.series_feed import SeriesFeed
from brentwatch.prices.service import Service, Watched
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import Partition, Record
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.web.failures import Backoff
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.timeline_record import PriceUpdateRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from brentwatch.core.domain import Series
    from brentwatch.prices.provider import Reject


class Memory:
    """A timeline in memory, for as many readers and writers as like."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.limit: int | None = None
        """How many more records are taken before the broker fails."""

    def read_on(self, number: int, reader: str) -> Iterator[Record]:
        del reader  # each time from the beginning, which must tell the same
        return iter([each for each in self.records if each.partition.number == number])

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        for value in values:
            if self.limit is not None:
                self.limit -= 1
                if self.limit < 0:
                    raise Unavailable("the broker is gone")
            place = Partition("timeline", number)
            self.records.append(Record(partition=place, offset=len(self.records), key=key, value=value))

    def updates(self, number: int = 0) -> list[PriceUpdateRecord]:
        """The price updates of a partition."""
        found = [decode_record(each.value or b"") for each in self.read_on(number, "test")]
        return [each for each in found if isinstance(each, PriceUpdateRecord)]


@dataclass
class Source:
    """A provider that gives `prices`, or raises `error`, and keeps what it was asked."""

    series: Series
    prices: dict[date, float] = field(default_factory=dict)
    error: BaseException | None = None
    asked: list[tuple[date, datetime]] = field(default_factory=list)
    doubled: bool = False

    terms = Terms("made up", "none")

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        del reject
        self.asked.append((since, now))
        if self.error is not None:
            raise self.error
        found = [
            Bar(session=day, closes_at=self.series.closes_at(day), close=price)
            for day, price in sorted(self.prices.items())
            if day >= since
        ]
        if not found:
            raise NotNow("nothing")
        return (*found, *found[-1:]) if self.doubled else tuple(found)


class Desk:
    """One service with its providers by name, made up or real; `life` begins another on the same timeline."""

    def __init__(self, series: Series, *sources: tuple[str, Any], **settings: float) -> None:
        self.series = series
        self.partitions: tuple[int, ...] = (0,)
        self.sources = sources
        self.settings = PricesSettings.model_validate({"backfill_sessions": 5} | settings)
        self.timeline = Memory()
        self.log = io.StringIO()
        self.life()

    def life(self) -> None:
        """Begin anew, with nothing in memory."""
        self.registry = CollectorRegistry()
        self.metrics, health = Metrics(self.registry, "prices"), Health(40.0)
        self.logger = make_logger(TelemetrySettings(log_format="json"), service="prices", stream=self.log)
        watched = Watched(self.series.name, self.metrics, health, self.logger)
        longest = self.settings.longest_wait_seconds
        chain = Chain(self.sources, Backoff(30.0, longest, Random(1).random), watched.observe_chain)
        waits = Backoff(self.settings.poll_seconds, longest, Random(2).random)
        self.feed = SeriesFeed(
            self.series, self.partitions, chain, self.settings, waits, watched.observe_feed
        )
        self.service = Service([self.feed], self.metrics, self.logger)

    def turn(self, now: datetime) -> datetime:
        return self.service.turn(self.timeline, now)

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"brentwatch_{name}", labels) or 0.0

    def bars(self) -> list[tuple[date, float, bool]]:
        """Session, close and warm-up of every bar that was written, of the first partition."""
        updates = self.timeline.updates(self.partitions[0])
        return [(bar.session, bar.close, each.warmup) for each in updates for bar in each.bars]


def weekdays(count: int, first: date = MONDAY, price: float = 76.0) -> dict[date, float]:
    """Prices of so many days from Monday to Friday, each a little higher than the one before."""
    days = (first + timedelta(days=each) for each in range(2 * count + 7))
    chosen = [day for day in days if day.weekday() < 5][:count]
    return {day: round(price + 0.1 * at + 0.03 * (at % 3), 2) for at, day in enumerate(chosen)}
