"""The command that a stopped service prints: how it was started, and what is to be added."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`brentwatch WORDS OPTIONS`: how this process was started, without secrets."""

    words: tuple[str, ...]
    options: tuple[str, ...] = ()

    def format_with_flags(self, *flags: str) -> str:
        """The same command with more flags, as a shell reads it."""
        return shlex.join(["brentwatch", *self.words, *flags, *self.options])

    def format_with_setting(self, key: str, value: str) -> str:
        """The same command with one setting changed; the last `--set` of a key counts."""
        return shlex.join(["brentwatch", *self.words, *self.options, "--set", f"{key}={value}"])

    def format_other(self, *words: str) -> str:
        """Another command with the same settings."""
        return shlex.join(["brentwatch", *words, *self.options])


PLAIN = CommandLine(())
"""Where the options of the process are not known."""
