"""What `brentwatch run` says while several services start and run: the broker, and which services are ready.

It asks `/readyz` of each service in a thread of its own. No service depends on these messages.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from brentwatch.commands.services.reports import Reports
from brentwatch.core.errors import Unavailable
from brentwatch.stream import KafkaSettings
from brentwatch.stream.clients.admin import Admin
from brentwatch.telemetry.probe import ask, build_url

Say = Callable[[str], None]

_LOOK_SECONDS = 0.1
_RETRY_SECONDS = 2.0
_SILENT_SECONDS = 3.0
"""A broker that has not answered for so long is mentioned."""

_REPEAT_SECONDS = 30.0
_PATIENCE_SECONDS = 10.0
"""So long a service may be unready before it is mentioned: while it starts, or in a rebalance."""

_STARTING_SECONDS, _RUNNING_SECONDS = 0.2, 2.0
_LAST_LOOK_SECONDS = 1.0
"""So long the services may wait to be stopped for an answer that is outstanding."""


def describe_cluster(kafka: KafkaSettings) -> str:
    """The cluster that answers, in words.

    Raises:
        SettingsError: if it refuses us.
        Unavailable: if it does not answer.
    """
    with closing(Admin(kafka)) as admin:
        return str(admin.describe_cluster())


class BrokerWait:
    """Waits for the broker, and says how it goes.

    A thread connects, since one attempt may take as long as `kafka.request_timeout_seconds`: a signal ends
    the wait at once.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        stop: Event,
        say: Say,
        describe: Callable[[KafkaSettings], str] = describe_cluster,
    ) -> None:
        self._kafka = kafka
        self._stop = stop
        self._say = say
        self._describe = describe
        self._done = Event()
        self._failed: BaseException | None = None
        self._spoken_at: float | None = None

    def wait(self) -> bool:
        """True once the broker has answered, false where `stop` was set before.

        Raises:
            SettingsError: if the broker refuses us: trying again would not help.
        """
        self._say(f"connecting to Kafka at {self._kafka.bootstrap}")
        Thread(target=self._connect, name="connecting", daemon=True).start()
        began = time.monotonic()
        while not self._done.wait(_LOOK_SECONDS):
            if self._stop.is_set():
                return False
            if self._spoken_at is None and time.monotonic() - began > _SILENT_SECONDS:
                self._complain("no answer yet; still waiting")
        if self._failed is not None:
            raise self._failed
        return True

    def _connect(self) -> None:
        try:
            while not self._try_once():
                self._stop.wait(_RETRY_SECONDS)
        except BaseException as error:  # noqa: BLE001 - it is raised again on the main thread
            self._failed = error
        finally:
            self._done.set()

    def _try_once(self) -> bool:
        try:
            self._say(f"connected: {self._describe(self._kafka)}")
        except Unavailable as error:
            if self._spoken_at is None or time.monotonic() - self._spoken_at > _REPEAT_SECONDS:
                self._complain(f"{error}; trying again every {_RETRY_SECONDS:.0f} s")
            return False
        return True

    def _complain(self, sentence: str) -> None:
        self._spoken_at = time.monotonic()
        self._say(sentence)


@dataclass(slots=True)
class _Readiness:
    """Whether a service was ready when it was last asked, since when it is not, and what was said of it."""

    unready_since: float
    is_ready: bool = False
    was_ready: bool = False
    said: str = ""


class Progress:
    """Says when each service is ready, when all are, and which one is not for some time.

    Args:
        services: what each service reports, by its name.
        host: the address that they serve metrics and health on.
        say: takes each sentence.
        clock: counts seconds.
    """

    def __init__(
        self,
        services: Mapping[str, Reports],
        host: str,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._host = host
        self._say = say
        self._clock = clock
        self._states = {name: _Readiness(clock()) for name in services}
        self._width = max(map(len, services), default=0)
        self._all_said = False

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Look now and then while the context is open."""
        over = Event()
        thread = Thread(target=self._look_until, args=(over,), name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(_LAST_LOOK_SECONDS)

    def _look_until(self, over: Event) -> None:
        while not over.wait(_RUNNING_SECONDS if self._all_said else _STARTING_SECONDS):
            self.look()

    def look(self) -> None:
        """Ask every service once, and say what is new."""
        for name, reports in self._services.items():
            port = reports.find_port()
            answer = None if port is None else ask(self._host, port)
            match answer:
                case (200, detail):
                    self._take_ready(name, build_url(self._host, port or 0, "metrics"), detail)
                case (_, detail):
                    self._take_unready(name, detail)
                case _:
                    self._take_unready(name, "its port is not open yet")
        if not self._all_said and all(state.is_ready for state in self._states.values()):
            self._all_said = True
            self._say("all services are ready; Ctrl-C stops them")

    def _take_ready(self, name: str, url: str, detail: str) -> None:
        state = self._states[name]
        if not state.was_ready or state.said:
            again = "ready again" if state.was_ready else "ready"
            why = f" ({detail})" if detail.startswith("degraded") else ""
            self._say(f"{name:<{self._width}} {again}: {url}{why}")
        state.is_ready, state.was_ready, state.said = True, True, ""

    def _take_unready(self, name: str, detail: str) -> None:
        state = self._states[name]
        if state.is_ready:
            state.is_ready, state.unready_since = False, self._clock()
        if detail != state.said and self._clock() - state.unready_since >= _PATIENCE_SECONDS:
            state.said, state.unready_since = detail, self._clock()
            self._say(f"{name:<{self._width}} not ready: {detail}")
