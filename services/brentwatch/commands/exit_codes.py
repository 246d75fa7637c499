"""What the exit code of a command says."""

from __future__ import annotations

from enum import IntEnum

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
