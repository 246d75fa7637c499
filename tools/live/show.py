"""What `make live` shows: steps with the time they took, alerts as a trader gets them, and what to try next.

It is as wide as the terminal, and at most 100 characters. Colour is only used at a terminal and without
NO_COLOR, and never carries information of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from textwrap import wrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

WIDTH = 100
_TIME_WIDTH, _NAME_WIDTH = 9, 12
_LEFT = _TIME_WIDTH + _NAME_WIDTH
_UNIT, _TIE = re.compile(r" (%|USD/bbl|mb/d|h\b)"), "\u00a0"
_COLOURS = {"CRITICAL": "red", "HIGH": "magenta", "MEDIUM": "yellow", "INFO": "blue", "HEADS-UP": "cyan"}


class Display:
    """Writes to `out`. A closed terminal is ignored, so that the run can still clean up."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._began = time.monotonic()
        self._is_coloured = out.isatty() and not os.environ.get("NO_COLOR")
        self._name = ""
        self._is_blank = False
        self._width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    def write(self, line: str = "", **style: object) -> None:
        """One line, styled at a terminal; of several empty lines one."""
        if not line and self._is_blank:
            return
        self._is_blank = not line
        with suppress(OSError, ValueError):
            self._out.write((click.style(line, **style) if style and self._is_coloured else line) + "\n")  # type: ignore[arg-type]  # styles of click
            self._out.flush()

    def step(self, name: str, text: str, *, is_command: bool = False) -> None:
        """What happened, under the name of its part, which is written once."""
        shown, self._name = "" if name == self._name else name, name
        lines = fold(text, self._width - _LEFT)
        for number, line in enumerate(lines):
            took = "" if number else f"{self.seconds:5.1f} s"
            left = f"{took:<{_TIME_WIDTH}}{'' if number else shown:<{_NAME_WIDTH}}"
            self._write_parts(left, line, is_command=is_command)

    def _write_parts(self, left: str, text: str, *, is_command: bool) -> None:
        if self._is_coloured:
            left = click.style(left[:_TIME_WIDTH], dim=True) + click.style(left[_TIME_WIDTH:], bold=True)
            text = click.style(text, fg="cyan") if is_command else text
        self.write(left + text)

    def show_alert(self, lines: Sequence[str]) -> None:
        """A message of the notifier with a bar at its left edge."""
        first, *rest = lines
        colour = next((colour for word, colour in _COLOURS.items() if word in first), "white")
        self.write()
        for number, line in enumerate([first, *rest]):
            for part in fold(line, self._width - 4):
                self._write_beside_bar(part, colour, is_title=not number)
        self.write()

    def _write_beside_bar(self, text: str, colour: str, *, is_title: bool) -> None:
        bar = "  ┃ "
        if self._is_coloured:
            bar = click.style(bar, fg=colour)
            text = click.style(text, fg=colour, bold=True) if is_title else text
        self.write(bar + text)

    def show_table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Aligned pairs of a name and its value; a long value is folded."""
        self.write()
        self.write(title, bold=True)
        for name, text in rows:
            lines = fold(text, self._width - _NAME_WIDTH - 2)
            for number, line in enumerate(lines):
                self.write(f"  {'' if number else name:<{_NAME_WIDTH}}{line}")

    def show_commands(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Commands to copy, each below its description unless that was shown before; never folded."""
        self.write()
        self.write(title, bold=True)
        for told, command in rows:
            if told:
                self.write(f"  # {told}", dim=True)
            self.write(f"  {command}", fg="cyan")


def fold(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters; a number stays with its unit."""
    tied = _UNIT.sub(f"{_TIE}\\1", text)
    lines = wrap(tied, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_TIE, " ") for line in lines]
