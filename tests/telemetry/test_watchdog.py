"""A process that hangs ends itself, and says where it hung; one that goes round is left alone."""

from __future__ import annotations

import subprocess
import sys

from brentwatch.commands.exit_codes import ExitCode

PROGRAM = """
import sys, time
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.telemetry.watchdog import Watchdog

def waits_for_ever():
    while True:
        time.sleep(60)

health = Health(1.0)
with Watchdog(health, 0.5, 70, logger(TelemetrySettings(log_format="json"), service="monitor")):
    for _ in range(10):
        health.beat()
        time.sleep(0.1)
    print("still here", flush=True)
    if sys.argv[1] == "hang":
        waits_for_ever()
"""


def ran(how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_process_that_hangs_ends_with_its_stack() -> None:
    done = ran("hang")

    assert (done.returncode, done.stdout) == (ExitCode.HUNG, "still here\n")
    assert "no progress: the process ends itself" in done.stderr
    assert "in waits_for_ever" in done.stderr


def test_a_process_that_makes_progress_ends_when_it_is_done() -> None:
    done = ran("end")

    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "")
