"""Finds the columns of a DataFrame by the names that people use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import DATE, PRICE, normalise_name
from brentwatch.notebook.dates import hold_dates
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    import pandas as pd

_CLOSE = "close"
_EVENT_DATES = ("known_at", "known", *DATE.names, "event_date", "when", "occurred_at", "start_date")
_EVENT_NAMES = (
    "event", "event_id", "id", "name", "title", "headline", "label", "event_id_cnty", "description",
    "summary",
)  # fmt: skip


def find_named(frame: pd.DataFrame, names: Sequence[str]) -> int | None:
    """The place of the first column that has one of the `names`, in their order; None if none has."""
    places = {normalise_name(str(name)): place for place, name in reversed(list(enumerate(frame.columns)))}
    return next((places[name] for name in names if name in places), None)


def select_price_column(frame: pd.DataFrame, what: str) -> tuple[pd.Series[Any], str]:
    """The one column of prices, by date, and its ticker ("" if the frame names none).

    A frame as `yfinance.download` returns it has columns such as ("Close", "BZ=F"); its close is taken.

    Raises:
        InvalidInput: if more than one column could be meant, or none.
    """
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex):
        return _select_ticker(frame, what)
    _refuse_repeated_names(frame, what)
    dated = _index_by_date(frame)
    if len(dated.columns) == 1:
        return dated.iloc[:, 0], ""
    at = find_named(dated, PRICE.names)
    if at is None:
        raise InvalidInput(
            f"{what} is a DataFrame with the columns {_list_columns(frame)}; expected one column of "
            "USD/bbl, or "
            f"one called close, price or usd_per_bbl; choose a column: frame[{_quote_first(dated)}]"
        )
    return dated.iloc[:, at], ""


def select_event_columns(frame: pd.DataFrame) -> tuple[Sequence[object] | None, Sequence[object]]:
    """The names, None if no column has them, and the dates of a DataFrame of events.

    Raises:
        InvalidInput: if no column and no index has dates.
    """
    import pandas as pd

    dates_at, names_at = find_named(frame, _EVENT_DATES), find_named(frame, _EVENT_NAMES)
    index = None if isinstance(frame.index, pd.RangeIndex) else frame.index.tolist()
    by_name = normalise_name(str(frame.index.name)) in _EVENT_NAMES
    names = index if names_at is None or by_name else frame.iloc[:, names_at].tolist()
    if dates_at is not None:
        return names, frame.iloc[:, dates_at].tolist()
    if index is not None and hold_dates(index):
        return (None if names_at is None else names), index
    dated = [at for at in range(len(frame.columns)) if hold_dates(frame.iloc[:, at].tolist())]
    if len(dated) == 1:
        return names, frame.iloc[:, dated[0]].tolist()
    raise InvalidInput(
        f"events is a DataFrame with the columns {_list_columns(frame)}; expected one called date (or "
        "known_at) "
        "and one called event; rename them: events.rename(columns={...})"
    )


def _select_ticker(frame: pd.DataFrame, what: str) -> tuple[pd.Series[Any], str]:
    closes = [
        (at, [part for part in parts if part and normalise_name(part) != _CLOSE])
        for at, parts in enumerate([str(part) for part in label] for label in frame.columns)
        if _CLOSE in map(normalise_name, parts)
    ]
    if len(closes) == 1:
        ((at, rest),) = closes
        return frame.iloc[:, at], rest[0] if rest else ""
    if not closes:
        raise InvalidInput(
            f"{what} is a DataFrame with the columns {_list_columns(frame)}; expected one called Close, as "
            "yfinance.download returns it; choose a column of prices"
        )
    tickers = [rest[0] if rest else "" for _, rest in closes]
    raise InvalidInput(
        f"{what} is a DataFrame with the closes of {len(closes):,} tickers ({', '.join(tickers)}); "
        "expected one "
        f"series; choose it: frame['Close'][{tickers[0]!r}]"
    )


def _index_by_date(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame by the column of dates, if its rows are only numbered, as `pandas.read_csv` leaves them."""
    import pandas as pd

    at = find_named(frame, DATE.names) if isinstance(frame.index, pd.RangeIndex) else None
    return frame if at is None else frame.set_index(frame.columns[at])


def _refuse_repeated_names(frame: pd.DataFrame, what: str) -> None:
    names = [str(name) for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(
            f"{what} is a DataFrame with more than one column {show_value(repeated[0])}; expected one; "
            "choose "
            "a column by its place: frame.iloc[:, 0]"
        )


def _list_columns(frame: pd.DataFrame) -> str:
    return show_value(", ".join(str(name) for name in frame.columns))


def _quote_first(frame: pd.DataFrame) -> str:
    return show_value(str(frame.columns[0])) if len(frame.columns) else "'close'"
