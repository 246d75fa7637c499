"""The monitor: folds each instrument's timeline, publishes what the fold asks for, and keeps its state."""

from __future__ import annotations

from dataclasses import asdict, replace
from logging import DEBUG
from operator import is_not
from threading import Thread
from typing import TYPE_CHECKING, Protocol, assert_never

from brentwatch.core import diagnostics
from brentwatch.core.ahead import look_ahead
from brentwatch.core.effects import Noted, PublishAlert, PublishStudy
from brentwatch.core.errors import STOPPING, CannotFold, format_traceback
from brentwatch.core.monitor import initial
from brentwatch.core.rule_number import RULES
from brentwatch.core.saving import changes, restored, snapshot
from brentwatch.core.signals import EventAdmitted, PriceUpdate
from brentwatch.core.within.sessions import usable_sessions
from brentwatch.history.rules import rules
from brentwatch.monitor.keep import Keep
from brentwatch.stream import topics
from brentwatch.stream.job import Job, Kept, Unclaimed, Worker
from brentwatch.stream.records import Outgoing
from brentwatch.telemetry.facts import (
    measure,
    measure_false_alarms,
    measure_intraday,
    measure_newest,
)
from brentwatch.wire.publishing import fold
from brentwatch.wire.timeline import decode_signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from structlog.typing import FilteringBoundLogger

    from brentwatch.core.effects import Effect
    from brentwatch.core.instruments import Instrument
    from brentwatch.core.returns import PriceHistory
    from brentwatch.core.signals import Signal
    from brentwatch.core.state import Intraday, State
    from brentwatch.stream.records import Partition, Record
    from brentwatch.stream.settings import KafkaSettings
    from brentwatch.telemetry.metrics import Metrics
    from brentwatch.wire.publishing import Folded

SERVICE = "monitor"
TOPICS = (topics.TIMELINE, topics.STATE, topics.STUDIES, topics.ALERTS, topics.DEAD)


