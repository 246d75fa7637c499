"""The ingest service: asks each feed at its interval, and writes its events to `unrest.events`.

It has no state of its own. At its start it reads the topic, as far back as its feeds must remember, and
continues from there. Delivery is at least once: a process that dies after writing writes the same ids and
revisions again. For the same reason two instances do no harm. After a failure of Kafka, the clients and the
feeds are opened again, and start by reading the topic.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from brentwatch import stream
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.ingest.feeds.deliveries import MUST_STOP, Feed
from brentwatch.ingest.feeds.table import FEEDS, open_feed
from brentwatch.ingest.settings import IngestSettings
from brentwatch.ingest.turns import Pace, Surroundings, Turns, declare_counters
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Telemetry
from brentwatch.telemetry.metrics import Metrics
from brentwatch.web.failures import INTERNAL, Backoff
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.event_document import UnrestEventDocument, check_event
from brentwatch.wire.input_faults import InvalidMessage

SERVICE = table.INGEST
TOPICS: tuple[str, ...] = (stream.EVENTS,)

_LOOK_SECONDS = 1.0
_LATE = timedelta(hours=1)
"""How much further back than the feeds need the topic is read, for clocks that differ."""


class IngestNeeds(Protocol):
    """The settings that the service reads."""

    kafka: stream.KafkaSettings
    ingest: IngestSettings


def prepare(settings: IngestNeeds, telemetry: Telemetry) -> stream.Poller:
    """The feeds as a service on a timer."""
    declare_counters(telemetry.metrics, settings.ingest.feeds)
    return stream.Poller(settings.kafka.topic(stream.EVENTS), partial(run, settings, telemetry))


def run(settings: IngestNeeds, telemetry: Telemetry, stop: Event) -> None:
    """Ask the feeds until `stop` is set; failures of Kafka are retried with back-off up to 4 seconds.

    Raises:
        SettingsError: if no feed is chosen, or the settings of one are unusable.
    """
    health = telemetry.health
    waits, failures = Backoff(stream.FIRST_WAIT_SECONDS, stream.LONGEST_WAIT_SECONDS), 0
    while not stop.is_set():
        feeds = open_feeds(settings.ingest, health.beat)
        try:
            _serve_feeds(settings, feeds, telemetry, stop)
        except Unavailable as error:
            failures = 1 if health.check_readiness().well else failures + 1
            wait = waits.draw_wait(failures)
            health.beat()
            health.mark_unready(str(error))
            telemetry.metrics.count(table.BROKER_FAILURES)
            telemetry.log.warning(
                "Kafka failed, reconnecting", reason=str(error), again_in_seconds=round(wait, 1)
            )
            stop.wait(wait)


def open_feeds(settings: IngestSettings, beat: Callable[[], object]) -> dict[str, Feed]:
    """The feeds that are chosen, by name.

    Raises:
        SettingsError: if none is, or one is unusable.
    """
    if not settings.feeds:
        raise SettingsError(
            f"ingest.feeds is empty; expected one or more of {', '.join(FEEDS)}; set it, such as "
            "--set ingest.feeds=gdelt"
        )
    return {name: open_feed(name, getattr(settings, name), beat) for name in settings.feeds}


def _serve_feeds(settings: IngestNeeds, feeds: Mapping[str, Feed], telemetry: Telemetry, stop: Event) -> None:
    from brentwatch.stream.clients.producer import Producer

    kafka = settings.kafka
    metrics, health, log = telemetry.metrics, telemetry.health, telemetry.log
    with closing(Producer(kafka)) as producer:
        held = restore_feeds(feeds, _read_recent(kafka, feeds.values(), health.beat), metrics, log)
        log.info("restored", events=held)
        around = Surroundings(
            topic=kafka.topic(stream.EVENTS),
            envelope=settings.ingest.envelope,
            sender=producer,
            now=lambda: datetime.now(UTC),
            beat=health.beat,
            stopped=stop.is_set,
            metrics=metrics,
            log=log,
        )
        turns = Turns(feeds, build_paces(settings.ingest), around)
        health.mark_ready("ready")
        while not stop.is_set():
            seconds = turns.turn()
            health.beat()
            stop.wait(min(seconds, _LOOK_SECONDS))


def restore_feeds(
    feeds: Mapping[str, Feed], records: Iterable[stream.Record], metrics: Metrics, log: FilteringBoundLogger
) -> int:
    """Pass to each feed what it wrote to the topic; returns the number of these events.

    Events of others are ignored, and so are events that became known long after they were written. A record
    that a feed cannot take, for any reason, is counted as left out by that feed.
    """
    count, newest = 0, dict.fromkeys(feeds, 0.0)
    for record in records:
        name = next(
            (value.decode("utf-8", "replace") for key, value in record.headers if key == stream.FEED), ""
        )
        document = _decode_event(record, log) if name in feeds else None
        if document is None:
            continue
        count += 1
        try:
            feeds[name].recall(document)
        except MUST_STOP:
            raise
        except Exception as error:  # one record on the topic must not stop a feed
            metrics.count(table.REPORTS_LEFT_OUT, feed=name, reason=INTERNAL)
            log.error("internal error", feed=name, event_id=document.event_id, exc_info=error)
            continue
        newest[name] = max(newest[name], document.known_at.timestamp())
    for name, time in newest.items():
        if time:
            metrics.set(table.FEED_NEWEST, time, feed=name)
    return count


def _decode_event(record: stream.Record, log: FilteringBoundLogger) -> UnrestEventDocument | None:
    """The event in a record, or None. The screen counts records without one: they are its input."""
    try:
        document = decode_message(record.value, record.headers)
        check_event(document, stream.find_write_time(record))
        return document
    except InvalidMessage:
        return None
    except MUST_STOP:
        raise
    except Exception as error:  # one record on the topic must not stop a feed
        log.error("internal error", partition=str(record.partition), offset=record.offset, exc_info=error)
        return None


def build_paces(settings: IngestSettings) -> dict[str, Pace]:
    """How often each feed is asked."""
    return {
        name: Pace(
            every=getattr(settings, name).every_seconds,
            backoff=Backoff(settings.first_wait_seconds, settings.longest_wait_seconds),
        )
        for name in settings.feeds
    }


def _read_recent(
    kafka: stream.KafkaSettings, feeds: Iterable[Feed], beat: Callable[[], object]
) -> Iterable[stream.Record]:
    """The records of the topic, as far back as the feeds must remember."""
    since = datetime.now(UTC) - max(feed.memory for feed in feeds) - _LATE
    name = kafka.topic(stream.EVENTS)
    for number in range(stream.load_topics(kafka, [])[stream.EVENTS].partitions):
        beat()
        for record in stream.read_since(kafka, stream.Partition(name, number), since):
            yield record
            beat()
