"""SIGTERM and SIGINT as a wish to stop, which is granted when the work at hand is done."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from brentwatch.commands.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator


class Wish:
    """`stop` is set when a signal came; `exit_code` says which."""

    def __init__(self) -> None:
        self.stop = Event()
        self.exit_code = ExitCode.OK

    def take(self, number: int, _: object) -> None:
        """The handler of the signals."""
        self.exit_code = ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED
        self.stop.set()


@contextmanager
def wish_to_stop() -> Iterator[Wish]:
    """Take both signals for as long as the context is open; only the main thread may open it."""
    wish = Wish()
    before = {number: signal.signal(number, wish.take) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
