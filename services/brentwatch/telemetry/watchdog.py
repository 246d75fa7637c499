"""Ends a process that hangs: a call of a client may wait for ever, and the process looks alive all the while.

Under exactly-once a restart loses nothing and doubles nothing, so ending is the remedy.
"""

from __future__ import annotations

import faulthandler
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from structlog.typing import FilteringBoundLogger

    from brentwatch.telemetry.health import Health

_LOOK_SECONDS = 1.0


class Watchdog:
    """Looks every second for as long as the context is open; `end` ends the process with a code."""

    def __init__(
        self,
        health: Health,
        limit_seconds: float,
        exit_code: int,
        log: FilteringBoundLogger,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._health = health
        self._limit = limit_seconds
        self._exit_code = exit_code
        self._log = log
        self._end = end
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(min(_LOOK_SECONDS, self._limit)):
            silent = self._health.silent_seconds()
            if silent > self._limit:
                self._log.critical(
                    "no progress: the process ends itself, to be started anew by who supervises it",
                    silent_seconds=round(silent, 1),
                    limit_seconds=self._limit,
                    exit_code=self._exit_code,
                )
                faulthandler.dump_traceback(all_threads=True)
                self._end(self._exit_code)
                return
