"""Finds the interpreters that a release is checked on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EXPECTED = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Python that a release is for."""

_VERSION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that starts: its program and its full version."""

    path: Path
    full: str

    @property
    def version(self) -> str:
        """Its version as classifiers name it, such as "3.12"."""
        return self.full.rpartition(".")[0]


def find_interpreters(given: Iterable[str]) -> tuple[dict[str, Interpreter], dict[str, str]]:
    """The interpreter of each expected version, and the reason for each that is missing.

    Args:
        given: programs to use, by path or name; without any, python3.11, python3.12 and so on from PATH.

    Raises:
        ValueError: if a program that was given does not start, or has a version that is not expected.
    """
    chosen = list(given)
    found = {each.version: each for each in map(start, chosen or _names()) if each is not None}
    refused = [word for word in chosen if start(word) is None]
    if refused or found.keys() - set(EXPECTED):
        raise ValueError(
            f"PYTHONS: expected programs of Python {', '.join(EXPECTED)}, got {' '.join(refused or chosen)}"
        )
    advice = "name one in PYTHONS" if chosen else "not found on PATH; name one in PYTHONS"
    missing = {version: advice for version in EXPECTED if version not in found}
    return {version: found[version] for version in EXPECTED if version in found}, missing


def _names() -> list[str]:
    return [f"python{version}" for version in EXPECTED]


def start(word: str) -> Interpreter | None:
    """The interpreter behind a name or path; None if it is missing or does not start."""
    path = shutil.which(word)
    if path is None:
        return None
    done = subprocess.run([path, "-I", "-c", _VERSION], capture_output=True, text=True, check=False)
    return Interpreter(Path(path), done.stdout.strip()) if done.returncode == 0 else None
