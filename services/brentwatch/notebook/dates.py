"""Reads one date as pandas, NumPy, Python or ISO 8601 text write it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import TypeGuard

from brentwatch.history.tables import FIRST_YEAR, LAST_YEAR

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)


def parse_date(value: object) -> date | datetime | None:
    """The date or time that a value stands for, with the time zone it has; None if it is neither.

    Text must be ISO 8601: 2019-09-14, 2019-09-14T00:45Z or 2019-09-14 02:45+02:00.
    """
    import numpy as np
    import pandas as pd

    found = value
    try:
        if isinstance(value, np.datetime64):
            found = pd.Timestamp(value)
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip()) if _ISO.fullmatch(value.strip()) else None
    except (ValueError, OverflowError):
        return None
    return found if _is_dated(found) else None


def is_missing(value: object) -> bool:
    """True for None, NaN, NaT and pandas' NA; False for a collection."""
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return True
    try:
        return isinstance(value, Real | Decimal) and math.isnan(value)
    except (TypeError, ValueError):  # a signalling NaN
        return True
    except OverflowError:  # a number too large for a float
        return False


def hold_dates(values: Iterable[object]) -> bool:
    """True if the first value that is not missing is a date."""
    first = next((value for value in values if not is_missing(value)), None)
    return first is not None and parse_date(first) is not None


def name_type(value: object) -> str:
    """The name of its type, with the package if another library has a type of pandas' name."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__name__}" if kind.__name__ in ("Series", "DataFrame") else kind.__name__


def _is_dated(value: object) -> TypeGuard[datetime | date]:
    """NaT is a datetime whose year is not a number."""
    return isinstance(value, date) and FIRST_YEAR <= value.year <= LAST_YEAR
