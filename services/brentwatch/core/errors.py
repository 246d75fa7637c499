"""The three errors raised on purpose, named by what to do next: reject, retry, stop.

Each message says what was, what was wanted, and what to do. All faults of one input are collected and
raised together.
"""

from __future__ import annotations


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
