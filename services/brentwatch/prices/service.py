"""The price service: fetches prices by the market's calendar, and writes new ones to the timeline.

It is a producer on a timer and has no state of its own: it reads from the timeline what was written. It
appends at least once; the core drops repetitions, so two instances do no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Protocol, assert_never

from structlog.typing import FilteringBoundLogger

from brentwatch.core.domain import Instrument, Series
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.prices.chain import Asking, Chain, ChainFact, Failed, FellBack, ProviderAnswered
from brentwatch.prices.plan import WritePlan
from brentwatch.prices.provider import NotNow, RowsRejected, Terms, describe_error
from brentwatch.prices.providers.table import load
from brentwatch.prices.series import choose_providers, find_late_series, list_series
from brentwatch.prices.series_feed import SeriesFeed, Timeline, WarmUp
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import FIRST_WAIT_SECONDS, TIMELINE, KafkaSettings, Poller
from brentwatch.stream.appending import Appender
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.metrics import Metrics
from brentwatch.web.failures import INTERNAL, Backoff

SERVICE = table.PRICES
TOPICS: tuple[str, ...] = (TIMELINE,)

_FIRST_REST_SECONDS = 30.0
_BEAT_SECONDS = 5.0


class PricesNeeds(Protocol):
    """The settings that the price service reads."""

    kafka: KafkaSettings
    prices: PricesSettings

    def list_instruments(self) -> Sequence[Instrument]:
        """The instruments, by partition."""


class Closable(Timeline, Protocol):
    """A timeline whose clients are closed after a failure, and opened again when needed."""

    def close(self) -> None:
        """Close the clients."""


class TermsOfUse:
    """Logs the terms of use of prices, once for each source."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self.log = log
        self._said: set[Terms] = set()

    def say(self, terms: Terms) -> None:
        """Log the terms of a source, unless they were logged before."""
        if terms not in self._said:
            self._said.add(terms)
            self.log.info("terms of use", source=terms.source, terms=terms.licence)


class Watched:
    """Reports on one series to metrics, health and log.

    `terms` are those of its providers by name; they are logged when the first prices are fetched.
    """

    def __init__(
        self,
        series: str,
        metrics: Metrics,
        health: Health,
        log: FilteringBoundLogger,
        terms: Mapping[str, Terms] | None = None,
        said: TermsOfUse | None = None,
    ) -> None:
        self._series = series
        self._terms = terms or {}
        self._said = said or TermsOfUse(log)
        self._is_warming_up = False
        self._metrics = metrics
        self._health = health
        self._log = log.bind(series=series)
        metrics.declare(table.PRICE_REJECTIONS, series=series)

    def observe_chain(self, fact: ChainFact) -> None:
        """Report a fact about a provider."""
        match fact:
            case Asking():
                self._health.beat()
            case ProviderAnswered(provider=provider, bars=bars):
                self._metrics.count(table.PRICE_FETCHES, provider=provider, outcome="answered")
                if self._is_warming_up and provider in self._terms:
                    self._said.say(self._terms[provider])
                if self._is_warming_up:
                    self._log.info("warm-up: fetched", provider=provider, bars=bars)
                else:
                    self._log.debug("fetched", provider=provider, bars=bars)
            case Failed():
                self._report_failure(fact)
            case FellBack(provider=provider, reasons=reasons):
                self._metrics.count(table.PRICE_FALLBACKS, series=self._series, provider=provider)
                self._log.warning("using another provider", provider=provider, reasons=list(reasons))
            case RowsRejected():
                self._report_rejected(fact)
            case _:
                assert_never(fact)

    def observe_feed(self, fact: WritePlan | RowsRejected | WarmUp) -> None:
        """Report what was written to one partition, or could not be read there."""
        match fact:
            case WritePlan():
                self._is_warming_up = False
                self._report_written(fact)
            case WarmUp(records=None):
                self._is_warming_up = True
                self._log.info("warm-up: fetching past prices", providers=list(self._terms))
            case WarmUp(written=written, records=records):
                self._log.info("warm-up: writing to the timeline", written=written, records=records)
            case RowsRejected():
                self._report_rejected(fact)
            case _:
                assert_never(fact)

    def _report_failure(self, fact: Failed) -> None:
        self._metrics.count(table.PRICE_FETCHES, provider=fact.provider, outcome=fact.reason)
        rest = {"detail": fact.told, "again_in_seconds": round(fact.seconds, 1)}
        level = self._log.error if fact.error else self._log.warning
        level("no prices", provider=fact.provider, reason=fact.reason, exc_info=fact.error, **rest)

    def _report_rejected(self, fact: RowsRejected) -> None:
        self._metrics.count(table.PRICE_REJECTIONS, fact.count, series=self._series, reason=fact.reason)
        level = self._log.error if fact.error else self._log.warning
        told = {"source": fact.source, "rows": fact.count, "detail": fact.told}
        level("rows rejected", reason=fact.reason, exc_info=fact.error, **told)

    def _report_written(self, planned: WritePlan) -> None:
        for kind, count in planned.bars.items():
            self._metrics.count(table.PRICE_BARS_FETCHED, count, series=self._series, kind=kind)
        for flag, count in planned.flags.items():
            self._metrics.count(table.PRICE_FLAGS, count, series=self._series, flag=flag)
        if planned.records:
            told = {kind: planned.bars[kind] for kind in sorted(planned.bars)}
            self._log.info("written", records=len(planned.records), **told, flags=dict(planned.flags))


