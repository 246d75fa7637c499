"""Listens for what people answer in the chats, and has it recorded; only the process that sends listens."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module

from structlog.typing import FilteringBoundLogger

from brentwatch.core.errors import Unavailable
from brentwatch.notify.answers.listener import ChatAnswer, Heard, Listener, Note
from brentwatch.notify.senders import Lease
from brentwatch.notify.settings import NotifySettings
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.deliveries import AnswerRecord, encode_delivery_record

LISTENERS = {
    "slack": "brentwatch.notify.answers.slack:open_listener",
    "telegram": "brentwatch.notify.answers.telegram:open_listener",
}
"""Channel -> what listens for the answers to it."""

_LOOK_SECONDS = 0.5
_WRITE_SECONDS = 10.0


class _Stop(threading.Event):
    """Is set when the process stops, and while it has no lease: another one listens then."""

    def __init__(self, stop: threading.Event, lease: Lease) -> None:
        super().__init__()
        self._stop, self._lease = stop, lease

    def is_set(self) -> bool:
        return self._stop.is_set() or not self._lease.is_valid

    def wait(self, timeout: float | None = None) -> bool:
        return self._stop.wait(timeout) or not self._lease.is_valid


class Listening:
    """The listeners of the channels that are used and take answers.

    Raises:
        SettingsError: if one cannot work with its settings.
    """

    def __init__(
        self,
        settings: NotifySettings,
        lease: Lease,
        record: Callable[[str, bytes, Callable[[], None]], None],
        metrics: Metrics,
        log: FilteringBoundLogger,
    ) -> None:
        self._lease, self._record, self._metrics = lease, record, metrics
        self._log = log
        for name in settings.list_used():
            metrics.declare(table.ANSWERS, channel=name)
        self._listeners = {
            name: open_listener(name, settings, self._build_note(name)) for name in list_answering(settings)
        }

    def _build_note(self, channel: str) -> Note:
        def note(heard: Heard, sentence: str) -> None:
            self._metrics.count(table.ANSWERS, channel=channel, outcome=heard.value)
            log = self._log.info if heard is Heard.ACCEPTED else self._log.warning
            log("answer", channel=channel, outcome=heard.value, detail=sentence)

        return note

    def accept(self, answer: ChatAnswer) -> None:
        """Have an answer recorded, and return when it is; the same one may come twice, and changes nothing.

        Raises:
            Unavailable: if Kafka has not taken it in time.
        """
        record = AnswerRecord(
            id=answer.id,
            answer=answer.kind,
            at=datetime.now(UTC),
            by=answer.by or "somebody",
            via=answer.channel,
            thread=answer.thread,
        )
        written = threading.Event()
        self._record(answer.id, encode_delivery_record(record), written.set)
        if not written.wait(_WRITE_SECONDS):
            raise Unavailable("Kafka has not taken the answer; expected within 10 s: the chat gives it again")

    def run(self, stop: threading.Event) -> None:
        """Listen until `stop` is set."""
        for name, listener in self._listeners.items():
            arguments = (listener, stop)
            threading.Thread(target=self._keep_on, args=arguments, name=f"hear {name}", daemon=True).start()
        stop.wait()

    def _keep_on(self, listener: Listener, stop: threading.Event) -> None:
        leased = _Stop(stop, self._lease)
        while not stop.is_set():
            if not leased.is_set():
                listener.run(leased, self.accept)
            stop.wait(_LOOK_SECONDS)


def list_answering(settings: NotifySettings) -> Iterator[str]:
    """The channels that are used and by which people can answer."""
    if "slack" in settings.list_used() and (settings.slack.app_token or settings.slack.app_token_file):
        yield "slack"
    if "telegram" in settings.list_used() and settings.telegram.answers:
        yield "telegram"


def open_listener(name: str, settings: NotifySettings, note: Note) -> Listener:
    """What listens for the answers to a channel.

    Raises:
        SettingsError: if it cannot work with its settings.
    """
    module, _, attribute = LISTENERS[name].partition(":")
    listener: Listener = getattr(import_module(module), attribute)(settings.find_channel(name), note)
    return listener
