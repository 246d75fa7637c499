"""A process that hangs ends itself, and says where it hung; one that goes round is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from brentwatch.commands.process import ExitCode
from brentwatch.telemetry.health import Health, Watchdog
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings

pytestmark = pytest.mark.slow

PROGRAM = """
import sys, threading
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.telemetry.health import Watchdog

now = 0.0

def waits_for_ever():
    global now
    now += 1.0
    threading.Event().wait()

health = Health(1.0, lambda: now)
with Watchdog(health, 0.5, 70, make_logger(TelemetrySettings(log_format="json"), service="monitor")):
    for _ in range(10):
        now += 0.4  # of the limit of 0.5: with each beat the time begins anew
        health.beat()
    print("still here", flush=True)
    if sys.argv[1] == "hang":
        waits_for_ever()
"""


def ran(how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_process_that_hangs_ends_with_its_stack() -> None:
    done = ran("hang")

    assert (done.returncode, done.stdout) == (ExitCode.INTERNAL, "still here\n")
    assert "no progress: the process exits" in done.stderr
    assert "in waits_for_ever" in done.stderr


def test_a_process_that_makes_progress_ends_when_it_is_done() -> None:
    done = ran("end")

    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "")


HANGS_IN_ITS_LOG = """
import os, sys
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.telemetry.health import Watchdog

log = make_logger(TelemetrySettings(log_format="json"), service="monitor")
health = Health(1.0)
with Watchdog(health, 0.5, 70, log):
    print("still here", flush=True)
    while True:
        log.info("a line that fills the pipe")
        health.beat()
"""

SILENT = """
import threading
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.telemetry.health import Watchdog

with Watchdog(Health(1.0), 0.5, 70, make_logger(TelemetrySettings(log_format="json"), service="monitor")):
    threading.Event().wait()
"""


def fill(writer: int) -> None:
    """Write to a pipe until it takes no more."""
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while os.write(writer, b"." * 4096):
            pass
    os.set_blocking(writer, True)


def test_a_process_whose_log_is_a_full_pipe_still_ends() -> None:
    """The main thread waits in its own log line, and holds what every other line must wait for."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_IN_ITS_LOG], stdout=subprocess.PIPE, stderr=writer
    ) as process:
        os.close(writer)
        assert process.wait(60) == ExitCode.INTERNAL
    os.close(reader)


def test_a_watchdog_ends_its_process_where_the_pipe_is_full_of_what_others_wrote() -> None:
    reader, writer = os.pipe()
    fill(writer)
    with subprocess.Popen([sys.executable, "-c", SILENT], stderr=writer) as process:
        os.close(writer)
        assert process.wait(60) == ExitCode.INTERNAL
    os.close(reader)


def test_a_watchdog_whose_log_lost_its_reader_still_ends_its_process() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([sys.executable, "-c", SILENT], stderr=writer) as process:
        os.close(writer)
        assert process.wait(60) == ExitCode.INTERNAL


def test_a_watchdog_whose_standard_error_is_closed_still_ends_its_process() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, SILENT], timeout=60, check=False
    )

    assert done.returncode == ExitCode.INTERNAL


def test_a_process_that_can_start_no_thread_to_say_why_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    codes: list[int] = []
    log = make_logger(TelemetrySettings(), service="monitor")
    watchdog = Watchdog(Health(1.0), 0.5, ExitCode.INTERNAL, log, codes.append)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        watchdog._end_process(2.0)
    assert codes == [ExitCode.INTERNAL]


HOLDS_THE_GIL = """
import ctypes
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.telemetry.health import Watchdog

def waits_in_c():
    ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the GIL, as a pattern that backtracks does

log = make_logger(TelemetrySettings(log_format="json"), service="monitor")
with Watchdog(Health(1.0), 0.5, 70, log, grace_seconds=2.0):
    waits_in_c()
"""


@pytest.mark.attack
def test_a_process_whose_call_holds_the_gil_ends_with_its_stack() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOLDS_THE_GIL], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 1
    assert "in waits_in_c" in done.stderr


@pytest.mark.attack
def test_a_process_that_holds_the_gil_ends_where_nobody_reads_its_log() -> None:
    reader, writer = os.pipe()
    fill(writer)
    with subprocess.Popen([sys.executable, "-c", HOLDS_THE_GIL], stderr=writer) as process:
        os.close(writer)
        assert process.wait(120) == 1
    os.close(reader)


BEATS_FOR_LONGER_THAN_THE_LIMIT = """
import time
from brentwatch.telemetry import health as watchdog
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings

armed = []
watchdog.faulthandler.dump_traceback_later = lambda seconds, **_: armed.append(seconds)
health = Health(1.0)
log = make_logger(TelemetrySettings(log_format="json"), service="monitor")
with watchdog.Watchdog(health, 600.0, 70, log):
    while len(armed) < 3:
        health.beat()
print(min(armed) > 600, max(armed) < 640)
"""


def test_each_look_arms_the_last_resort_anew_for_a_time_after_the_limit() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEATS_FOR_LONGER_THAN_THE_LIMIT],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\n", "")
