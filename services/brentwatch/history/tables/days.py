"""Days as YYYY-MM-DD, the notation of most files: read without the patterns of all others."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_YEAR, LAST_YEAR = 1900, 2200

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = re.compile(r"(?:\d{4}-\d{2}-\d{2}\n)*", re.ASCII)
_LENGTH = len("2024-05-07\n")


def is_plain_day(text: str) -> bool:
    """True of YYYY-MM-DD, whether or not there is such a day."""
    return _DAY.fullmatch(text) is not None


def are_plain_days(texts: Sequence[str]) -> bool:
    """True where that is so of each text."""
    joined = "\n".join((*texts, "")) if texts else ""
    return len(joined) == _LENGTH * len(texts) and _DAYS.fullmatch(joined) is not None


def read_plain_day(text: str) -> date | None:
    """The day of such a text, None where there is none."""
    try:
        day = date.fromisoformat(text) if len(text) == _LENGTH - 1 else None
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None
