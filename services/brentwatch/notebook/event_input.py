"""Reads events as a notebook gives them: names with dates, dates alone, a Series, a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import FIRST_YEAR, LAST_YEAR
from brentwatch.notebook.arguments import list_names
from brentwatch.notebook.columns import select_event_columns
from brentwatch.notebook.dates import hold_dates, is_missing, name_type, parse_date
from brentwatch.wire.input_faults import Faults, show_value

if TYPE_CHECKING:
    import pandas as pd

_EXAMPLE = "{'Abqaiq': '2019-09-14T00:45Z', 'Kazakhstan': '2022-01-05'}"
_EXPECTED = (
    f"expected a date, or a time with its time zone, of {FIRST_YEAR} to {LAST_YEAR}, such as '2019-09-14' or "
    "'2019-09-14T00:45Z'"
)


def read_events(events: object) -> dict[str, date | datetime]:
    """When each event was known, by its name: a date whose time of day is unknown, or an instant (UTC).

    Raises:
        InvalidInput: if there is no event, or one has no name or no such time; with every fault.
    """
    faults, found = Faults(), dict[str, date | datetime]()
    for name, value in _list_pairs(events):
        _add_event(found, faults, name, value)
    if not found and not faults:
        faults.add(f"there are no events; expected one or more, such as {_EXAMPLE}; give them")
    if faults:
        raise faults.build_error()
    return found


def list_bare_dates(events: Mapping[str, date | datetime], end: str) -> Iterator[str]:
    """One sentence about the events whose time of day is unknown, if there are any; `end` is its end."""
    names = [name for name, known in events.items() if not isinstance(known, datetime)]
    if names:
        have = "1 event has" if len(names) == 1 else f"{len(names):,} events have"
        yield (
            f"{have} a date without a time ({list_names(names, 5)}): the news may belong to the session of "
            f"that date or to the next; {end}"
        )


def _add_event(found: dict[str, date | datetime], faults: Faults, name: object, value: object) -> None:
    """`name` is None for an event that goes by its date."""
    moment = faults.attempt(partial(_read_moment, None if name is None else str(name), value))
    if name is not None and (is_missing(name) or not str(name).strip()):
        faults.add(f"an event is called {show_value(str(name))}; expected a name; give it one")
    if moment is None:
        return
    called = _name_by_date(moment) if name is None else str(name)
    if called in found:
        faults.add(f"there are two events {show_value(called)}; expected a name for each; rename one")
    found[called] = moment


def _list_pairs(events: object) -> Sequence[tuple[object, object]]:
    """The name, None if there is none, and the date of each event."""
    import numpy as np
    import pandas as pd

    match events:
        case pd.DataFrame():
            names, dates = select_event_columns(events)
            return _pair(names, dates)
        case pd.Series():
            return _list_of_series(events)
        case Mapping():
            return list(events.items())
        case str() | date() | np.datetime64():
            return [(None, events)]
        case pd.Index() | list() | tuple():
            return _list_of_dates(list(events), events)
        case np.ndarray() if events.ndim == 1:
            return _list_of_dates(list(events), events)
        case _:
            return _list_of_dates(None, events)


def _list_of_dates(values: list[object] | None, events: object) -> Sequence[tuple[object, object]]:
    """Dates without names. A list of something else is refused with what to do."""
    if values is not None and all(is_missing(value) or _may_be_date(value) for value in values):
        return [(None, value) for value in values]
    raise InvalidInput(
        f"events is {show_value(events)}, a {name_type(events)}; expected names with their dates, such as "
        f"{_EXAMPLE}, a list of dates, a Series or a DataFrame; give one of these"
    )


def _may_be_date(value: object) -> bool:
    import numpy as np

    return isinstance(value, str | date | np.datetime64)


def _list_of_series(events: pd.Series[Any]) -> Sequence[tuple[object, object]]:
    """Dates by name, or names by date, as the Series has them; numbered rows have no names."""
    import pandas as pd

    labels, values = events.index.tolist(), events.tolist()
    if isinstance(events.index, pd.RangeIndex):
        return _pair(None, values)
    if hold_dates(labels) and not hold_dates(values):
        return _pair(_check_names(values, events), labels)
    return _pair(labels, values)


def _check_names(values: list[object], events: pd.Series[Any]) -> list[object]:
    if all(isinstance(value, str) for value in values):
        return values
    raise InvalidInput(
        f"events is a Series by date with the values {show_value(events.tolist()[:3])}; expected the "
        "names of the "
        "events; give them, or the dates alone: list(events.index)"
    )


def _pair(names: Iterable[object] | None, dates: Sequence[object]) -> Sequence[tuple[object, object]]:
    return list(zip([None] * len(dates) if names is None else names, dates, strict=True))


def _name_by_date(moment: date | datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if isinstance(moment, datetime) else moment.isoformat()


def _read_moment(name: str | None, value: object) -> date | datetime:
    """A time of midnight without a zone is how pandas writes a day."""
    called = "an event" if name is None else f"event {show_value(name)}"
    read = parse_date(value)
    if read is None:
        remedy = "convert it: pd.to_datetime(text, dayfirst=True)" if isinstance(value, str) else "correct it"
        raise InvalidInput(f"{called} has the date {show_value(str(value))}; {_EXPECTED}; {remedy}")
    if not isinstance(read, datetime):
        return read
    if read.utcoffset() is not None:
        return _convert_to_utc(called, read)
    if read.time() != time():
        raise InvalidInput(
            f"{called} has the time {show_value(str(value))} without a time zone; {_EXPECTED}; add Z for "
            "UTC, or "
            "give the date alone"
        )
    return read.date()


def _convert_to_utc(called: str, read: datetime) -> datetime:
    import pandas as pd

    try:
        return pd.Timestamp(read).to_pydatetime(warn=False).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{called} has the time {show_value(str(read))} ({error}); {_EXPECTED}; correct it"
        ) from error
