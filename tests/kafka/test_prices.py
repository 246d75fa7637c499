"""The price service on a real broker: from a site, over the timeline, to the monitor's study and alert."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member, service
from tests.kafka.tools import values, write
from tests.prices.markets import BRENT_FRONT
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_site import ToStub, chart, forget, midnight

from brentwatch.core.events import EventClass, Precision, Status, UnrestEvent
from brentwatch.core.sessions import table
from brentwatch.core.signals import EventAdmitted, PriceUpdate
from brentwatch.prices import service as prices
from brentwatch.prices.chain import Backoff, Chain
from brentwatch.prices.feed import Feed
from brentwatch.prices.providers.yahoo import Yahoo
from brentwatch.prices.series import markets
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream.appending import Appender
from brentwatch.stream.records import Outgoing
from brentwatch.stream.topics import ALERTS, STUDIES, TIMELINE
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.alert import decode_alert
from brentwatch.wire.study import decode_study
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream.settings import KafkaSettings

pytestmark = pytest.mark.kafka

SESSIONS = 560
MONDAY = date(2024, 1, 22)
SATURDAY_NIGHT = datetime(2024, 1, 20, 2, tzinfo=UTC)
FRONT_OPTIONS = tuple(
    word
    for key, value in {
        "partition": 0,
        "series": "brent-front",
        "calendar": "globex",
        "settlement": "14:30",
        "time_zone": "America/New_York",
    }.items()
    for word in ("--set", f"instruments.brent-front.{key}={value}")
)


def ordinary(calendar: str, last: date, count: int) -> dict[date, float]:
    """Prices of so many sessions up to `last`: a seeded walk of 1.5 % a day around 80 USD/bbl."""
    days, day, chance = list[date](), last - timedelta(days=2 * count), Random(7)
    while (day := table.load(calendar).on_or_after(day)) <= last:
        days.append(day)
        day += timedelta(days=1)
    price, found = 80.0, dict[date, float]()
    for each in days[-count:]:
        price *= 1 + chance.gauss(0, 0.015)
        found[each] = round(price, 2)
    return found


def updates(settings: KafkaSettings) -> list[PriceUpdate]:
    found = [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    return [each for each in found if isinstance(each, PriceUpdate)]


@pytest.fixture
def site() -> Iterator[Stub]:
    with Stub().running() as running:
        yield running


def fred(stub: Stub, given: dict[date, float]) -> None:
    rows = "".join(f"{day},{price}\n" for day, price in given.items())
    stub.always(Answer(f"observation_date,DCOILBRENTEU\n{rows}".encode()))


def test_a_dry_run_prints_what_the_next_run_writes_and_a_restart_goes_on(
    settings: KafkaSettings, site: Stub
) -> None:
    create_topics(settings)
    today = datetime.now(UTC).date()
    given = ordinary("london", today - timedelta(days=5), 12)
    first, last = dict(list(given.items())[:10]), dict(list(given.items()))
    options = ["--set", f"prices.fred.url={site.url}", "--set", "prices.backfill_sessions=8"]

    fred(site, first)
    dry = brentwatch(settings, "run", "prices", "--once", "--dry-run", *options)
    assert dry.returncode == 0, dry.stderr
    assert values(settings, settings.topic(TIMELINE)) == []
    once = brentwatch(settings, "run", "prices", "--once", *options)
    assert once.returncode == 0, once.stderr
    written = [json.loads(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    printed = [json.loads(line)["record"] for line in dry.stdout.splitlines()]
    assert without_fetch(printed) == without_fetch(written)
    assert [each.warmup for each in updates(settings)] == [True] * 8 + [False]

    fred(site, last)
    with service(settings, "prices", *options):
        await_true(lambda: len(updates(settings)) == 11, "the two sessions that were missing are there")
    assert [bar.session for each in updates(settings)[9:] for bar in each.bars] == list(last)[10:]
    assert [each.warmup for each in updates(settings)[9:]] == [False, False]


def without_fetch(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in each.items() if key != "fetched_at"} for each in records]


def test_a_provider_that_does_not_answer_is_told_with_its_exit_code(
    settings: KafkaSettings, site: Stub
) -> None:
    create_topics(settings)
    site.always(Answer(b"", 503))
    done = brentwatch(settings, "run", "prices", "--once", "--set", f"prices.fred.url={site.url}")
    assert done.returncode == 6
    assert "brent-spot: fred: " in done.stderr
    assert "answered with 503" in done.stderr


class Clock:
    """The time of the service, which the test moves on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def price_service(settings: KafkaSettings, stub: Stub, clock: Clock) -> Iterator[None]:
    """The service with yfinance as it comes, against a site that speaks as Yahoo does."""
    forget()
    chosen, stop = PricesSettings(backfill_sessions=SESSIONS), threading.Event()
    (market,) = markets([FRONT_ALONE], chosen)
    metrics, health = Metrics(CollectorRegistry(), "prices"), Health(40.0)
    log = logger(TelemetrySettings(log_level="error"), service="prices")
    watched = prices.Watched(market.series, metrics, health, log)
    chain = Chain([("yahoo", Yahoo(market, chosen, ToStub(stub.url)))], Backoff(1.0, 1.0), watched.chain)
    made = prices.Service([Feed(market, chain, chosen, Backoff(1.0, 1.0), watched.written)], metrics)
    timeline = Appender(settings, settings.topic(TIMELINE))
    options = {"stop": stop, "metrics": metrics, "health": health, "log": log, "now": clock}
    running = threading.Thread(target=prices.run, args=(made, timeline), kwargs=options, daemon=True)
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join(30)
        forget()


