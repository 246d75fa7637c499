"""Times a command in a process of its own, as a user meets it: wall clock and peak memory."""

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
    """`seconds` of wall clock, `megabytes` (10^6 bytes) of resident memory at the peak."""

    seconds: float
    megabytes: float


def command(*arguments: str, times: int) -> Run:
    """The median time and highest peak of `brentwatch` with these arguments, after one run to warm the disk.

    Raises:
        CalledProcessError: if the command fails.
    """
    _once(arguments)
    runs = [_once(arguments) for _ in range(times)]
    return Run(median(run.seconds for run in runs), max(run.megabytes for run in runs))


def own_peak() -> float:
    """The peak of this process in megabytes.

    Linux hands the peak that is told by `getrusage` on to a child, from the process that started it: what
    the kernel says of this very program is taken where it says so.
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
        [sys.executable, "-m", "brentwatch", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, ["brentwatch", *arguments])
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return Run(seconds, kilobytes * 1024 / 1e6)
