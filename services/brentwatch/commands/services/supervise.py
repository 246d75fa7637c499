"""Several services, one child process each: they start together and end together, whatever ends this one."""

import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

import click

from brentwatch.commands.process import PATIENCE_SECONDS, ExitCode, Wish, wish_to_stop
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources

Child = subprocess.Popen[bytes]

_LOOK_SECONDS = 0.1


def supervise(names: Iterable[str], sources: Sources) -> int:
    """Run the named services until one ends or a signal comes; give the exit code of what ended it all.

    Raises:
        SettingsError: if the settings cannot work, once and not once for each service.
    """
    load(sources)
    children: dict[str, Child] = {}
    with wish_to_stop() as wish:
        try:
            for name in names:
                children[name] = _start(name, sources)
            return _wait(children, wish)
        finally:
            _stop(children)


def _start(name: str, sources: Sources) -> Child:
    """The child's standard input is the pipe by which it learns that this process has ended.

    With -P it imports nothing from the working folder.
    """
    command = [
        sys.executable,
        "-P",
        "-m",
        "brentwatch",
        "run",
        name,
        "--supervised",
        *sources.build_arguments(),
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - this very program, parsed options


def _wait(children: Mapping[str, Child], wish: Wish) -> int:
    while not wish.stop.wait(_LOOK_SECONDS):
        for name, child in children.items():
            if (code := child.poll()) is not None:
                return _report_end(name, code)
    return wish.exit_code


def _report_end(name: str, code: int) -> int:
    """A child that was killed by a signal has failed; elsewhere its own exit code says what happened."""
    how = f"ended with exit code {code}" if code >= 0 else f"was ended by {_name_signal(-code)}"
    _say(f"{name} {how}; the other services are stopped")
    return code if code > 0 else ExitCode.FAILED


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
    """A message that nobody can read must not keep a child from being stopped."""
    with suppress(OSError, ValueError):
        click.echo(f"brentwatch: {sentence}", err=True)
