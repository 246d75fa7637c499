"""Writes outcomes and timers to `impact.deliveries`, on a thread of its own, until Kafka has taken them.

It outlives the clients of the loop: what it was given is written however often Kafka fails meanwhile.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from brentwatch.core.errors import SettingsError, Unavailable, format_traceback
from brentwatch.stream import Outgoing
from brentwatch.web.failures import Backoff

_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 4.0
_MOST_AT_ONCE = 500


class RecordProducer(Protocol):
    """Writes records, and returns when they are acknowledged."""

    def send(self, records: Sequence[Outgoing], /) -> object:
        """Write them in their order; raises `Unavailable`."""

    def close(self) -> None:
        """Give up the connection."""


class Recorder:
    """`open_producer` makes a producer that needs no transaction.

    What keeps a record from being written, a missing ACL for one, is logged and waited out: the senders wait
    as well, since each sends no further message before its last outcome is written.
    """

    def __init__(
        self, topic: str, open_producer: Callable[[], RecordProducer], log: FilteringBoundLogger
    ) -> None:
        self._topic = topic
        self._open = open_producer
        self._log = log
        self._changed = threading.Condition()
        self._waiting: list[tuple[Outgoing, Callable[[], None]]] = []
        self._is_over = False

    def record(self, key: str, value: bytes, written: Callable[[], None] = lambda: None) -> None:
        """Have a record written; returns at once. `written` is called once Kafka has taken it."""
        outgoing = Outgoing(topic=self._topic, partition=0, key=key.encode(), value=value)
        with self._changed:
            self._waiting.append((outgoing, written))
            self._changed.notify()

    def close(self) -> None:
        """End `run` once all that waits is written, or Kafka fails."""
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def run(self) -> None:
        """Write what comes, until it is closed."""
        waits, failures = Backoff(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS), 0
        while self._wait_for_records():
            try:
                with closing(self._open()) as producer:
                    while records := self._wait_for_records():
                        producer.send([outgoing for outgoing, _ in records])
                        failures = 0
                        self._forget(records)
                return
            except Exception as error:  # noqa: BLE001 - an acceptance must be written, whatever goes wrong
                failures += 1
                wait = waits.draw_wait(failures)
                waiting = len(self._waiting)
                self._log.warning(
                    "outcomes wait to be written to Kafka",
                    records=waiting,
                    reason=_describe_failure(error),
                    again_in_seconds=wait,
                )
                if self._is_over:
                    return
                with self._changed:
                    self._changed.wait_for(lambda: self._is_over, wait)

    def _wait_for_records(self) -> list[tuple[Outgoing, Callable[[], None]]]:
        """The next records; none when it is over and all are written."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._is_over)
            return self._waiting[:_MOST_AT_ONCE]

    def _forget(self, records: Sequence[tuple[Outgoing, Callable[[], None]]]) -> None:
        with self._changed:
            del self._waiting[: len(records)]
        for _, written in records:
            written()


def _describe_failure(error: Exception) -> str:
    return str(error) if isinstance(error, Unavailable | SettingsError) else format_traceback(error)
