"""The channel `terminal`: writes each message to standard output."""

import os
import sys
from typing import TextIO

import click
from pydantic import Field

from brentwatch.core.errors import Unavailable
from brentwatch.notify.messages import Look, Message, Receipt, Revisions
from brentwatch.notify.policy import EVERY_STAGE, ChannelSettings, Stages

_COLOURS = {
    Look.CRITICAL: "red",
    Look.HIGH: "magenta",
    Look.MEDIUM: "yellow",
    Look.INFO: "blue",
    Look.HEADS_UP: "cyan",
    Look.ACKNOWLEDGED: "green",
    Look.CLOSED: "bright_black",
}


class TerminalSettings(ChannelSettings):
    """The channel `terminal`, which writes to standard output."""

    stages: Stages = Field(default=EVERY_STAGE, min_length=1)
    """Stages whose alerts this channel gets; other channels than terminal and jsonl leave out heads-up."""


class Terminal:
    """Writes to `out`. Colour only underlines what the words say, and is left out where `colour` is false."""

    revisions = Revisions.EVERY
    shows_chart = False

    def __init__(self, out: TextIO, *, colour: bool) -> None:
        self._out = out
        self._colour = colour

    def send(self, message: Message) -> Receipt:
        """Write the lines of one message, and an empty line.

        Raises:
            Unavailable: if nobody reads standard output any more.
        """
        first, *rest = [_strip_controls(line) for line in message.lines]
        if self._colour:
            first = click.style(first, fg=_COLOURS[message.look], bold=True)
        try:
            self._out.write("\n".join([first, *rest, "", ""]))
            self._out.flush()
        except OSError as error:
            raise Unavailable(
                f"standard output cannot be written: {error.strerror}; message {message.id} was to be shown "
                "there: give the service a terminal, or another channel"
            ) from error
        return Receipt()


def _strip_controls(line: str) -> str:
    """Without the control characters by which foreign text could change what is shown."""
    return "".join(character for character in line if character.isprintable())


def open_channel(_: TerminalSettings) -> Terminal:
    """Standard output; in colour where it is a terminal and NO_COLOR is not set."""
    return Terminal(sys.stdout, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
