"""Several services, one child process each: they start together and end together."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click

from brentwatch.commands.exit_codes import ExitCode
from brentwatch.commands.signals import wish_to_stop
from brentwatch.settings.load import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from brentwatch.settings.sources import Sources

_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 60.0
"""A service finishes its batch: at most a delivery timeout, and then the leaving of the group."""


def supervise(names: Iterable[str], sources: Sources) -> int:
    """Run the named services until one ends or a signal comes; give the exit code of what ended it all.

    Raises:
        SettingsError: if the settings cannot work, once and not once for each service.
    """
    load(sources)
    with wish_to_stop() as wish:
        children = {name: _start(name, sources) for name in names}
        try:
            while not wish.stop.wait(_LOOK_SECONDS):
                for name, child in children.items():
                    if (code := child.poll()) is not None:
                        return _ended(name, code)
            return wish.exit_code
        finally:
            _stop(children)


def _start(name: str, sources: Sources) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "brentwatch", "run", name, *sources.arguments()]
    return subprocess.Popen(command)  # noqa: S603 - this very program, with options that were parsed


def _ended(name: str, code: int) -> int:
    """A child that was killed by a signal has failed; elsewhere its own exit code says what happened."""
    click.echo(f"brentwatch: {name} ended with {code}; the other services are stopped", err=True)
    return code if code > 0 else ExitCode.FAILED


def _stop(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    for name, child in children.items():
        try:
            child.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            click.echo(
                f"brentwatch: {name} did not stop in {_PATIENCE_SECONDS:.0f} seconds; killed", err=True
            )
            child.kill()
            child.wait()
