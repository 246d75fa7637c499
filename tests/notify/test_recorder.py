"""The recorder writes everything it was given, in its order, whatever Kafka does meanwhile."""

import threading
from collections import deque
from collections.abc import Sequence

import pytest
from tests.notify.test_senders import LOG

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.recorder import Recorder
from brentwatch.stream import Outgoing


class Log:
    """A topic; each of `troubles` meets one call, of the producer or of who opens it."""

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles = deque(troubles)
        self.keys: list[bytes | None] = []

    def meet_trouble(self) -> None:
        if self.troubles and (trouble := self.troubles.popleft()):
            raise trouble

    def open(self) -> "Log":
        self.meet_trouble()
        return self

    def send(self, records: Sequence[Outgoing]) -> None:
        self.meet_trouble()
        self.keys += [each.key for each in records]

    def close(self) -> None: ...


@pytest.mark.parametrize(
    "trouble", [Unavailable("Kafka is away"), SettingsError("an ACL is missing"), ZeroDivisionError()]
)
@pytest.mark.parametrize("calls_before", [0, 1])
def test_what_was_recorded_is_written_once_kafka_takes_it(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, calls_before: int
) -> None:
    monkeypatch.setattr("brentwatch.notify.recorder._FIRST_WAIT_SECONDS", 0.01)
    log, all_written, written = Log(*[None] * calls_before, trouble), threading.Event(), list[str]()

    def note(name: str) -> None:
        written.append(name)
        if len(written) == 3:
            all_written.set()

    recorder = Recorder("deliveries", log.open, LOG)
    for name in "abc":
        recorder.record(name, b"{}", lambda name=name: note(name))  # type: ignore[misc] # bound now
    thread = threading.Thread(target=recorder.run, daemon=True)
    thread.start()
    assert all_written.wait(30)
    assert (log.keys, written) == ([b"a", b"b", b"c"], ["a", "b", "c"])
    recorder.close()
    thread.join(30)
    assert not thread.is_alive()


def test_nothing_counts_as_written_that_was_not_taken() -> None:
    log, written = Log(None, Unavailable("Kafka is away")), list[str]()
    recorder = Recorder("deliveries", log.open, LOG)
    recorder.record("a", b"{}", lambda: written.append("a"))
    recorder.close()
    recorder.run()
    assert (log.keys, written) == ([], [])
