"""The three errors raised on purpose, named by what to do next: reject, retry, stop.

Each message says what is wrong, what was expected, and what to do. All faults of one input are collected and
raised together.
"""

import traceback


class BrentwatchError(Exception):
    """The base class: a command catches it at its edge and prints a sentence instead of a traceback."""


class InvalidInput(BrentwatchError):
    """The input is wrong, and a retry would not help: reject it. `faults` holds one sentence per fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Unavailable(BrentwatchError):
    """An outside service did not answer, or its answer was empty: retry later."""


class SettingsError(BrentwatchError):
    """The settings cannot work: stop and report to the operator. `faults` holds one sentence per fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NewerState(SettingsError):
    """The saved state was written under newer rules: upgrade this installation."""


class CannotFold(BrentwatchError):
    """A price update cannot be applied: every later result would be wrong, so the process exits."""


STOPPING: tuple[type[Exception], ...] = (MemoryError, Unavailable, SettingsError, CannotFold)
"""Errors that every boundary raises again.

A boundary handles one thing: a record, a row, a file, a response, a channel. It turns every other error, even
an unexpected one, into a counted rejection of that one thing: `except STOPPING: raise`, `except Exception`.
"""


def describe_internal(error: Exception) -> str:
    """An unexpected error as one sentence, for the sender of the input that caused it."""
    return f"{type(error).__name__}: {error}; this is a bug in brentwatch: report it, with this message"


def format_traceback(error: Exception) -> str:
    """The traceback of such an error, for the log."""
    return "".join(traceback.format_exception(error))
