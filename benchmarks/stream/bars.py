"""How long a starting price service takes to read its timeline: a year of 5-minute bars."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream import bare
from benchmarks.stream.installation import fill, install

from brentwatch.core.domain import BRENT_FRONT, Bar
from brentwatch.prices.chain import Chain
from brentwatch.prices.provider import Terms, ignore_rejections
from brentwatch.prices.series import list_series
from brentwatch.prices.series_feed import SeriesFeed
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import TIMELINE, Outgoing
from brentwatch.stream.appending import Appender
from brentwatch.web.failures import Backoff
from brentwatch.wire.timeline import encode_record
from brentwatch.wire.timeline_record import BarRecord, PriceUpdateRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.domain import Series
    from brentwatch.prices.provider import Reject
    from brentwatch.stream import KafkaSettings

SESSIONS = 252
BARS = 276
"""From 18:00 to 17:00 in New York."""

FIRST = date(2023, 1, 3)
_FIVE = timedelta(minutes=5)
_TIMES = 3


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """Each bar is a record of its own, as polls write them: the largest number of records for a year."""
    kafka, settings = install(bootstrap), PricesSettings(intraday=True)
    (_, series) = list_series([replace(BRENT_FRONT, partition=0)], settings)
    topic = kafka.topic(TIMELINE)
    closes = fill_with_bars(kafka, topic, series, 5 if short else SESSIONS)
    count, polled, read = len(closes), [], []
    for _ in range(1 if short else _TIMES):
        polled.append(count / bare.consumed(bootstrap, topic, 1, count))
        read.append(_read(kafka, series, settings, max(closes)))
    loop = Reference("a bare poll loop", median(polled))
    yield Measurement(f"{count:,} 5-minute bars read", median(read), "s", AtMost(5, loop))


def fill_with_bars(kafka: KafkaSettings, topic: str, series: Series, sessions: int) -> list[datetime]:
    """Write the bars of `sessions` sessions; returns when they close."""
    records = list(_records(series, sessions))
    key = series.name.encode()
    fill(
        kafka,
        (Outgoing(topic=topic, partition=0, key=key, value=encode_record(record)) for record in records),
    )
    return [record.complete_through for record in records]


def _read(kafka: KafkaSettings, series: Series, settings: PricesSettings, last: datetime) -> float:
    """Seconds of a service that starts on the Saturday after, reads, and requests the last bars once."""
    waits = Backoff(settings.poll_seconds, settings.longest_wait_seconds)
    chain = Chain([("yahoo", Friday(series, last))], waits, _nobody)
    feed = SeriesFeed(series, (0,), chain, settings, waits, _nobody)
    timeline = Appender(kafka, kafka.topic(TIMELINE))
    saturday = last + timedelta(days=5 - last.weekday(), hours=2)
    began = time.perf_counter()
    feed.turn(timeline, saturday)
    spent = time.perf_counter() - began
    if feed.next_at <= saturday:
        raise AssertionError("the service did not find its bars")
    return spent


@dataclass(frozen=True, slots=True)
class Friday:
    """A provider that only has the last bar, at `closes_at`, which is known already."""

    series: Series
    closes_at: datetime
    terms = Terms("made up", "none")

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        """See `Provider`."""
        del since, now, reject
        session, interval = self.closes_at.date(), self.series.interval
        return (Bar(session=session, closes_at=self.closes_at, close=80.0, interval=interval),)


def _nobody(_: object) -> None:
    """Reports are ignored here."""


def _records(series: Series, sessions: int) -> Iterator[PriceUpdateRecord]:
    chance, close, session = Random(5), 80.0, series.load_calendar().find_on_or_after(FIRST)  # noqa: S311 - made up
    for _ in range(sessions):
        opens_at = series.closes_at(session) - timedelta(hours=20, minutes=30)
        for number in range(BARS):
            close = round(close * (1 + chance.gauss(0, 0.0006)), 2)
            yield _record(series, session, opens_at + number * _FIVE, close)
        session = series.find_next(session)


def _record(series: Series, session: date, opens_at: datetime, close: float) -> PriceUpdateRecord:
    closes_at = (opens_at + _FIVE).astimezone(UTC)
    bar = BarRecord(
        session=session, opens_at=opens_at, closes_at=closes_at, close=close, interval="5m", volume=100.0
    )
    return PriceUpdateRecord(
        series=series.name,
        bars=(bar,),
        complete_through=closes_at,
        known_at=closes_at + series.delay,
        warmup=False,
        fetched_at=closes_at + series.delay,
        provider="yahoo",
    )
