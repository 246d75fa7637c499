"""What a check of a release comes to, one line each, and the summary at the end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_SECONDS = 3600.0


class CheckFailed(Exception):
    """A check did not hold; the message says what was seen."""


class NotPossible(Exception):
    """Something that this machine lacks; the message says what."""


type_of_check = Callable[[], str | None]
"""A check returns a remark or nothing, and raises `CheckFailed` or `NotPossible`."""


@dataclass(slots=True)
class Report:
    """Prints a line for each check, and remembers what the summary needs."""

    failed: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)

    def take(self, title: str, check: type_of_check) -> bool:
        """Make one check and print its line; returns True if it holds."""
        began = time.monotonic()
        try:
            remark = check()
        except CheckFailed as error:
            self.failed.append(title)
            self._print("FAILED", began, title, str(error))
        except NotPossible as error:
            self.leave_out(title, str(error))
        else:
            self._print("ok", began, title, remark or "")
            return True
        return False

    def leave_out(self, title: str, reason: str) -> None:
        """Say that something cannot be checked here."""
        self.not_checked.append(f"{title}: {reason}")
        self._print("not possible here", None, title, reason)

    def ask(self, what: str) -> None:
        """Leave something to the person who publishes."""
        self.by_hand.append(what)
        self._print("by hand", None, what, "")

    def _print(self, word: str, began: float | None, title: str, remark: str) -> None:
        seconds = "" if began is None else f"{time.monotonic() - began:.1f} s"
        first, *others = remark.splitlines() or [""]
        print(f"{word:<18}{seconds:>8}  {title}{': ' if first else ''}{first}", flush=True)
        for line in others:
            print(f"{'':28}{line}", flush=True)

    def summarise(self) -> int:
        """Print what failed, what was not checked and what is left to do; returns the exit code."""
        for title, lines in (
            ("Failed", self.failed),
            ("Not checked", self.not_checked),
            ("Left to the person who publishes", self.by_hand),
        ):
            print(f"\n{title}: {len(lines) or 'nothing'}", *(f"  {line}" for line in lines), sep="\n")
        return 1 if self.failed else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs programs in a folder, with an environment."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: str | Path) -> str:
        """What a program prints.

        Raises:
            CheckFailed: if it cannot be started, does not end in an hour, or ends with a code other than 0.
        """
        try:
            done = subprocess.run(
                words,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CheckFailed(f"{words[0]}: {error}") from error
        if done.returncode:
            raise CheckFailed(f"{_name(words)} ended with {done.returncode}:\n{done.stdout[-3000:].strip()}")
        return done.stdout


def _name(words: Sequence[str | Path]) -> str:
    return " ".join([Path(words[0]).name, *map(str, words[1:4])])


def clean_environment(values: Mapping[str, str]) -> dict[str, str]:
    """These variables without those that change what Python imports or what brentwatch is set to."""
    kept = {
        name: value
        for name, value in values.items()
        if not name.startswith(("PYTHON", "BRENTWATCH", "VIRTUAL_ENV", "SOURCE_DATE_EPOCH"))
    }
    return kept | {"COLUMNS": "100", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "MPLBACKEND": "Agg"}
