"""The signals that stop a service: it finishes the batch at hand, and then it ends."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from brentwatch.commands.exit_codes import ExitCode, convert_to_exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGBREAK")
STOPPING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Every signal that asks a process to end; which of them there are depends on the platform."""


class Wish:
    """`stop` is set when a signal came; `exit_code` says which was the first."""

    def __init__(self) -> None:
        self.stop = Event()
        self.exit_code: int = ExitCode.OK

    def take(self, number: int, _: object) -> None:
        """The handler of the signals."""
        if not self.stop.is_set():
            self.exit_code = convert_to_exit_code(number)
        self.stop.set()


@contextmanager
def wish_to_stop() -> Iterator[Wish]:
    """Take the signals for as long as the context is open; only the main thread may open it.

    A SIGHUP that is ignored stays ignored: `nohup` asked for it.
    """
    wish = Wish()
    before = {number: signal.signal(number, wish.take) for number in STOPPING if not _is_nohup(number)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_nohup(number: signal.Signals) -> bool:
    return number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN
