"""What comes from outside in tests on a broker, GDELT and Yahoo, and what the topics hold of it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from tests.kafka.tools import values
from tests.prices.yahoo_site import ToStub, forget

from brentwatch.core.domain import BRENT_FRONT, DAILY_ALERT_LEVEL, PriceUpdate
from brentwatch.prices import service as prices
from brentwatch.prices.chain import Chain
from brentwatch.prices.providers.yahoo import Yahoo
from brentwatch.prices.series import list_series
from brentwatch.prices.series_feed import SeriesFeed
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import EVENTS, TIMELINE
from brentwatch.stream.appending import Appender
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.web.failures import Backoff
from brentwatch.wire.timeline import decode_record, decode_signal
from brentwatch.wire.timeline_record import EventAdmittedRecord
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tests.ingest.feeds.gdelt_stub import GdeltStub
    from tests.prices.stub import Stub

    from brentwatch.core.domain import Instrument, Series
    from brentwatch.stream import KafkaSettings

FRONT_ALONE = replace(
    BRENT_FRONT, title="Brent front month", alert_level=DAILY_ALERT_LEVEL, intraday=None, partition=0
)
_LOOK_SECONDS = 0.05


def chosen(settings: dict[str, object]) -> tuple[str, ...]:
    """Settings as options of a command."""
    return tuple(word for key, value in settings.items() for word in ("--set", f"{key}={value}"))


FRONT_OPTIONS = chosen(
    {
        "instruments.brent-front.partition": 0,
        "instruments.brent-front.series": "brent-front",
        "instruments.brent-front.calendar": "globex",
        "instruments.brent-front.settlement": "14:30",
        "instruments.brent-front.time_zone": "America/New_York",
        "instruments.brent-front.title": "Brent front month",
    }
)


def gdelt(stub: GdeltStub, **more: object) -> tuple[str, ...]:
    """The options that have `run ingest` ask a stub, often."""
    told = {f"ingest.gdelt.{key}": value for key, value in more.items()}
    return chosen(
        {
            "ingest.feeds": "gdelt",
            "ingest.gdelt.url": f"{stub.url}/gdeltv2",
            "ingest.gdelt.every_seconds": 0.2,
            "ingest.first_wait_seconds": 0.2,
        }
        | told
    )


def written(settings: KafkaSettings) -> list[tuple[str, int]]:
    """The key of every event on the topic, duplicates among them."""
    found = [
        decode_event(value or b"")
        for partition in range(12)
        for value in values(settings, settings.topic(EVENTS), partition)
    ]
    return sorted((document.event_id, document.revision) for document in found)


def admitted(settings: KafkaSettings) -> list[tuple[str, int]]:
    """The key of every event on the timeline, duplicates among them."""
    records = [decode_record(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    return sorted(
        (record.event.event_id, record.event.revision)
        for record in records
        if isinstance(record, EventAdmittedRecord)
    )


def updates(settings: KafkaSettings) -> list[PriceUpdate]:
    """Every price update on the timeline."""
    found = [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    return [each for each in found if isinstance(each, PriceUpdate)]


class Clock:
    """The time of a service, which the test moves on; `looks` is how often it was read since."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return self.now

    def move(self, now: datetime) -> None:
        """It is `now` from now on."""
        self.now, self.looks = now, 0


class Wakeful(threading.Event):
    """A wish to stop; whoever waits for it looks at the clock soon, which may have been moved meanwhile."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(_LOOK_SECONDS if timeout is None else min(timeout, _LOOK_SECONDS))


@contextmanager
def price_service(
    settings: KafkaSettings, stub: Stub, clock: Clock, sessions: int, instrument: Instrument = FRONT_ALONE
) -> Iterator[CollectorRegistry]:
    """`run prices` by a clock of the test, with yfinance as it is, against a site that speaks as Yahoo does.

    It backfills so many sessions; what it counts is in the registry.
    """
    forget()
    told, stop, registry = PricesSettings(backfill_sessions=sessions), Wakeful(), CollectorRegistry()
    metrics, health = Metrics(registry, "prices"), Health(40.0)
    log = make_logger(TelemetrySettings(log_level="error"), service="prices")

    def feed(series: Series, partitions: Sequence[int]) -> SeriesFeed:
        watched = prices.Watched(series.name, metrics, health, log)
        chain = Chain(
            [("yahoo", Yahoo(series, told, ToStub(stub.url)))], Backoff(1.0, 1.0), watched.observe_chain
        )
        return SeriesFeed(series, partitions, chain, told, Backoff(1.0, 1.0), watched.observe_feed)

    made = prices.Service([feed(*each) for each in list_series([instrument], told).items()], metrics, log)
    timeline = Appender(settings, settings.topic(TIMELINE))
    given = (made, timeline, Telemetry(metrics, health, log), stop, clock)
    running = threading.Thread(target=prices.run, args=given, daemon=True)
    running.start()
    try:
        yield registry
    finally:
        stop.set()
        running.join(120)
        forget()