FRONT_ALONE = replace(BRENT_FRONT, partition=0)


def test_an_attack_on_a_saturday_is_alerted_once_the_settlement_of_monday_is_visible(
    settings: KafkaSettings, site: Stub
) -> None:
    create_topics(settings)
    calm = ordinary("globex", MONDAY - timedelta(days=3), SESSIONS)
    friday = max(calm)
    monday = round(calm[friday] * 1.13, 2)
    rows = {midnight(day): price for day, price in calm.items()} | {midnight(MONDAY): monday}
    clock = Clock(datetime(2024, 1, 21, 12, tzinfo=UTC))
    site.always(Answer(chart(dict(rows))))  # Monday's row is there before it is finished
    with member(settings, "monitor", *FRONT_OPTIONS), price_service(settings, site, clock):
        await_true(lambda: len(updates(settings)) == SESSIONS + 1, "the backfill is written", 60)
        attack(settings)
        clock.now = datetime(2024, 1, 22, 22, 29, tzinfo=UTC)  # settled at 19:30, not yet visible
        await_true(lambda: any(pending(settings)), "the session waits")
        assert len(updates(settings)) == SESSIONS + 1
        clock.now = datetime(2024, 1, 22, 22, 30, tzinfo=UTC)
        await_true(lambda: values(settings, settings.topic(ALERTS)), "the alert", 60)
    alert = decode_alert(values(settings, settings.topic(ALERTS))[0] or b"")
    assert (alert.session, alert.events[0].event_id) == (MONDAY, "desk:attack")
    assert (updates(settings)[-1].bars[0].close, updates(settings)[-1].warmup) == (monday, False)


def pending(settings: KafkaSettings) -> list[bool]:
    found = [decode_study(value or b"") for value in values(settings, settings.topic(STUDIES))]
    return [each.session == MONDAY for each in found]


def attack(settings: KafkaSettings) -> None:
    """An attack of Saturday night, as the screen would admit it."""
    event = UnrestEvent(
        event_id="desk:attack",
        revision=0,
        status=Status.NEW,
        occurred_at=SATURDAY_NIGHT,
        precision=Precision.MINUTE,
        known_at=SATURDAY_NIGHT,
        country="SAU",
        event_class=EventClass.ATTACK_INFRASTRUCTURE,
    )
    value = encode_signal(EventAdmitted(event=event, exposure=None))
    write(settings, Outgoing(topic=settings.topic(TIMELINE), partition=0, key=b"desk:attack", value=value))
