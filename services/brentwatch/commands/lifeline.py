"""A child process ends with its parent, however the parent ended.

The parent holds the writing end of a pipe that is the child's standard input, and never writes to it. The
kernel closes that end when the parent ends, also by SIGKILL, and also before the child has begun to read: the
child reads the end of its input, and stops as after SIGTERM. If it does not stop in time, it ends at once.
"""

from __future__ import annotations

import os
import signal
import threading

from brentwatch.commands.exit_codes import ExitCode

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
