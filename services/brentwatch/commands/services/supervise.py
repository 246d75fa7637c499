"""Several services, one child process each: they start together and end together, whatever ends this one."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from brentwatch.commands.process import PATIENCE_SECONDS, ExitCode, Wish, say, wish_to_stop
from brentwatch.commands.services.progress import BrokerWait, Progress
from brentwatch.commands.services.reports import Reports
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.telemetry.logs import BRIDGED, bridge, make_logger

Child = subprocess.Popen[bytes]

_LOOK_SECONDS = 0.1


def supervise(names: Iterable[str], sources: Sources) -> int:
    """Run the named services until one ends or a signal comes; give the exit code of what ended it all.

    Waits for the broker first, however long: it may be started later than this.

    Raises:
        SettingsError: if the settings cannot work, once and not once for each service.
    """
    settings, chosen = load(sources).settings, tuple(names)
    with wish_to_stop() as wish:
        handler = bridge(make_logger(settings.telemetry, service="run"))
        try:
            if not BrokerWait(settings.kafka, wish.stop, _say).wait():
                return wish.exit_code
        finally:
            logging.getLogger(BRIDGED).removeHandler(handler)
        _say(f"starting {', '.join(chosen)}")
        return _run_children(chosen, sources, settings.telemetry.host, wish)


def _run_children(names: Iterable[str], sources: Sources, host: str, wish: Wish) -> int:
    children: dict[str, Child] = {}
    reports: dict[str, Reports] = {}
    with ExitStack() as pipes:
        try:
            for name in names:
                children[name], reports[name] = _start(name, sources)
                pipes.callback(reports[name].close)
            with Progress(reports, host, _say).watch():
                failed = _wait(children, wish)
            _say(_describe_end(failed, children[failed]) if failed else f"stopping {', '.join(children)}")
        finally:
            _stop(children)
        if failed is None:
            _say("all services have stopped")
            return wish.exit_code
        _say(_explain_end(failed, children[failed], reports[failed]))
        return max(children[failed].returncode, 0) or ExitCode.FAILED


def _start(name: str, sources: Sources) -> tuple[Child, Reports]:
    """The child's standard input is the pipe by which it learns that this process has ended.

    With -P it imports nothing from the working folder.
    """
    reading, writing = os.pipe()
    command = [
        sys.executable,
        "-P",
        "-m",
        "brentwatch",
        "run",
        name,
        "--supervised",
        "--report-to",
        str(writing),
        *sources.build_arguments(),
    ]
    try:
        # This very program, with options that were parsed.
        child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(writing,))  # noqa: S603
    finally:
        os.close(writing)
    return child, Reports(reading)


def _wait(children: Mapping[str, Child], wish: Wish) -> str | None:
    """The service that ended by itself; none where a signal came."""
    while not wish.stop.wait(_LOOK_SECONDS):
        for name, child in children.items():
            if child.poll() is not None:
                return name
    return None


def _describe_end(name: str, child: Child) -> str:
    code = child.returncode
    how = f"ended with exit code {code}" if code >= 0 else f"was ended by {_name_signal(-code)}"
    return f"{name} {how}; stopping the other services"


def _explain_end(name: str, child: Child, reports: Reports) -> str:
    """Why a service ended by itself, and what to do: the last message, after the logs of the others."""
    if failure := reports.find_failure():
        return f"{name} failed: {failure}"
    if -child.returncode == getattr(signal, "SIGKILL", None):
        return f"{name} was killed. If you did not do that, the system ran out of memory: check `dmesg`"
    return f"{name} failed: see its last log lines above. To run it alone: brentwatch run {name}"


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _stop(children: Mapping[str, Child]) -> None:
    for child in children.values():
        child.terminate()
    for name, child in children.items():
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            _say(f"{name} did not stop in {PATIENCE_SECONDS:.0f} seconds and was killed")


def _say(sentence: str) -> None:
    for line in sentence.splitlines():
        say(f"brentwatch: {line}")
