"""The monitor: folds each instrument's partition of the timeline, and publishes what the fold asks for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol, assert_never

from brentwatch.core.effects import Noted, PublishAlert, PublishStudy
from brentwatch.core.monitor import initial, step
from brentwatch.history.rules import rules
from brentwatch.stream import topics
from brentwatch.stream.job import Folded, Job, Unclaimed, Worker
from brentwatch.stream.records import Outgoing
from brentwatch.telemetry.facts import measure, measure_restored
from brentwatch.wire.alert import encode_alert
from brentwatch.wire.study import encode_study
from brentwatch.wire.timeline import decode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import FilteringBoundLogger

    from brentwatch.core.effects import Effect
    from brentwatch.core.instruments import Instrument
    from brentwatch.stream.records import Partition, Record
    from brentwatch.stream.settings import KafkaSettings
    from brentwatch.telemetry.metrics import Metrics

SERVICE = "monitor"
TOPICS = (topics.TIMELINE, topics.STUDIES, topics.ALERTS, topics.DEAD)


class Monitor:
    """The fold of one instrument, and where what it publishes goes."""

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
        self._metrics = metrics
        self._log = log.bind(instrument=instrument.name)
        self._state = initial(rules(instrument))

    def handle(self, record: Record) -> Sequence[Outgoing]:
        """Step over one record of the timeline, and give the studies and alerts that it leads to.

        Raises:
            InvalidMessage: if the record cannot be read; the state is then as it was.
        """
        return [out for effect in self._step(record) for out in self._answered(effect)]

    def restore(self, record: Record) -> None:
        """Step over a record that was answered before.

        Raises:
            InvalidMessage: if the record cannot be read.
        """
        for effect in self._step(record):
            measure_restored(self._metrics, self._name, effect)

    def _step(self, record: Record) -> Sequence[Effect]:
        self._state, effects = step(self._state, decode_signal(record.value or b""))
        return effects

    def _answered(self, effect: Effect) -> Sequence[Outgoing]:
        measure(self._metrics, self._name, effect)
        match effect:
            case PublishStudy(study=study):
                return [Outgoing(topic=self._studies, key=self._key, value=encode_study(study))]
            case PublishAlert(alert=alert):
                self._log.warning(
                    "alert", alert_id=alert.alert_id, revision=alert.revision, severity=str(alert.severity)
                )
                return [Outgoing(topic=self._alerts, key=self._key, value=encode_alert(alert))]
            case Noted(fact=fact):
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


def job(settings: Needs, metrics: Metrics, log: FilteringBoundLogger) -> Job:
    """The monitor as a job for the loop. A partition that no instrument has is left alone."""
    kafka = settings.kafka
    claimed = {instrument.partition: instrument for instrument in settings.tested()}

    def opened(partition: Partition) -> Worker | Unclaimed:
        if partition.number not in claimed:
            log.warning("no instrument has this partition", partition=str(partition))
            return Unclaimed()
        monitor = Monitor(claimed[partition.number], kafka, metrics, log)
        return Folded(monitor.handle, monitor.restore)

    return Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(topics.TIMELINE),
        dead_topic=kafka.topic(topics.DEAD),
        open=opened,
    )
