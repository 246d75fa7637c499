"""The price service: fetches on the market's calendar, and writes what is new to the timeline.

A producer on a timer. It keeps nothing between two lives: what was written stands on the timeline, and is
read there. It appends at least once; the core drops what repeats, so two of it do no harm.
"""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, assert_never

from brentwatch.core.errors import Unavailable
from brentwatch.prices.chain import Answered, Asking, Backoff, Chain, Failed, FellBack
from brentwatch.prices.feed import Feed, Timeline
from brentwatch.prices.provider import NotNow
from brentwatch.prices.providers.table import load
from brentwatch.prices.series import markets, providers
from brentwatch.stream import topics
from brentwatch.telemetry import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from structlog.typing import FilteringBoundLogger

    from brentwatch.core.instruments import Instrument
    from brentwatch.prices.chain import ChainFact
    from brentwatch.prices.market import Market
    from brentwatch.prices.plan import Plan
    from brentwatch.prices.settings import PricesSettings
    from brentwatch.stream.settings import KafkaSettings
    from brentwatch.telemetry.health import Health
    from brentwatch.telemetry.metrics import Metrics

SERVICE = "prices"
TOPICS = (topics.TIMELINE,)

_FIRST_REST_SECONDS = 30.0
_BEAT_SECONDS = 5.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, _BEAT_SECONDS


class Needs(Protocol):
    """The settings that the price service reads."""

    kafka: KafkaSettings
    prices: PricesSettings

    def tested(self) -> Sequence[Instrument]:
        """The instruments, by partition."""


class Closable(Timeline, Protocol):
    """A timeline whose clients are closed after a failure, and opened anew when they are wanted."""

    def close(self) -> None:
        """Close the clients."""


class Watched:
    """What becomes of one series, to metrics, health and log."""

    def __init__(self, series: str, metrics: Metrics, health: Health, log: FilteringBoundLogger) -> None:
        self._series = series
        self._metrics = metrics
        self._health = health
        self._log = log.bind(series=series)

    def chain(self, fact: ChainFact) -> None:
        """Take in what became of a provider."""
        match fact:
            case Asking():
                self._health.beat()
            case Answered(provider=provider, quotes=quotes):
                self._metrics.count(table.PRICE_FETCHES, provider=provider, outcome="answered")
                self._log.debug("fetched", provider=provider, quotes=quotes)
            case Failed(provider=provider, reason=reason, told=told, seconds=seconds):
                self._metrics.count(table.PRICE_FETCHES, provider=provider, outcome=reason)
                rest = {"detail": told, "again_in_seconds": round(seconds, 1)}
                self._log.warning("no prices", provider=provider, reason=reason, **rest)
            case FellBack(provider=provider, reasons=reasons):
                self._metrics.count(table.PRICE_FALLBACKS, series=self._series, provider=provider)
                self._log.warning("another provider stands in", provider=provider, reasons=list(reasons))
            case _:
                assert_never(fact)

    def written(self, planned: Plan) -> None:
        """Take in what was written to one partition."""
        for kind, count in planned.bars.items():
            self._metrics.count(table.PRICE_BARS_FETCHED, count, series=self._series, kind=kind)
        for flag, count in planned.flags.items():
            self._metrics.count(table.PRICE_FLAGS, count, series=self._series, flag=flag)
        if planned.records:
            told = {kind: planned.bars[kind] for kind in sorted(planned.bars)}
            self._log.info("written", records=len(planned.records), **told, flags=dict(planned.flags))


class Service:
    """The feeds of all series, each at its own time."""

    def __init__(self, feeds: Sequence[Feed], metrics: Metrics) -> None:
        self._feeds = feeds
        self._metrics = metrics

    def turn(self, timeline: Timeline, now: datetime) -> datetime:
        """Do what is due, and say when something is due next.

        Raises:
            Unavailable: if Kafka fails.
        """
        for feed in self._feeds:
            if feed.next_at <= now:
                with suppress(NotNow):  # told already, and asked again at its time
                    feed.turn(timeline, now)
                series, at = feed.market.series, feed.next_at.timestamp()
                self._metrics.set(table.PRICE_NEXT_LOOK, at, series=series)
        return min(feed.next_at for feed in self._feeds)

    def once(self, timeline: Timeline, now: datetime) -> None:
        """Fetch and write all series now, whether due or not.

        Raises:
            Unavailable: if Kafka fails, or a series has no provider that answers, once the others are done.
        """
        failures = []
        for feed in self._feeds:
            try:
                feed.turn(timeline, now, force=True)
            except NotNow as error:
                failures.append(f"{feed.market.series}: {error}")
        if failures:
            raise Unavailable("\n".join(failures))


def service(settings: Needs, metrics: Metrics, health: Health, log: FilteringBoundLogger) -> Service:
    """The price service of these settings.

    Raises:
        SettingsError: if a provider or an instrument cannot work.
    """
    chosen = markets(settings.tested(), settings.prices)
    return Service([_feed(market, settings.prices, metrics, health, log) for market in chosen], metrics)


def _feed(
    market: Market, prices: PricesSettings, metrics: Metrics, health: Health, log: FilteringBoundLogger
) -> Feed:
    watched = Watched(market.series, metrics, health, log)
    names = providers(market.series, prices)
    members = [(name, load(name, market, prices)) for name in names]
    _declare(metrics, market.series, names)
    longest = prices.longest_wait_seconds
    chain = Chain(members, Backoff(_FIRST_REST_SECONDS, longest), watched.chain)
    return Feed(market, chain, prices, Backoff(prices.poll_seconds, longest), watched.written)


def _declare(metrics: Metrics, series: str, names: Sequence[str]) -> None:
    """Create the counters of a series at 0, so that a rule sees the first count as a rise."""
    for name in names:
        metrics.declare(table.PRICE_FETCHES, provider=name)
        metrics.declare(table.PRICE_FALLBACKS, series=series, provider=name)
    for metric in (table.PRICE_BARS_FETCHED, table.PRICE_FLAGS):
        metrics.declare(metric, series=series)


def run(
    made: Service,
    timeline: Closable,
    *,
    stop: Event,
    metrics: Metrics,
    health: Health,
    log: FilteringBoundLogger,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Turn until `stop` is set; failures of Kafka are waited out, ever longer up to 5 seconds."""
    waits, failures = Backoff(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS), 0
    with closing(timeline):
        while not stop.is_set():
            health.beat()
            try:
                next_at = made.turn(timeline, now())
            except Unavailable as error:
                failures += 1
                seconds = waits.seconds(failures)
                timeline.close()
                health.not_ready(str(error))
                metrics.count(table.BROKER_FAILURES)
                log.warning("failed and begins anew", reason=str(error), again_in_seconds=round(seconds, 1))
                stop.wait(seconds)
                continue
            failures = 0
            health.ready("looks when the calendar says")
            stop.wait(min(max(0.0, (next_at - now()).total_seconds()), _BEAT_SECONDS))
