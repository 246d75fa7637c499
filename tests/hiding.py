"""Processes in which some libraries cannot be imported, as where they are not installed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.machinery import ModuleSpec

_ROOT = Path(__file__).parents[1]
UNCAUGHT = -1
"""The exit code of a command that ended with an error of another kind than the command line tells."""


class Done(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


class Hidden:
    """A finder that stands before all others and does not let them find some libraries."""

    def __init__(self, libraries: Iterable[str]) -> None:
        self._libraries = frozenset(libraries)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Nothing, upon which the next finder is asked.

        Raises:
            ModuleNotFoundError: if the library is hidden.
        """
        del path, target
        if name.partition(".")[0] in self._libraries:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def run_script(script: str, *libraries: str) -> str:
    """What a script prints in a process without these libraries; it must not fail or warn."""
    hidden = f"import sys; from tests.hiding import Hidden; sys.meta_path.insert(0, Hidden({libraries!r}))\n"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", hidden + script],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def run_commands(commands: Sequence[Sequence[str]], *libraries: str) -> list[Done]:
    """What each of these command lines of brentwatch comes to in one process without these libraries."""
    script = f"from tests.hiding import print_outcomes; print_outcomes({[list(each) for each in commands]!r})"
    return [Done(*each) for each in json.loads(run_script(script, *libraries))]


def print_outcomes(commands: Iterable[list[str]]) -> None:
    """Run the commands in this process, and print what they came to as JSON."""
    print(json.dumps([_outcome(words) for words in commands]))  # noqa: T201 - the parent reads it


def _outcome(words: list[str]) -> Done:
    from brentwatch.cli import main

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(words)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no sentence for people
            return Done(UNCAUGHT, out.getvalue(), repr(error))
    return Done(int(code), out.getvalue(), err.getvalue())
