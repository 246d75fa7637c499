"""The three errors raised on purpose, named by what to do next: reject, retry, stop.

Each message says what was, what was wanted, and what to do. All faults of one input are collected and
raised together.
"""

import traceback


class BrentwatchError(Exception):
    """The common base: catch it at the edge of a command to print a sentence instead of a traceback."""


class InvalidInput(BrentwatchError):
    """The input is wrong and stays wrong: reject it. `faults` holds one sentence each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Unavailable(BrentwatchError):
    """Something outside did not answer, or answered with nothing: retry later."""


class SettingsError(BrentwatchError):
    """The settings cannot work: stop and tell the operator. `faults` holds one sentence each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NewerState(SettingsError):
    """The saved state is of higher rules than ours: this installation must be upgraded."""


class CannotFold(BrentwatchError):
    """A price update cannot be folded: every later result would be wrong, so the process ends."""


STOPPING: tuple[type[Exception], ...] = (MemoryError, Unavailable, SettingsError, CannotFold)
"""What no boundary takes for a fault of the one thing that it handles: it is raised again.

At every boundary (a record, a row, a file, an answer, a channel) any other error becomes the counted
rejection of that one thing, also an unexpected one: `except STOPPING: raise`, `except Exception`.
"""


def describe_internal(error: Exception) -> str:
    """An unexpected error, in a sentence for whoever sent what brought it about."""
    return f"{type(error).__name__}: {error}; this is a fault of brentwatch: report it, with this message"


def format_traceback(error: Exception) -> str:
    """Where such an error came from, for the log."""
    return "".join(traceback.format_exception(error))
