"""The notifier as the commands see it: its state on the broker, and a way to send it answers."""

from __future__ import annotations

import time
from contextlib import closing

from brentwatch import stream
from brentwatch.notify.service import FOLD_GROUP
from brentwatch.notify.state_reader import StateReader
from brentwatch.notify.values import Values
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.producer import Producer
from brentwatch.wire.deliveries import AnswerRecord, encode_delivery_record

_PATIENCE_SECONDS = 10.0
_LOOK_SECONDS = 0.1


def open_deliveries(sources: Sources, *others: str) -> tuple[stream.KafkaSettings, stream.Partition]:
    """The way to the broker, and `impact.deliveries` on it, which exists, as the `others` do.

    Raises:
        SettingsError: if the settings cannot work, or a topic is missing.
        Unavailable: if the broker does not answer.
    """
    settings = load(sources).settings
    every = stream.load_topics(settings.kafka, [each.partition for each in settings.list_instruments()])
    with closing(Admin(settings.kafka)) as admin:
        wanted = [every[name] for name in (stream.DELIVERIES, *others)]
        stream.verify_topics(wanted, admin, stream.CommandLine(("alerts",), sources.redact_arguments()))
    return settings.kafka, stream.Partition(settings.kafka.topic(stream.DELIVERIES), 0)


class Notifier:
    """The state as it was read last is `values`; `settings` lead to the broker.

    Raises:
        SettingsError: if the settings cannot work, or the topics or the state.
        Unavailable: if the broker does not answer.
    """

    def __init__(self, sources: Sources) -> None:
        self.settings = load(sources).settings
        self._kafka, self.deliveries = open_deliveries(sources, stream.DELIVERIES_STATE)
        self._state = stream.Partition(self._kafka.topic(stream.DELIVERIES_STATE), 0)
        self._command = stream.CommandLine(("alerts",), sources.redact_arguments())
        self._reader = StateReader()
        self.values = self._read_on()

    def _read_on(self) -> Values:
        self._reader.take(stream.read_partition(self._kafka, self._state, self._reader.next_offset))
        return self._reader.decode()

    def count_behind(self) -> int:
        """How many records of `impact.deliveries` the state has not come to."""
        return max(0, stream.read_bounds(self._kafka, self.deliveries)[1] - self._reader.find_place())

    def is_running(self) -> bool:
        """True where a process is in the group of the notifier."""
        with closing(Admin(self._kafka)) as admin:
            return admin.count_members(self._kafka.group(FOLD_GROUP)) > 0

    @property
    def start(self) -> str:
        """The command that starts it."""
        return self._command.format_other("run", "notify")

    def tell(self, answer: AnswerRecord) -> set[str] | None:
        """Record an answer, and wait until `values` have it.

        Returns:
            The keys of the values that changed meanwhile; None where the notifier did not take the answer in
            time.
        """
        record = stream.Outgoing(
            topic=self.deliveries.topic,
            partition=0,
            key=answer.id.encode(),
            value=encode_delivery_record(answer),
        )
        self._reader.forget_touched()
        patience = _PATIENCE_SECONDS if self.is_running() else 0.0
        with closing(Producer(self._kafka)) as producer:
            ((_, offset),) = producer.send([record])
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.values = self._read_on()
            if self._reader.find_place() > offset:
                return {key.decode("utf-8", "replace") for key in self._reader.touched}
            time.sleep(_LOOK_SECONDS)
        return None
