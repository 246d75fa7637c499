"""What else could have moved the price on a session: shown beside a study, never used to cancel a test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class ConfounderKind(StrEnum):
    """What sort of thing happened on the session."""

    OPEC_PLUS = "opec_plus"
    HOLIDAY = "holiday"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confounder:
    """One thing on one session's date, in a sentence, with the address where it can be read."""

    session: date
    kind: ConfounderKind
    text: str
    source: str
