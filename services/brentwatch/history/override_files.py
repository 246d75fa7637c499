"""Reads a CSV file of calendar overrides: `session,opens,closes`, or "closed" in place of the first time."""

from __future__ import annotations

import csv
from datetime import date, time
from functools import partial
from pathlib import Path

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.sessions.overrides import Override
from brentwatch.wire.faults import Faults, shown

_COLUMNS = ["session", "opens", "closes"]
_CLOSED = "closed"


def read_overrides(path: str) -> tuple[Override, ...]:
    """The overrides in a file, by date.

    Raises:
        SettingsError: if it cannot be read, or a row makes no sense; with every fault.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(
            f"{path} cannot be read: {why}; a file of calendar overrides was wanted"
        ) from None
    faults = Faults()
    if rows and list(rows[0]) != _COLUMNS:
        faults.add(
            f"{path} has the columns {shown(','.join(map(str, rows[0])))}; {','.join(_COLUMNS)} were wanted"
        )
    else:
        read = [faults.attempt(partial(_override, path, *each)) for each in enumerate(rows, start=2)]
        if not faults:
            return tuple(sorted((each for each in read if each), key=lambda each: each.session))
    raise SettingsError(*faults.error().faults)


def _override(path: str, line: int, row: dict[str, str | None]) -> Override:
    day, opens, closes = ((row.get(name) or "").strip() for name in _COLUMNS)
    try:
        session = date.fromisoformat(day)
        if opens.lower() == _CLOSED and not closes:
            return Override(session, closed=True)
        return Override(session, opens=_clock(opens), closes=_clock(closes))
    except ValueError:
        raise InvalidInput(
            f"row {line} of {path} is {shown(','.join((day, opens, closes)))}; a day, YYYY-MM-DD, and closed "
            "or times such as 01:00, each of which may be empty, were wanted; correct it"
        ) from None


def _clock(text: str) -> time | None:
    """None where the rule stands."""
    if not text:
        return None
    clock = time.fromisoformat(text)
    if clock.tzinfo is not None:
        raise ValueError(text)
    return clock
