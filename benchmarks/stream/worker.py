"""One service on the loop in a process of its own, until no more records arrive: what it read, and when.

    python -m benchmarks.stream.worker SERVICE SETTINGS [PROFILE]

It does the same as `brentwatch run SERVICE`, without its port and watchdog, and prints one JSON object, a
`Report`. The log goes to standard error. With PROFILE, a file, the loop runs under cProfile.
"""

from __future__ import annotations

import cProfile
import math
import os
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, cast

import msgspec
from prometheus_client import CollectorRegistry
from tests.kafka.tools import CHECKOUT

from brentwatch.commands.memory import adjust_collector
from brentwatch.commands.run import SERVICES
from brentwatch.commands.services.observe import Observer
from brentwatch.settings.composed import Settings
from brentwatch.stream import Job, loop
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.facts import Restored, Turned
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from brentwatch.commands.services.serve import ServiceModule
    from brentwatch.stream.facts import LoopFact

PATIENCE_SECONDS = 3.0


@dataclass(slots=True)
class Report:
    """The report of a worker at its end.

    `turns` are the turns that read records: the time (seconds since 1970) at which each ended, its records,
    and the resident memory then, in bytes. `cpu` are processor seconds of the loop, `restored` the seconds of
    the restore, and `began` the time at which the loop began.
    """

    turns: list[tuple[float, int, int]] = field(default_factory=list)
    cpu: float = 0.0
    restored: float = 0.0
    began: float = 0.0

    @property
    def records(self) -> int:
        """All that were read."""
        return sum(records for _, records, _ in self.turns)

    @property
    def rate(self) -> float:
        """Records a second, from the end of the first turn to that of the last.

        If one turn read everything, it counts from the beginning; without records it is NaN.
        """
        if len(self.turns) < 2:
            return self.records / (self.turns[0][0] - self.began) if self.turns else math.nan
        (first, _, _), *rest = self.turns
        return sum(records for _, records, _ in rest) / (rest[-1][0] - first)

    def between(self, start: float, end: float) -> int:
        """The records of the turns that ended after `start` and by `end`."""
        return sum(records for at, records, _ in self.turns if start < at <= end)


def start(service: str, settings: Settings) -> subprocess.Popen[bytes]:
    """The worker as a process that has finished its imports and waits for `ended`."""
    words = ["-m", "benchmarks.stream.worker", service, settings.model_dump_json(exclude_defaults=True)]
    command = [sys.executable, "-W", "ignore", *words]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    if process.stdout:
        process.stdout.readline()
    return process


def ended(*processes: subprocess.Popen[bytes]) -> list[Report]:
    """Start all workers at the same time; returns the report of each at its end.

    Raises:
        CalledProcessError: if one failed.
    """
    for process in processes:
        if process.stdin:
            process.stdin.close()
            process.stdin = None
    return [_report(process) for process in processes]


def _report(process: subprocess.Popen[bytes]) -> Report:
    told, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return msgspec.json.decode(told, type=Report)


class Listener:
    """Passes the facts of the loop to its observer, and ends the loop when no more records arrive."""

    def __init__(self, on: Callable[[LoopFact], None]) -> None:
        self.report = Report()
        self.stop = threading.Event()
        self._on = on
        self._last = 0.0

    def tell(self, fact: LoopFact) -> None:
        """Take in one fact of the loop."""
        self._on(fact)
        match fact:
            case Turned(records=records) if records:
                self._last = time.time()
                self.report.turns.append((self._last, records, resident()))
            case Restored(seconds=seconds):
                self.report.restored = seconds
            case Turned(ready=ready):
                self._last = self._last or (time.time() if ready else 0.0)
                if self._last and time.time() - self._last > PATIENCE_SECONDS:
                    self.stop.set()


def resident() -> int:
    """Bytes of this process in memory; 0 if the system does not report it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def main(name: str, settings: Settings, profile: str | None = None) -> Report:
    """Run the service until no more records arrive."""
    service = cast("ServiceModule", import_module(SERVICES[name]))
    telemetry = Telemetry(
        Metrics(CollectorRegistry(), name),
        Health(settings.telemetry.liveness_seconds),
        make_logger(settings.telemetry, service=name),
    )
    job = service.prepare(settings, telemetry)
    if not isinstance(job, Job):
        raise ValueError(f"{name} is not on the loop; expected screen, monitor or notify")
    listener = Listener(Observer(telemetry.metrics, telemetry.health, telemetry.log).tell)
    adjust_collector()
    print("ready", flush=True)
    sys.stdin.read()
    began, listener.report.began = time.process_time(), time.time()
    with cProfile.Profile() if profile else nullcontext() as profiler:
        loop.run(Cluster(settings.kafka), job, tell=listener.tell, stop=listener.stop)
    if profile and profiler:
        profiler.dump_stats(profile)
    listener.report.cpu = time.process_time() - began
    return listener.report


if __name__ == "__main__":
    given = Settings.model_validate_json(sys.argv[2])
    print(msgspec.json.encode(main(sys.argv[1], given, *sys.argv[3:])).decode())
