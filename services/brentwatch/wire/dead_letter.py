"""Why a message cannot be read: the reason that counts it and the sentences that help whoever sent it."""

from __future__ import annotations

from enum import StrEnum

from brentwatch.core.errors import InvalidInput


class DeadLetterReason(StrEnum):
    """The closed list of reasons: it labels a metric and a header of the dead-letter record."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    ENVELOPE = "envelope"
    SCHEMA = "schema"
    CONTRADICTION = "contradiction"
    KNOWN_BEFORE_OCCURRED = "known_before_occurred"
    FUTURE = "future"
    """It is known, or occurs, long after it was written."""

    INTERNAL = "internal"
    """An unexpected error: a fault of the program, not of the message."""


class InvalidMessage(InvalidInput):
    """A message for the dead letters: `reason`, and in `faults` one sentence for each fault."""

    def __init__(self, reason: DeadLetterReason, *faults: str) -> None:
        super().__init__(*faults)
        self.reason = reason
