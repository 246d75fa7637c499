"""Replicas of services as processes, started anew whenever they end: what a container runtime does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kafka.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from tests.kafka.chaos.stage import Stage

SOURCES = CHECKOUT / "services"
PROGRAM = ("-m", "brentwatch")
_LOOK_SECONDS = 0.05
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_LIVED_SECONDS = 10.0

FAILED, HUNG = 1, 70
MEANT = frozenset({-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM, HUNG, 6})
"""Exit codes that chaos brings about: killed, stopped (before or after the start), hung, without a broker."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A process that ended: which, how, and when (seconds since the supervisor began)."""

    replica: str
    code: int
    at: float


@dataclass(slots=True)
class Replica:
    """One process that is to be there: what Python runs, with the package from the folder `sources`.

    Without `again` it is not started anew when it ends.
    """

    name: str
    service: str
    sources: Path
    program: tuple[str, ...]
    again: bool = True
    process: subprocess.Popen[bytes] | None = None
    paused: bool = False
    pause_seconds: float = _FIRST_PAUSE_SECONDS
    began: float = 0.0
    logged: int = 0
    again_at: float = 0.0

    @property
    def runs(self) -> bool:
        """True while its process is there and is not stopped by SIGSTOP."""
        return self.process is not None and self.process.poll() is None and not self.paused


@dataclass(slots=True)
class Supervisor:
    """Keeps replicas running while the context is open; kills what is left at its end."""

    stage: Stage
    folder: Path
    exits: list[Exit] = field(default_factory=list)
    replicas: dict[str, Replica] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Supervisor:
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        for name in list(self.replicas):
            self.remove(name, signal.SIGKILL)

    def add(
        self,
        service: str,
        name: str,
        sources: Path = SOURCES,
        program: tuple[str, ...] = PROGRAM,
        *,
        again: bool = True,
    ) -> None:
        """One more replica of a service."""
        with self._lock:
            self.replicas[name] = Replica(name, service, sources, program, again)
            self._start(self.replicas[name])

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process of a replica, which is started again if it ends."""
        with self._lock:
            replica = self.replicas.get(name)
            if replica is None or replica.process is None:
                return
            replica.paused = number == signal.SIGSTOP or (replica.paused and number != signal.SIGCONT)
            replica.process.send_signal(number)

    def remove(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a replica for good, and wait until it has ended."""
        with self._lock:
            replica = self.replicas.pop(name, None)
        if replica is not None and replica.process is not None:
            replica.process.send_signal(number)
            replica.process.send_signal(signal.SIGCONT)
            self._note(replica, replica.process.wait(60))

    def change(self, name: str, sources: Path, number: signal.Signals) -> None:
        """Run a replica from other sources from now on."""
        with self._lock:
            self.replicas[name].sources = sources
        self.send(name, number)

    def running(self, service: str) -> list[str]:
        """The replicas of a service that run."""
        with self._lock:
            return [each.name for each in self.replicas.values() if each.service == service and each.runs]

    def rest(self, service: str = "") -> None:
        """End the replicas of a service for good, of all where none is named, as SIGTERM does."""
        for replica in list(self.replicas.values()):
            if service in ("", replica.service):
                self.remove(replica.name)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Stop every process that runs, for as long as the context is open: they begin no transaction."""
        with self._lock:
            held = [each.name for each in self.replicas.values() if each.runs]
            for name in held:
                self.send(name, signal.SIGSTOP)
            yield
            for name in held:
                self.send(name, signal.SIGCONT)

    def resume_all(self) -> None:
        """Let every paused process go on."""
        for name in list(self.replicas):
            self.send(name, signal.SIGCONT)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            with self._lock:
                for replica in list(self.replicas.values()):
                    self._look(replica)

    def _look(self, replica: Replica) -> None:
        now = time.monotonic()
        if replica.process is None:
            if now >= replica.again_at:
                self._start(replica)
        elif (code := replica.process.poll()) is not None:
            self._note(replica, code)
            if not replica.again:
                del self.replicas[replica.name]
            lived = now - replica.began > _LIVED_SECONDS
            pause = _FIRST_PAUSE_SECONDS if lived else min(2 * replica.pause_seconds, _LONGEST_PAUSE_SECONDS)
            replica.process, replica.pause_seconds, replica.again_at = None, pause, now + pause

    def _note(self, replica: Replica, code: int) -> None:
        if code == FAILED and self._hung(replica):
            code = HUNG
        self.exits.append(Exit(replica.name, code, round(time.monotonic() - self._began, 1)))

    def _hung(self, replica: Replica) -> bool:
        """True where the watchdog in C ended it: a paused process may find both watchdogs due at once."""
        return b"\nTimeout (" in b"\n" + (self.folder / f"{replica.name}.log").read_bytes()[replica.logged :]

    def _start(self, replica: Replica) -> None:
        command = [sys.executable, "-W", "ignore", *replica.program, "run", replica.service]
        options = ["--settings", str(self.stage.file), "--set", f"kafka.replica={replica.name}"]
        with (self.folder / f"{replica.name}.log").open("ab") as log:
            replica.logged = log.tell()
            replica.process = subprocess.Popen(
                [*command, *options],
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env=os.environ | {"PYTHONPATH": str(replica.sources), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        replica.paused, replica.began = False, time.monotonic()
