"""The health of one service, which its probes and its watchdog read.

Alive means that it makes progress: the last beat is not older than the limit. Ready means that it is
restored, or stands by to take over. That prices are stale is a metric; it makes no service unready.

The watchdog ends a process that hangs: a call of a client may wait for ever, and the process looks alive all
the while. Under exactly-once a restart loses nothing and doubles nothing, so ending is the remedy. The log
may be what hangs: a pipe that nobody reads is full after 64 KiB, and then every write waits. So the reason is
given from a thread of its own, and the process ends when that is done or after a few seconds, whichever comes
first.

A call in C may hold the GIL, and then no thread of Python runs, this one neither. For that case faulthandler
has a thread in C: each look sets it again for a time somewhat after the limit, counted from the last beat.
When it is not armed again in time, it writes the stacks and ends the process, with exit code 1.
"""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from structlog.typing import FilteringBoundLogger

from brentwatch.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a probe: yes or no, and a sentence."""

    well: bool
    detail: str


class Health:
    """What the loop says about itself, and the answers to the probes. `clock` counts seconds."""

    def __init__(self, liveness_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = liveness_seconds
        self._clock = clock
        self._last_beat = clock()
        self._readiness = Answer(False, "starting")
        self._parts: list[Health] = []

    def add_part(self) -> "Health":
        """The health of something beside this: the whole is as silent, and as unready, as its worst part."""
        part = Health(self._limit, self._clock)
        self._parts.append(part)
        return part

    def beat(self) -> None:
        """Say that there was progress."""
        self._last_beat = self._clock()

    def mark_ready(self, detail: str) -> None:
        """Report that the service can take work; `detail` is the text of /readyz, such as "ready"."""
        self._readiness = Answer(True, detail)

    def mark_unready(self, detail: str) -> None:
        """Say that work cannot be taken, and why."""
        self._readiness = Answer(False, detail)

    def measure_silence(self) -> float:
        """Since the last progress."""
        return max([self._clock() - self._last_beat, *(part.measure_silence() for part in self._parts)])

    def check_liveness(self) -> Answer:
        """Whether there was progress within the limit."""
        silent = self.measure_silence()
        said = f"last progress {silent:.0f} s ago; limit {self._limit:.0f} s"
        return Answer(silent <= self._limit, said)

    def check_readiness(self) -> Answer:
        """Whether work can be taken."""
        answers = (self._readiness, *(part.check_readiness() for part in self._parts))
        return next((answer for answer in answers if not answer.well), self._readiness)


_LOOK_SECONDS = 1.0
_SPEAK_SECONDS = 3.0
_STACK_BYTES = 65_536
_GRACE_SECONDS = 30.0
"""After the limit, in which a watchdog that can still run ends the process itself and says why: also where
the process was stopped from outside for a while, and both wake up at once."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What a service counts, says about itself and logs."""

    metrics: Metrics
    health: Health
    log: FilteringBoundLogger


class Watchdog:
    """Looks every second for as long as the context is open; `end` ends the process with a code."""

    def __init__(
        self,
        health: Health,
        limit_seconds: float,
        exit_code: int,
        log: FilteringBoundLogger,
        end: Callable[[int], object] = os._exit,
        grace_seconds: float = _GRACE_SECONDS,
    ) -> None:
        self._health = health
        self._limit = limit_seconds
        self._exit_code = exit_code
        self._log = log
        self._end = end
        self._grace = grace_seconds
        self._over = threading.Event()
        self._stderr = -1
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> "Watchdog":
        self._stderr = _open_stderr()
        self._postpone_end(0.0)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()
        os.close(self._stderr)

    def _watch(self) -> None:
        while not self._over.wait(min(_LOOK_SECONDS, self._limit)):
            silent = self._health.measure_silence()
            if silent > self._limit:
                self._end_process(silent)
                return
            self._postpone_end(silent)

    def _postpone_end(self, silent: float) -> None:
        """Have the process ended by faulthandler when nothing sets it again."""
        left = self._limit + self._grace - silent
        with suppress(RuntimeError):  # no thread can be started: this watchdog goes on alone
            faulthandler.dump_traceback_later(left, exit=True, file=self._stderr)

    def _end_process(self, silent: float) -> None:
        """The process ends also where no thread can be started to say why."""
        try:
            speaking = threading.Thread(target=self._give_reason, args=(silent,), daemon=True)
            speaking.start()
            speaking.join(_SPEAK_SECONDS)
        finally:
            self._end(self._exit_code)

    def _give_reason(self, silent: float) -> None:
        stacks = _read_stacks()
        with suppress(OSError, ValueError):  # a log that nobody reads, or that is closed
            self._log.critical(
                "no progress: the process exits so that its supervisor restarts it",
                silent_seconds=round(silent, 1),
                limit_seconds=self._limit,
                exit_code=self._exit_code,
            )
            sys.stderr.write(stacks)
            sys.stderr.flush()


def _open_stderr() -> int:
    """Standard error opened once more, so that a write never waits; a sink where that is not allowed."""
    try:
        return os.open("/dev/stderr", os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _read_stacks() -> str:
    """The stack of each thread, through a pipe that never waits: faulthandler would block the process."""
    try:
        reader, writer = os.pipe()
    except OSError as error:  # no file descriptor is left
        return f"no stack of the threads: {error}\n"
    try:
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        faulthandler.dump_traceback(file=writer, all_threads=True)
        return os.read(reader, _STACK_BYTES).decode(errors="replace")
    finally:
        os.close(reader)
        os.close(writer)
