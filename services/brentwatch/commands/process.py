"""How a process of brentwatch ends: its exit codes, the signals that stop it, and the end of its parent.

A signal lets a service finish the batch at hand. A child process ends with its parent, however the parent
ended: the parent holds the writing end of a pipe that is the child's standard input, and never writes to
it. The kernel closes that end when the parent ends, also by SIGKILL, and also before the child has begun to
read: the child reads the end of its input, and stops as after SIGTERM. If it does not stop in time, it ends
at once.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from threading import Event

_OF_A_SIGNAL = 128


class ExitCode(IntEnum):
    """Returned by a command, or made from its error by `cli.main`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 3
    NOTHING_MATCHED = 4
    PARTIAL = 5
    UNREACHABLE = 6
    REFUSED = 7
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


def convert_to_exit_code(signal_number: int) -> int:
    """The exit code of a process that a signal stopped, as shells count it: 129 is SIGHUP, 143 SIGTERM."""
    return _OF_A_SIGNAL + signal_number


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


PATIENCE_SECONDS = 60.0
"""A service finishes its batch: at most a delivery timeout, and then the leaving of the group."""

_STDIN = 0


def end_with_parent(patience_seconds: float = PATIENCE_SECONDS, stdin: int = _STDIN) -> None:
    """Watch the pipe in a thread, from now on; call it from the main thread."""
    watching = (stdin, patience_seconds, threading.get_ident())
    threading.Thread(target=_watch, args=watching, name="lifeline", daemon=True).start()


def _watch(stdin: int, patience_seconds: float, main_thread: int) -> None:
    while _read(stdin):
        pass
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread, signal.SIGTERM)  # interrupts what the main thread waits for
    else:
        signal.raise_signal(signal.SIGTERM)
    threading.Event().wait(patience_seconds)
    os._exit(ExitCode.TERMINATED)


def _read(stdin: int) -> bytes:
    """What the parent wrote, which is nothing; empty when the parent is gone or there is no pipe."""
    try:
        return os.read(stdin, 1)
    except OSError:  # closed before we began
        return b""
