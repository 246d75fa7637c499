"""The screen: reads unrest events, and writes the relevant ones to the timeline of every instrument."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from logging import DEBUG
from typing import Protocol, assert_never

from structlog.typing import FilteringBoundLogger

from brentwatch import stream
from brentwatch.core.domain import EventOutcome, Instrument, UnrestEvent
from brentwatch.core.errors import SettingsError
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.screen.canaries import CanaryGate
from brentwatch.screen.decision import Admitted, Dead, Filtered, ScreenRules, screen
from brentwatch.screen.settings import ScreenSettings
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Telemetry
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.event_document import check_event
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import encode_signal

SERVICE = table.SCREEN
_MOST_STRANGERS = 100
TOPICS: tuple[str, ...] = (stream.EVENTS, stream.DEAD, stream.DEAD_NOTES, stream.TIMELINE)


class Screen:
    """Answers one message with a record for each instrument's partition, or with none."""

    def __init__(
        self,
        rules: ScreenRules,
        timeline: str,
        instruments: Sequence[Instrument],
        metrics: Metrics,
        log: FilteringBoundLogger,
        countries: Mapping[str, Sequence[str]] | None = None,
        longest_ahead: timedelta = timedelta(days=2),
    ) -> None:
        self._rules = rules
        self._timeline = timeline
        self._only = {name: frozenset(codes) for name, codes in (countries or {}).items()}
        self._instruments = instruments
        self._metrics = metrics
        self._filtered = self._accepted = 0
        metrics.follow_total(table.EVENTS_CONSUMED, lambda: self._filtered, outcome="filtered")
        metrics.follow_total(table.EVENTS_CONSUMED, lambda: self._accepted, outcome=EventOutcome.ACCEPTED)
        self._observe_age = metrics.bind_histogram(table.EVENT_AGE)
        self._longest_ahead = longest_ahead
        self._strangers: set[str] = set()
        self._debugs = log.is_enabled_for(DEBUG)
        self._log = log
        self._gate = CanaryGate(metrics, log)

    def handle(self, record: stream.Record) -> Sequence[stream.Outgoing]:
        """The records that a message leads to.

        Raises:
            InvalidMessage: if it cannot be read.
        """
        if record.headers and record.headers[0][0] == stream.CANARY:
            return self._forward(record)
        match screen(record.value, record.headers, self._rules):
            case Filtered() as filtered:  # first, since most events of a feed end here
                self._filtered += 1
                if filtered.is_of_a_stranger:
                    self._tell_stranger(filtered)
                if self._debugs:  # a log line for each would cost more than reading
                    self._tell_filtered(filtered)
                return ()
            case Admitted() as admitted:
                self._check_times(admitted, record)
                return self._admit(admitted)
            case Dead(error=error):
                self._metrics.count(table.EVENTS_CONSUMED, outcome="invalid")
                raise error
            case decision:
                assert_never(decision)

    def _forward(self, record: stream.Record) -> list[stream.Outgoing]:
        """A canary goes to each instrument, whatever its countries; it is not counted as an event."""
        canary = self._gate.admit(record)
        if canary is None:
            return []
        key, value = canary.canary_id.encode(), encode_signal(canary)
        return [
            stream.Outgoing(topic=self._timeline, partition=each.partition, key=key, value=value)
            for each in self._instruments
        ]

    def _tell_stranger(self, filtered: Filtered) -> None:
        """Once for each feed, up to a limit, since a producer may invent names."""
        event = filtered.document
        feed = event.provenance.feed if event.provenance else ""
        if feed not in self._strangers and len(self._strangers) < _MOST_STRANGERS:
            self._strangers.add(feed)
            source = event.cloudevent.source if event.cloudevent else None
            self._log.warning(
                "events of an unknown source are filtered by relevance; if it is yours, add it to "
                "screen.sources.own",
                feed=feed,
                source=source,
                event_id=event.event_id,
                reason=filtered.reason,
            )

    def _check_times(self, admitted: Admitted, record: stream.Record) -> None:
        """Only admitted events matter: the check is skipped for events that are filtered out."""
        try:
            check_event(admitted.document, stream.find_write_time(record), self._longest_ahead)
        except InvalidMessage:
            self._metrics.count(table.EVENTS_CONSUMED, outcome="invalid")
            raise

    def _tell_filtered(self, filtered: Filtered) -> None:
        event = filtered.document
        self._log.debug("filtered", event_id=event.event_id, revision=event.revision, reason=filtered.reason)

    def _admit(self, admitted: Admitted) -> list[stream.Outgoing]:
        event = admitted.signal.event
        self._accepted += 1
        self._observe_age(time.time() - event.known_at.timestamp())
        self._log.info("admitted", event_id=event.event_id, revision=event.revision, country=event.country)
        key, value = event.event_id.encode(), encode_signal(admitted.signal, admitted.document)
        return [
            stream.Outgoing(topic=self._timeline, partition=partition, key=key, value=value)
            for partition in self._select_partitions(event)
        ]

    def _select_partitions(self, event: UnrestEvent) -> Iterator[int]:
        """The partitions of the instruments that get events of these countries."""
        for instrument in self._instruments:
            only = self._only.get(instrument.name)
            if only is None or not only.isdisjoint(event.countries):
                yield instrument.partition


def _check_countries(countries: Mapping[str, Sequence[str]], instruments: Sequence[Instrument]) -> None:
    names = [instrument.name for instrument in instruments]
    if strangers := sorted(set(countries) - set(names)):
        raise SettingsError(
            f"screen.countries names {', '.join(strangers)}; expected some of {', '.join(names)}; correct "
            "the name, or add the instrument to the settings"
        )


class ScreenNeeds(Protocol):
    """The settings that the screen reads."""

    kafka: stream.KafkaSettings
    screen: ScreenSettings

    def list_instruments(self) -> Sequence[Instrument]:
        """The instruments, by partition."""


def prepare(settings: ScreenNeeds, telemetry: Telemetry) -> stream.Job:
    """The screen as a job for the loop.

    Raises:
        SettingsError: if a named instrument does not exist; in shadow mode, whose timeline belongs to
            another installation.
    """
    kafka, chosen, instruments = settings.kafka, settings.screen, settings.list_instruments()
    _check_countries(chosen.countries, instruments)
    rules = ScreenRules(
        load_exposure(),
        chosen.minimum_exposure,
        load_oil_assets(),
        chosen.minimum_relevance,
        own=frozenset((*chosen.sources.own, *chosen.own_feeds)),
        histories=chosen.sources.list_history_sources(kafka.topic_prefix),
        other_relevance=chosen.sources.other_relevance,
        corroborated_relevance=chosen.corroborated_relevance,
    )
    longest_ahead = timedelta(days=chosen.longest_ahead_days)
    screening = Screen(
        rules,
        kafka.require_own_timeline(),
        instruments,
        telemetry.metrics,
        telemetry.log,
        chosen.countries,
        longest_ahead,
    )
    worker = stream.Stateless(screening.handle)
    return stream.Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(stream.EVENTS),
        dead_topic=kafka.topic(stream.DEAD),
        open=lambda _: worker,
        dead_limit=settings.screen.dead_letter_limit.build_limits(),
    )
