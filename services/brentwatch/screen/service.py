"""The screen: reads unrest events, and writes those that matter to the timeline of every instrument."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from logging import DEBUG
from typing import Protocol, assert_never

from structlog.typing import FilteringBoundLogger

from brentwatch import stream
from brentwatch.core.domain import EventOutcome, Instrument, UnrestEvent
from brentwatch.core.errors import SettingsError
from brentwatch.history.bundled import load_exposure, load_oil_assets
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
    """Answers one message: with a record for each instrument's partition, or with nothing."""

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
        self._count_filtered = metrics.bind_counter(table.EVENTS_CONSUMED, outcome="filtered")
        self._longest_ahead = longest_ahead
        self._strangers: set[str] = set()
        self._debugs = log.is_enabled_for(DEBUG)
        self._log = log

    def handle(self, record: stream.Record) -> Sequence[stream.Outgoing]:
        """What a message leads to.

        Raises:
            InvalidMessage: if it cannot be read.
        """
        match screen(record.value, record.headers, self._rules):
            case Filtered() as filtered:  # first, since most events of a feed end here
                self._count_filtered()
                if filtered.is_of_a_stranger:
                    self._tell_stranger(filtered)
                if self._debugs:  # a line for each would cost more than the reading
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

    def _tell_stranger(self, filtered: Filtered) -> None:
        """Once for each feed, as long as they are few: anybody may make up names."""
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
        """Only what is admitted can move anything: a flood that is filtered out is spared the look."""
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
        self._metrics.count(table.EVENTS_CONSUMED, outcome=EventOutcome.ACCEPTED)
        self._log.info("admitted", event_id=event.event_id, revision=event.revision, country=event.country)
        key, value = event.event_id.encode(), encode_signal(admitted.signal, admitted.document)
        return [
            stream.Outgoing(topic=self._timeline, partition=partition, key=key, value=value)
            for partition in self._select_partitions(event)
        ]

    def _select_partitions(self, event: UnrestEvent) -> Iterator[int]:
        """The partitions of the instruments that are given events of these countries."""
        for instrument in self._instruments:
            only = self._only.get(instrument.name)
            if only is None or not only.isdisjoint(event.countries):
                yield instrument.partition


def _check_countries(countries: Mapping[str, Sequence[str]], instruments: Sequence[Instrument]) -> None:
    names = [instrument.name for instrument in instruments]
    if strangers := sorted(set(countries) - set(names)):
        raise SettingsError(
            f"screen.countries names {', '.join(strangers)}; one of {', '.join(names)} was wanted: correct "
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
        SettingsError: if an instrument is named that there is not; in a shadow, whose timeline belongs to
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
