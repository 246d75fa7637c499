"""Reads what a notebook hands over: prices as a pandas Series with its dates, events by their ids."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeGuard
from zoneinfo import ZoneInfo

from brentwatch.core.domain import Series
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.rows import LARGEST, SMALLEST
from brentwatch.history.session_rows import SessionPrices, select_session_prices
from brentwatch.history.tables import FIRST_YEAR, LAST_YEAR, DayInRow, refuse_swapped_days
from brentwatch.wire.input_faults import Faults, show_value

if TYPE_CHECKING:
    import pandas as pd


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
        f"row {number} of the {what} is dated {show_value(str(label))}; a date of {FIRST_YEAR} to "
        f"{LAST_YEAR} was "
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


_EXAMPLE = "such as {'abqaiq': pd.Timestamp('2019-09-14 00:45', tz='UTC')}"
_WANTED = (
    "a date (known before the settlement of that session) or a time with its time zone was expected, of "
    f"{FIRST_YEAR} to {LAST_YEAR}, {_EXAMPLE}; correct it"
)
_TRUTHS = ("bool", "bool_")


def read_daily(values: object, series: Series, what: str = "prices") -> SessionPrices:
    """USD/bbl by session of the series, ascending; a day without a value or a session is left out.

    Raises:
        InvalidInput: if `values`, called `what`, is no Series of numbers by date, has a date twice, or days
            and months that a spreadsheet swapped.
    """
    import pandas as pd

    if not isinstance(values, pd.Series):
        raise InvalidInput(_explain_no_series(values, what))
    days = read_days(values.index, what, series.time_zone)
    refuse_swapped_days(what, [DayInRow(row, day) for row, day in enumerate(days, start=1)])
    numbers = _read_numbers(days, values, what)
    pairs = sorted(zip(days, numbers, strict=True), key=lambda pair: pair[0])
    for (day, _), (after, _) in pairwise(pairs):
        if day == after:
            raise InvalidInput(f"{day} has two {what}; one a session was expected: drop one of them")
    valued = {day: number for day, number in pairs if number is not None}
    found = select_session_prices(what, valued, series)
    empty = len(pairs) - len(valued)
    without = (f"{what}: {empty:,} of {len(pairs):,} rows have no value: left out",) if empty else ()
    return replace(found, kept=(*without, *found.kept))


def read_event_times(events: object) -> dict[str, date | datetime]:
    """When each event was knowable, by id: a day, or an instant (UTC).

    Raises:
        InvalidInput: if there is no event, or one has no such time; with every fault.
    """
    import pandas as pd

    if not isinstance(events, Mapping | pd.Series):
        raise InvalidInput(
            f"events came as {_name_type(events)}; a mapping or a Series of dates by event_id was expected, "
            f"{_EXAMPLE}"
        )
    faults, found = Faults(), dict[str, date | datetime]()
    for event_id, value in events.items():
        moment = faults.attempt(partial(_read_moment, str(event_id), value))
        if _is_missing(event_id) or not str(event_id).strip():
            faults.add(
                f"an event has the id {show_value(str(event_id))}; a name of its own was expected; add it"
            )
        if str(event_id) in found:
            faults.add(
                f"there are two events {show_value(str(event_id))}; an id for each was expected; rename one"
            )
        if moment is not None:
            found[str(event_id)] = moment
    if not len(events):
        faults.add(f"there are no events; one or more were expected, {_EXAMPLE}")
    if faults:
        raise faults.build_error()
    return found


def _explain_no_series(values: object, what: str) -> str:
    import pandas as pd

    expected = "a pandas Series of USD/bbl by date was expected"
    if isinstance(values, pd.DataFrame):
        names = [str(name) for name in values.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            return (
                f"{what} came as DataFrame with more than one column {show_value(twice[0])}; {expected}; "
                "take one "
                "column by its place: frame.iloc[:, 0]"
            )
        return f"{what} came as DataFrame; {expected}; take one column of {show_value(', '.join(names))}"
    return f"{what} came as {_name_type(values)}; {expected}; of a table, take one column"


def _read_numbers(days: list[date], values: pd.Series[Any], what: str) -> list[float | None]:
    faults = Faults()
    read = [
        faults.attempt(partial(_read_number, day, value, what))
        for day, value in zip(days, values.tolist(), strict=True)
    ]
    if faults:
        raise faults.build_error()
    return read


def _read_number(day: date, value: object, what: str) -> float | None:
    """A finite price, or None where there is none."""
    if _is_missing(value):
        return None
    number = _convert_finite(value) if type(value).__name__ not in _TRUTHS else None
    if number is not None and (number == 0.0 or SMALLEST <= abs(number) <= LARGEST):
        return number
    kind = "" if isinstance(value, float) else f", a {type(value).__name__}"
    raise InvalidInput(
        f"the {what.removesuffix('s')} of {day} is {show_value(str(value))}{kind}; a number of USD/bbl "
        "between "
        f"{SMALLEST:g} and {LARGEST:g}, zero, or one below zero was expected; correct it, for example with "
        "pd.to_numeric, or drop the row"
    )


def _convert_finite(value: object) -> float | None:
    """A number as a float, None for all else and where it is too large."""
    try:
        return float(value) if isinstance(value, Real | Decimal) else None
    except OverflowError:
        return None


def _is_missing(value: object) -> bool:
    """None, NaN, NaT or pandas' NA; a collection is not missing."""
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return True
    try:
        return isinstance(value, Real | Decimal) and math.isnan(value)
    except (TypeError, ValueError):  # a signalling NaN
        return True
    except OverflowError:  # a number too large for a float
        return False


def _read_moment(event_id: str, value: object) -> date | datetime:
    """A time without a zone at midnight is how pandas writes a day."""
    import numpy as np
    import pandas as pd

    try:
        told = pd.Timestamp(value) if isinstance(value, np.datetime64) else value
        if not isinstance(told, date) or not FIRST_YEAR <= told.year <= LAST_YEAR:  # NaT has no year
            raise InvalidInput(f"event {show_value(event_id)} has {show_value(str(value))}; {_WANTED}")
        if not isinstance(told, datetime):
            return told
        if told.utcoffset() is not None:
            return pd.Timestamp(told).to_pydatetime(warn=False).astimezone(UTC)
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidInput(
            f"event {show_value(event_id)} has {show_value(str(value))} ({error}); {_WANTED}"
        ) from error
    if told.time() != time():
        raise InvalidInput(
            f"event {show_value(event_id)} has {show_value(str(value))}, in no time zone; {_WANTED}"
        )
    return told.date()


def _name_type(value: object) -> str:
    """Its name, with the package where another library has a type of pandas' name."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__name__}" if kind.__name__ in ("Series", "DataFrame") else kind.__name__
