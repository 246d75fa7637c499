"""Dates a row of a notebook's Series: what the index says, never what a library guesses of it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any, TypeGuard
from zoneinfo import ZoneInfo

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.faults import Faults, show_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

FIRST_YEAR, LAST_YEAR = 1900, 2200
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_MOST_TOLD = 5
_LATE = 21


def read_days(index: pd.Index[Any], what: str, time_zone: str) -> list[date]:
    """The day of each row; an instant is dated in its own zone.

    Args:
        index: of a Series.
        what: the rows are, in the plural.
        time_zone: the zone of the instrument, in which an instant must fall on the same day.

    Raises:
        InvalidInput: if the index holds something else than dates, or cannot be dated for sure.
    """
    _refuse_kinds(index, what)
    faults, days = Faults(), list[datetime | date]()
    for number, label in enumerate(index, start=1):
        read = faults.attempt(lambda number=number, label=label: _read_day(label, number, what))  # type: ignore[misc]  # bound now
        if read is not None:
            days.append(read)
    if faults:
        raise faults.build_error()
    _refuse_other_days(days, what, time_zone)
    return [day.date() if isinstance(day, datetime) else day for day in days]


def _refuse_kinds(index: pd.Index[Any], what: str) -> None:
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        raise InvalidInput(
            f"{what} have an index of {index.nlevels} levels; one level of dates was expected; use droplevel "
            "or xs to keep one"
        )
    if isinstance(index, pd.PeriodIndex):
        raise InvalidInput(
            f"{what} have an index of periods ({index.freqstr}); dates were expected; use to_timestamp()"
        )
    if len(index) and pd.api.types.is_numeric_dtype(index.dtype):
        raise InvalidInput(
            f"{what} are numbered, not dated; an index of dates was expected; use set_index('date')"
        )


def _read_day(label: object, number: int, what: str) -> datetime | date:
    """The day, or the time as it is written, of row `number`."""
    import numpy as np
    import pandas as pd

    told = label
    try:
        if isinstance(label, np.datetime64):
            told = pd.Timestamp(label)
        if isinstance(label, str):
            told = datetime.fromisoformat(label.strip()) if _ISO.fullmatch(label.strip()) else None
    except (ValueError, OverflowError):
        told = None
    if _is_dated(told):
        return told
    raise InvalidInput(
        f"row {number} of the {what} is dated {show_value(str(label))}; a date of {FIRST_YEAR} to {LAST_YEAR} was "
        "expected, as text YYYY-MM-DD; drop the row, or name the format: "
        "pd.to_datetime(index, format='%d/%m/%Y')"
    )


def _is_dated(told: object) -> TypeGuard[datetime | date]:
    """NaT is a datetime whose year is not a number."""
    return isinstance(told, date) and FIRST_YEAR <= told.year <= LAST_YEAR


def _refuse_other_days(days: Sequence[datetime | date], what: str, time_zone: str) -> None:
    """Midnight in its own zone is how pandas writes a day. Other instants may be of another day elsewhere."""
    late = [each for each in days if isinstance(each, datetime) and not each.tzinfo and each.hour >= _LATE]
    if late:
        told = ", ".join(each.isoformat() for each in late[:_MOST_TOLD])
        raise InvalidInput(
            f"{len(late):,} of the {what} are of the last hours of a day, in no time zone ({told}), and may "
            "be midnight of the next day elsewhere; dates of sessions were expected; use tz_localize with "
            "their zone, then tz_convert, or give dates"
        )
    instants = [each for each in days if isinstance(each, datetime) and each.tzinfo is not None]
    if all(each.time() == time() for each in instants):
        return
    zone: tzinfo = ZoneInfo(time_zone)
    moved = [each for each in instants if each.astimezone(zone).date() != each.date()]
    if moved:
        told = ", ".join(each.isoformat() for each in moved[:_MOST_TOLD])
        raise InvalidInput(
            f"{len(moved):,} of the {what} are of another day in {time_zone} than in their own zone "
            f"({told}), so that their sessions are not certain; dates of sessions were expected; use "
            f"tz_convert({time_zone!r}) where these are times of {time_zone}, or give dates without a zone"
        )
