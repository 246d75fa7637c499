"""Reads recorded events, one JSON document a line, with the very decoder that reads them live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.history.tables.json_lines import read_json_lines
from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from brentwatch.wire.event_document import UnrestEventDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A line that cannot be read, as it stands: what the dead-letter topic would hold live.

    `line` counts from 1; `faults` holds one sentence each.
    """

    line: int
    reason: DeadLetterReason
    faults: tuple[str, ...]
    original: bytes


@dataclass(frozen=True, slots=True)
class EventFile:
    """The documents in the order of the file, and the lines that are none."""

    documents: tuple[UnrestEventDocument, ...]
    dead_letters: tuple[DeadLetter, ...]


def read_events(data: bytes, name: str = "events.jsonl") -> EventFile:
    """The events of `data`, JSON lines of the file called `name`. A bad line stops nothing.

    Raises:
        InvalidInput: if the file begins with the mark of UTF-16 and is damaged.
    """
    documents: list[UnrestEventDocument] = []
    dead_letters: list[DeadLetter] = []
    for line, original in read_json_lines(name, data):
        try:
            documents.append(decode_event(original))
        except InvalidMessage as error:
            dead_letters.append(
                DeadLetter(line=line, reason=error.reason, faults=error.faults, original=original)
            )
    return EventFile(tuple(documents), tuple(dead_letters))
