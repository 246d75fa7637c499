"""Times a command in a process of its own, as a user runs it: processor time, wall clock and peak memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """Processor `seconds`, `wall`-clock seconds, and peak memory in `megabytes` (10^6 bytes)."""

    seconds: float
    wall: float
    megabytes: float


def command(*arguments: str, times: int) -> Run:
    """The median times and highest peak of `brentwatch` with these arguments, after a run to warm the disk.

    Raises:
        CalledProcessError: if the command fails.
    """
    return python("-m", "brentwatch", *arguments, times=times)


def python(*arguments: str, times: int) -> Run:
    """The same of Python with these arguments.

    Raises:
        CalledProcessError: if it fails.
    """
    if times > 1:
        _once(arguments)
    return middle([_once(arguments) for _ in range(times)])


def in_turn(first: tuple[str, ...], second: tuple[str, ...], times: int) -> tuple[Run, Run]:
    """Python with two sets of arguments in turn, so that the state of the machine affects both."""
    if times > 1:
        _once(first)
        _once(second)
    runs = [(_once(first), _once(second)) for _ in range(times)]
    return middle([one for one, _ in runs]), middle([other for _, other in runs])


def middle(runs: list[Run]) -> Run:
    """The median times and the highest peak."""
    seconds, wall = median(run.seconds for run in runs), median(run.wall for run in runs)
    return Run(seconds, wall, max(run.megabytes for run in runs))


def own_peak() -> float:
    """The peak of this process in megabytes.

    On Linux a child inherits the peak of `getrusage` from the process that started it, so the peak that the
    kernel gives for this program is used if there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024 / 1e6
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage / 1e6 if sys.platform == "darwin" else usage * 1024 / 1e6


def _once(arguments: tuple[str, ...]) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, [sys.executable, *arguments])
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return Run(usage.ru_utime + usage.ru_stime, wall, kilobytes * 1024 / 1e6)
