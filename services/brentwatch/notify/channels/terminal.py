"""The channel `terminal`: writes each alert to standard output, in words."""

import os
import sys
from typing import TextIO

import click

from brentwatch.core.domain import Alert, Severity
from brentwatch.core.errors import Unavailable
from brentwatch.message.words import write_alert_lines
from brentwatch.wire.published import AlertText

_COLOURS = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "magenta",
    Severity.MEDIUM: "yellow",
    Severity.INFO: "blue",
}


class Terminal:
    """Writes to `out`. Colour only underlines what the words say, and is left out where `colour` is false."""

    def __init__(self, out: TextIO, *, colour: bool) -> None:
        self._out = out
        self._colour = colour

    def send(self, alert: Alert, text: AlertText) -> None:
        """Write one alert, its words first and its details after them, and an empty line.

        Raises:
            Unavailable: if nobody reads standard output any more.
        """
        first, *rest = [_strip_controls(line) for line in write_alert_lines(alert, text)]
        if self._colour:
            first = click.style(first, fg=_COLOURS[alert.severity], bold=True)
        try:
            self._out.write("\n".join([first, *rest, "", ""]))
            self._out.flush()
        except OSError as error:
            raise Unavailable(
                f"standard output cannot be written: {error.strerror}; alert {alert.alert_id} revision "
                f"{alert.revision} was to be shown there: give the service a terminal, or another channel"
            ) from error


def _strip_controls(line: str) -> str:
    """Without the control characters by which foreign text could change what is shown."""
    return "".join(character for character in line if character.isprintable())


def open_channel(_: None) -> Terminal:
    """Standard output; in colour where it is a terminal and NO_COLOR is not set."""
    return Terminal(sys.stdout, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
