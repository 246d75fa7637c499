"""Reads prices as a notebook gives them: a Series, a DataFrame with one price, or what yfinance returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from brentwatch.core.domain import Series
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.rows import LARGEST, SMALLEST
from brentwatch.history.session_rows import SessionPrices, select_session_prices
from brentwatch.history.tables import FIRST_YEAR, LAST_YEAR, DayInRow, refuse_swapped_days
from brentwatch.notebook.columns import select_price_column
from brentwatch.notebook.dates import is_missing, name_type, parse_date
from brentwatch.wire.input_faults import Faults, show_value

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHOWN = 5
_LATE = 21
_TRUTHS = ("bool", "bool_")


def select_prices(values: object, what: str) -> tuple[pd.Series[Any], str]:
    """One Series, and the ticker it is of ("" if unknown), from a Series or a DataFrame.

    Raises:
        InvalidInput: if it is neither, or the DataFrame has more than one price.
    """
    import pandas as pd

    if isinstance(values, pd.DataFrame):
        return select_price_column(values, what)
    if isinstance(values, pd.Series):
        return values, str(values.name)
    raise InvalidInput(
        f"{what} is {show_value(values)}, a {name_type(values)}; expected a pandas Series of USD/bbl by "
        "date, or "
        "a DataFrame with one such column; give one"
    )


def read_daily(values: object, series: Series, what: str = "prices") -> SessionPrices:
    """USD/bbl by session of the series, ascending; a day without a value or a session is left out.

    Raises:
        InvalidInput: if `values`, called `what`, have no numbers by date, a date twice, or days and months
            that a spreadsheet swapped.
    """
    given, _ = select_prices(values, what)
    days = read_days(given.index, what, series.time_zone)
    refuse_swapped_days(what, [DayInRow(row, day) for row, day in enumerate(days, start=1)])
    numbers = _read_numbers(days, given, what)
    pairs = sorted(zip(days, numbers, strict=True), key=lambda pair: pair[0])
    for (day, _), (after, _) in pairwise(pairs):
        if day == after:
            raise InvalidInput(f"{day} has two {what}; expected one for each session; drop one of them")
    valued = {day: number for day, number in pairs if number is not None}
    found = select_session_prices(what, valued, series)
    empty = len(pairs) - len(valued)
    without = (f"{what}: {empty:,} of {len(pairs):,} rows have no value and are left out",) if empty else ()
    return replace(found, kept=(*without, *found.kept))


def read_days(index: pd.Index[Any], what: str, time_zone: str) -> list[date]:
    """The day of each row; an instant is dated in its own zone.

    Args:
        index: of a Series.
        what: the rows are, in the plural.
        time_zone: the zone of the instrument, in which an instant must fall on the same day.

    Raises:
        InvalidInput: if the index has something else than dates, or a day is not certain.
    """
    _refuse_kinds(index, what)
    faults, days = Faults(), list[datetime | date]()
    for number, label in enumerate(index, start=1):
        read = faults.attempt(partial(_read_day, label, number, what))
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
            f"{what} have an index of {index.nlevels} levels; expected one level of dates; keep one with "
            "droplevel or xs"
        )
    if isinstance(index, pd.PeriodIndex):
        raise InvalidInput(
            f"{what} have an index of periods ({index.freqstr}); expected dates; use to_timestamp()"
        )
    if len(index) and pd.api.types.is_numeric_dtype(index.dtype):
        raise InvalidInput(
            f"{what} have rows that are numbered, not dated; expected an index of dates; use "
            "set_index('date')"
        )


def _read_day(label: object, number: int, what: str) -> datetime | date:
    """The day, or the time as it is written, of row `number`."""
    read = parse_date(label)
    if read is not None:
        return read
    raise InvalidInput(
        f"row {number} of the {what} is dated {show_value(str(label))}; expected a date of {FIRST_YEAR} to "
        f"{LAST_YEAR}, as text YYYY-MM-DD; drop the row, or convert the index: "
        "pd.to_datetime(index, format='%d/%m/%Y')"
    )


def _refuse_other_days(days: Sequence[datetime | date], what: str, time_zone: str) -> None:
    """Midnight in its own zone is how pandas writes a day. Other instants may be of another day elsewhere."""
    late = [each for each in days if isinstance(each, datetime) and not each.tzinfo and each.hour >= _LATE]
    if late:
        shown = ", ".join(each.isoformat() for each in late[:_MOST_SHOWN])
        raise InvalidInput(
            f"{len(late):,} of the {what} are of the last hours of a day, in no time zone ({shown}), and may "
            "be midnight of the next day elsewhere; expected dates of sessions; use tz_localize with "
            "their zone, then tz_convert, or give dates"
        )
    instants = [each for each in days if isinstance(each, datetime) and each.tzinfo is not None]
    if all(each.time() == time() for each in instants):
        return
    zone: tzinfo = ZoneInfo(time_zone)
    moved = [each for each in instants if each.astimezone(zone).date() != each.date()]
    if moved:
        shown = ", ".join(each.isoformat() for each in moved[:_MOST_SHOWN])
        raise InvalidInput(
            f"{len(moved):,} of the {what} are of another day in {time_zone} than in their own zone "
            f"({shown}), so their sessions are not certain; expected dates of sessions; use "
            f"tz_convert({time_zone!r}) if these are times of {time_zone}, or give dates without a zone"
        )


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
    """A finite price, or None if there is none."""
    if is_missing(value):
        return None
    number = _convert_finite(value) if type(value).__name__ not in _TRUTHS else None
    if number is not None and (number == 0.0 or SMALLEST <= abs(number) <= LARGEST):
        return number
    kind = "" if isinstance(value, float) else f", a {type(value).__name__}"
    raise InvalidInput(
        f"the {what.removesuffix('s')} of {day} is {show_value(str(value))}{kind}; expected a number of "
        "USD/bbl, "
        f"either zero or between {SMALLEST:g} and {LARGEST:g} in size; correct it, for example with "
        "pd.to_numeric, or drop the row"
    )


def _convert_finite(value: object) -> float | None:
    """A number as a float; None for all else, and for one that is too large."""
    try:
        return float(value) if isinstance(value, Real | Decimal) else None
    except OverflowError:
        return None