class Monitor(Kept):
    """The fold of one instrument, where what it publishes goes, and where its state is kept."""

    def __init__(
        self,
        instrument: Instrument,
        kafka: KafkaSettings,
        metrics: Metrics,
        log: FilteringBoundLogger,
    ) -> None:
        self._name = instrument.name
        self._studies = kafka.topic(topics.STUDIES)
        self._alerts = kafka.topic(topics.ALERTS)
        self._keep = Keep(kafka.topic(topics.STATE), instrument.partition)
        self._metrics = metrics
        self._log = log.bind(instrument=instrument.name)
        self._state = initial(rules(instrument))
        self._kept = self._state
        self._came: set[str] | None = set()
        self._ahead_of: tuple[PriceHistory, Intraday] | None = None
        measure_false_alarms(metrics, instrument)

    def handle(self, record: Record) -> Sequence[Outgoing]:
        """Step over one record of the timeline, and give the studies and alerts that it leads to.

        Whatever is raised, the state is then as it was.

        Raises:
            InvalidMessage: if the record cannot be read, or what it leads to cannot be published.
            CannotFold: if it is a price update that cannot be folded; the place of the record is named.
        """
        signal, folded = self._folded(record)
        outgoing = [out for each in folded.effects for out in self._answered(*each)]
        self._take(signal, folded)
        return outgoing

    def changes(self, place: int) -> Sequence[Outgoing]:
        """What the records since the last call have changed of the state."""
        saved = changes(self._kept, self._state, self._came)
        outgoing = self._keep.saving(saved, place)
        self._kept, self._came = self._state, set()
        return outgoing

    def idle(self) -> None:
        """Look ahead to the next settlement and the next test within the session, after each price."""
        newest = self._state.prices, self._state.intraday
        if self._ahead_of is None or any(map(is_not, self._ahead_of, newest)):
            self._ahead_of = newest
            self._look_ahead()
            self._measure_intraday()

    def _look_ahead(self) -> None:
        """It only saves time: what goes wrong here is found again, and answered, with the next record."""
        try:
            look_ahead(self._state)
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - no record is answered here, so none can be blamed
            self._log.exception("cannot look ahead", error=str(error))

    def restore(self, kept: Mapping[bytes, bytes], place: int | None) -> None:
        """Go on from what was kept.

        Raises:
            SettingsError: see `Keep.restored`.
        """
        self._kept = restored(self._state.rules, self._keep.restored(kept, place))
        self._state = self._with_rules_of_today(self._kept)
        self._measure_newest()

    def _with_rules_of_today(self, state: State) -> State:
        """What was decided stands; the number is kept with the next record."""
        if state.rule_number == RULES:
            return state
        self._log.warning(
            f"the state was decided by rules {state.rule_number}; that stands, and rules {RULES} hold from "
            "here: brentwatch run monitor --rebuild decides the whole timeline by them"
        )
        return replace(state, rule_number=RULES)

    def refold(self, record: Record) -> None:
        """Step over a record that was answered before."""
        self._take(*self._folded(record))

    def recreated(self, kept: Mapping[bytes, bytes], place: int) -> Sequence[Outgoing]:
        """The state as it is now, and nothing else."""
        self._kept, self._came = self._state, set()
        self._measure_newest()
        return self._keep.replacing(kept, snapshot(self._state), place)

    def _folded(self, record: Record) -> tuple[Signal, Folded]:
        signal = decode_signal(record.value or b"")
        try:
            return signal, fold(self._state, signal)
        except CannotFold as error:
            self._log.error("cannot fold", traceback=format_traceback(error))
            raise CannotFold(
                f"{error}, so the monitor stops at offset {record.offset} of {record.partition}. This is a "
                "fault of brentwatch: report it, with the record at that place"
            ) from error

    def _take(self, signal: Signal, folded: Folded) -> None:
        self._state = folded.state
        match signal:
            case EventAdmitted(event=event) if self._came is not None:
                self._came.add(event.event_id)
            case PriceUpdate():
                self._came = None  # prices move events on: all are looked at

    def _measure_newest(self) -> None:
        closes = [waiting.bar.closes_at for waiting in self._state.waiting.values()]
        closes += [bar.closes_at for bar in self._state.prices.bars[-1:]]
        if closes:
            measure_newest(self._metrics, self._name, max(closes))

    def _measure_intraday(self) -> None:
        if self._state.rules.instrument.intraday is not None:
            measure_intraday(self._metrics, self._name, usable_sessions(self._state.intraday))

    def _answered(self, effect: Effect, document: bytes | None) -> Sequence[Outgoing]:
        measure(self._metrics, self._name, effect)
        match effect:
            case PublishStudy():
                return [Outgoing(topic=self._studies, key=self._key, value=document)]
            case PublishAlert(alert=alert):
                self._log.warning(
                    "alert", alert_id=alert.alert_id, revision=alert.revision, severity=str(alert.severity)
                )
                return [Outgoing(topic=self._alerts, key=self._key, value=document)]
            case Noted(fact=fact):
                if self._log.is_enabled_for(DEBUG):  # asdict is slow, and events come in floods
                    self._log.debug(type(fact).__name__, **asdict(fact))
                return []
            case _:
                assert_never(effect)

    @property
    def _key(self) -> bytes:
        return self._name.encode()


class Needs(Protocol):
    """The settings that the monitor reads."""

    kafka: KafkaSettings

    def tested(self) -> Sequence[Instrument]:
        """The instruments, by partition."""


def job(settings: Needs, metrics: Metrics, log: FilteringBoundLogger, *, rebuild: bool = False) -> Job:
    """The monitor as a job for the loop. A partition that no instrument has is left alone.

    `rebuild` recreates the state of each partition from the timeline, once, before it is taken up.
    """
    Thread(target=diagnostics.load, name="loading", daemon=True).start()  # while the group is joined
    kafka = settings.kafka
    claimed = {instrument.partition: instrument for instrument in settings.tested()}

    def opened(partition: Partition) -> Worker | Unclaimed:
        if partition.number not in claimed:
            log.warning("no instrument has this partition", partition=str(partition))
            return Unclaimed()
        return Monitor(claimed[partition.number], kafka, metrics, log)

    return Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(topics.TIMELINE),
        dead_topic=kafka.topic(topics.DEAD),
        open=opened,
        state_topic=kafka.topic(topics.STATE),
        rebuild=rebuild,
    )