class Service:
    """The feeds of all series, each on its own schedule; an unexpected error affects one series only."""

    def __init__(self, feeds: Sequence[SeriesFeed], metrics: Metrics, log: FilteringBoundLogger) -> None:
        self.feeds = feeds
        self._metrics = metrics
        self._log = log

    def turn(self, timeline: Timeline, now: datetime) -> datetime:
        """Do what is due; returns when something is due next.

        Raises:
            Unavailable: if Kafka fails.
        """
        for feed in self.feeds:
            if feed.next_at <= now:
                self._look(feed, timeline, now)
                series, at = feed.series.name, feed.next_at.timestamp()
                self._metrics.set(table.PRICE_NEXT_LOOK, at, series=series)
        return min(feed.next_at for feed in self.feeds)

    def run_once(self, timeline: Timeline, now: datetime) -> None:
        """Fetch and write all series now, even if they are not due.

        Raises:
            Unavailable: if Kafka fails, or no provider of a series answers, after the others are done.
        """
        failed = [(feed, self._look(feed, timeline, now, force=True)) for feed in self.feeds]
        failures = [f"{feed.series.name}: {told}" for feed, told in failed if told]
        if failures:
            raise Unavailable("\n".join(failures))

    def _look(self, feed: SeriesFeed, timeline: Timeline, now: datetime, *, force: bool = False) -> str:
        """Let a feed do what is due; returns why it failed, empty if it did not."""
        try:
            feed.turn(timeline, now, force=force)
        except NotNow as error:  # already reported, and retried at its time
            return str(error)
        except (MemoryError, Unavailable, SettingsError):
            raise
        except Exception as error:  # noqa: BLE001 - one series: the others go on
            feed.postpone(now)
            self._metrics.count(table.PRICE_REJECTIONS, series=feed.series.name, reason=INTERNAL)
            self._log.error("series failed", series=feed.series.name, reason=INTERNAL, exc_info=error)
            return describe_error(error)
        return ""


def prepare(settings: PricesNeeds, telemetry: Telemetry) -> Poller:
    """The price service on its timer.

    Raises:
        SettingsError: if a provider or an instrument is unusable.
    """
    made, topic = build_service(settings, telemetry), settings.kafka.topic(TIMELINE)
    return Poller(topic, partial(run, made, Appender(settings.kafka, topic), telemetry))


def build_service(settings: PricesNeeds, telemetry: Telemetry) -> Service:
    """The price service of these settings.

    Raises:
        SettingsError: if a provider or an instrument is unusable.
    """
    instruments, said = settings.list_instruments(), TermsOfUse(telemetry.log)
    late = find_late_series(instruments, settings.prices)
    for sentence in late.values():
        telemetry.log.info("not live", detail=sentence)
    series = list_series(instruments, settings.prices)
    live_first = sorted(series, key=lambda each: each.name in late)
    feeds = [_build_feed(each, series[each], settings.prices, telemetry, said) for each in live_first]
    return Service(feeds, telemetry.metrics, telemetry.log)


def _build_feed(
    series: Series, partitions: Sequence[int], prices: PricesSettings, telemetry: Telemetry, said: TermsOfUse
) -> SeriesFeed:
    metrics, health, log = telemetry.metrics, telemetry.health, telemetry.log
    members = [(name, load(name, series, prices)) for name in choose_providers(series, prices)]
    terms = {name: provider.terms for name, provider in members}
    watched = Watched(series.name, metrics, health, log, terms, said)
    _declare(metrics, series.name, list(terms))
    longest = prices.longest_wait_seconds
    chain = Chain(members, Backoff(_FIRST_REST_SECONDS, longest), watched.observe_chain)
    waits = Backoff(prices.poll_seconds, longest)
    return SeriesFeed(series, partitions, chain, prices, waits, watched.observe_feed)


def _declare(metrics: Metrics, series: str, names: Sequence[str]) -> None:
    """Create the counters of a series at 0, so that a rule sees the first count as an increase."""
    for name in names:
        metrics.declare(table.PRICE_FETCHES, provider=name)
        metrics.declare(table.PRICE_FALLBACKS, series=series, provider=name)
    for metric in (table.PRICE_BARS_FETCHED, table.PRICE_FLAGS):
        metrics.declare(metric, series=series)


def run(
    made: Service,
    timeline: Closable,
    telemetry: Telemetry,
    stop: Event,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Turn until `stop` is set; failures of Kafka are retried with back-off up to 5 seconds."""
    waits, failures, health = Backoff(FIRST_WAIT_SECONDS, _BEAT_SECONDS), 0, telemetry.health
    with closing(timeline):
        while not stop.is_set():
            health.beat()
            try:
                next_at = made.turn(timeline, now())
            except Unavailable as error:
                failures += 1
                seconds = waits.draw_wait(failures)
                timeline.close()
                health.mark_unready(str(error))
                telemetry.metrics.count(table.BROKER_FAILURES)
                telemetry.log.warning(
                    "Kafka failed, reconnecting", reason=str(error), again_in_seconds=round(seconds, 1)
                )
                stop.wait(seconds)
                continue
            failures = 0
            health.mark_ready("ready")
            stop.wait(min(max(0.0, (next_at - now()).total_seconds()), _BEAT_SECONDS))
