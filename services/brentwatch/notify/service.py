"""The notifier: reads alerts, and sends those that are loud enough to every channel, once."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from brentwatch.core.domain import Alert, Severity
from brentwatch.core.errors import STOPPING, Unavailable, format_traceback
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.channels.table import Channel, open_channel
from brentwatch.notify.settings import NotifySettings
from brentwatch.stream import ALERTS, DEAD, Job, KafkaSettings, Outgoing, Record, Stateless
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Telemetry
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.published import AlertText, decode_alert

SERVICE = table.NOTIFY
TOPICS: tuple[str, ...] = (ALERTS, DEAD)


class Notifier:
    """Sends each (alert, revision) to each channel once, for as long as the process lives.

    What was sent right before the process died may be sent again: the same id and revision say so.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        minimum: Severity,
        metrics: Metrics,
        log: FilteringBoundLogger,
    ) -> None:
        self._channels = channels
        self._minimum = minimum
        self._metrics = metrics
        self._log = log
        self._sent: set[tuple[str, str, int]] = set()
        for name in channels:
            metrics.declare(table.NOTIFICATIONS, channel=name)

    def handle(self, record: Record) -> Sequence[Outgoing]:
        """Send the alert of a record; nothing is written to Kafka.

        Raises:
            InvalidMessage: if the alert cannot be read.
            Unavailable: if a channel cannot deliver it: it is tried again.
        """
        published = decode_alert(record.value or b"")
        alert = published.alert
        if alert.severity.rank < self._minimum.rank:
            self._metrics.count(table.ALERTS_SUPPRESSED, reason="below_severity")
            self._log.info("suppressed", reason="below_severity", **_list_log_fields(alert))
            return []
        text = published.text or write_alert_text(alert)  # older versions published none
        late = [
            error
            for each in self._channels.items()
            if (error := self._try_channel(*each, alert, text)) is not None
        ]
        if late:
            raise late[0]
        return []

    def _try_channel(self, name: str, channel: Channel, alert: Alert, text: AlertText) -> Unavailable | None:
        """Deliver by one channel; why it is to be tried again, where it is. No channel stops the others."""
        try:
            self._deliver(name, channel, alert, text)
        except Unavailable as error:
            return error
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - a channel that cannot send one goes on with the next
            self._sent.add((name, alert.alert_id, alert.revision))  # to try again would change nothing
            self._metrics.count(table.NOTIFICATIONS, channel=name, outcome="failed")
            self._log.error(
                "internal error", channel=name, traceback=format_traceback(error), **_list_log_fields(alert)
            )
        return None

    def _deliver(self, name: str, channel: Channel, alert: Alert, text: AlertText) -> None:
        key = (name, alert.alert_id, alert.revision)
        if key in self._sent:
            self._metrics.count(table.ALERTS_SUPPRESSED, reason="already_sent")
            self._log.info("suppressed", reason="already_sent", channel=name, **_list_log_fields(alert))
            return
        try:
            channel.send(alert, text)
        except Unavailable:
            self._metrics.count(table.NOTIFICATIONS, channel=name, outcome="failed")
            raise
        self._sent.add(key)
        self._metrics.count(table.NOTIFICATIONS, channel=name, outcome="delivered")
        self._log.info("delivered", channel=name, **_list_log_fields(alert))


def _list_log_fields(alert: Alert) -> dict[str, object]:
    return {"alert_id": alert.alert_id, "revision": alert.revision, "severity": str(alert.severity)}


class NotifyNeeds(Protocol):
    """The settings that the notifier reads."""

    kafka: KafkaSettings
    notify: NotifySettings


def prepare(settings: NotifyNeeds, telemetry: Telemetry) -> Job:
    """The notifier as a job for the loop.

    Raises:
        SettingsError: if a channel cannot work with its settings.
    """
    kafka, chosen = settings.kafka, settings.notify
    channels = {name: open_channel(name, getattr(chosen, name, None)) for name in chosen.channels}
    worker = Stateless(Notifier(channels, chosen.minimum_severity, telemetry.metrics, telemetry.log).handle)
    return Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(ALERTS),
        dead_topic=kafka.topic(DEAD),
        open=lambda _: worker,
    )
