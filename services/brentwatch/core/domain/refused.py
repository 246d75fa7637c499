"""A refusal is a result too: no answer exists, and a sentence says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Refused:
    """No answer exists; `reason` says what was, what was wanted, what to do."""

    reason: str
    status: ClassVar[str] = "refused"
