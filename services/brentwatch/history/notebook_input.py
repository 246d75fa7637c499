"""Reads what a notebook hands over: prices as a pandas Series, events by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.faults import Faults, shown

if TYPE_CHECKING:
    import pandas as pd

FIRST_YEAR, LAST_YEAR = 1900, 2200
_EXAMPLE = "such as {'abqaiq': pd.Timestamp('2019-09-14 00:45', tz='UTC')}"
_WANTED = (
    "a date (known before the settlement of that session) or a time with its time zone was wanted, of "
    f"{FIRST_YEAR} to {LAST_YEAR}, {_EXAMPLE}; correct it"
)


def daily(values: object, what: str = "prices") -> dict[date, float]:
    """USD/bbl by session, ascending; a day without a value is left out.

    Raises:
        InvalidInput: if `values`, called `what`, is no Series of numbers by date, or has a date twice.
    """
    import pandas as pd

    if not isinstance(values, pd.Series):
        raise InvalidInput(
            f"{what} came as {type(values).__name__}; a pandas Series of USD/bbl by date was wanted; of a "
            "table, take one column"
        )
    pairs = sorted(_dated(values.dropna(), what), key=lambda pair: pair[0])
    for (day, _), (after, _) in pairwise(pairs):
        if day == after:
            raise InvalidInput(f"{day} has two {what}; one a session was wanted: drop one of them")
    return dict(pairs)


def known(events: object) -> dict[str, date | datetime]:
    """When each event was knowable, by id: a day, or an instant (UTC).

    Raises:
        InvalidInput: if there is no event, or one has no such time; with every fault.
    """
    import pandas as pd

    if not isinstance(events, Mapping | pd.Series):
        raise InvalidInput(
            f"events came as {type(events).__name__}; a mapping or a Series of dates by event_id was wanted, "
            f"{_EXAMPLE}"
        )
    faults, found = Faults(), dict[str, date | datetime]()
    for event_id, value in events.items():
        moment = faults.attempt(partial(_moment, str(event_id), value))
        if str(event_id) in found:
            faults.add(f"there are two events {shown(str(event_id))}; an id for each was wanted; rename one")
        if moment is not None:
            found[str(event_id)] = moment
    if not len(events):
        faults.add(f"there are no events; one or more were wanted, {_EXAMPLE}")
    if faults:
        raise faults.error()
    return found


def _dated(values: pd.Series[Any], what: str) -> list[tuple[date, float]]:
    import pandas as pd

    if len(values) and pd.api.types.is_numeric_dtype(values.index):
        raise InvalidInput(
            f"{what} are numbered, not dated; an index of dates was wanted; use set_index('date')"
        )
    try:
        days = [stamp.date() for stamp in pd.to_datetime(values.index)]
        return list(zip(days, map(float, values.tolist()), strict=True))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{what} cannot be read ({error}); USD/bbl by date were wanted; correct its values or its index"
        ) from error


def _moment(event_id: str, value: object) -> date | datetime:
    """A time without a zone at midnight is how pandas writes a day."""
    import numpy as np
    import pandas as pd

    told = pd.Timestamp(value) if isinstance(value, np.datetime64) else value
    if not isinstance(told, date) or not FIRST_YEAR <= told.year <= LAST_YEAR:  # NaT has no year
        raise InvalidInput(f"event {shown(event_id)} has {shown(str(value))}; {_WANTED}")
    if not isinstance(told, datetime):
        return told
    if told.tzinfo is not None:
        return pd.Timestamp(told).to_pydatetime(warn=False).astimezone(UTC)
    if told.time() != time():
        raise InvalidInput(f"event {shown(event_id)} has {shown(str(value))}, in no time zone; {_WANTED}")
    return told.date()
