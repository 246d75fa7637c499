"""`fred`: Europe Brent spot (DCOILBRENTEU), republished by the St. Louis Fed days after each session."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING

from brentwatch.core.domain import Bar, Series
from brentwatch.core.errors import InvalidInput
from brentwatch.prices import provider
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher, add_query
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    from brentwatch.prices.providers.settings import ProviderSettings

_ID = "DCOILBRENTEU"
_DATE_COLUMNS = ("observation_date", "DATE")


class Fred:
    """Requests the table behind a chart, which needs no key; a day without a price is "." or empty."""

    terms = provider.Terms(
        "U.S. Energy Information Administration, Europe Brent spot price FOB (RBRTE), by way of FRED, "
        f"Federal Reserve Bank of St. Louis ({_ID})",
        "public domain, attribution asked",
    )

    def __init__(self, series: Series, settings: ProviderSettings) -> None:
        self._series = series
        self._url = f"{settings.fred.url}/graph/fredgraph.csv"
        self._fetcher = Fetcher(settings.timeout_seconds, provider.LARGEST_BYTES)

    def fetch(
        self, since: date, now: datetime, reject: provider.Reject = provider.ignore_rejections
    ) -> tuple[Bar, ...]:
        """See `Provider`."""
        query = {"id": _ID, "cosd": since.isoformat(), "coed": now.date().isoformat()}
        data = self._fetcher.get(add_query(self._url, query))
        return provider.select_bars(read_answer(data, self._series, reject, self._url), since, self._url)


def read_answer(
    data: bytes, series: Series, reject: provider.Reject = provider.ignore_rejections, source: str = "FRED"
) -> list[Bar]:
    """The prices in an answer, in the order of its rows.

    Raises:
        NoAnswer: if it is not a table of FRED, or has too many rows.
        InvalidInput: if it is the table of another series, or no row is readable.
    """
    rows = _parse_rows(data, source)
    _check_header([name.strip() for name in next(rows, [])], source)
    return provider.read_rows(source, rows, partial(_read_bar, series), reject)


def _parse_rows(data: bytes, source: str) -> Iterator[list[str]]:
    """The rows one by one: all at once they would take 50 times the size of the answer."""
    try:
        yield from csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error):
        raise _explain_garbled(source) from None


def _check_header(header: list[str], source: str) -> None:
    match header:
        case [first, series] if first in _DATE_COLUMNS and series == _ID:
            return
        case [first, *series] if first in _DATE_COLUMNS:
            raise InvalidInput(
                f"{source} sent the series {show_value(','.join(series))}; expected {_ID} and nothing else: "
                "the "
                "answer is not used, since it may hold another price"
            )
    raise _explain_garbled(source)


def _explain_garbled(source: str) -> NoAnswer:
    return NoAnswer(
        Reason.GARBLED,
        f"{source} sent something other than the table of {_ID}; expected a table: the site may be under "
        "repair, the request is repeated later",
    )


def _read_bar(series: Series, row: list[str]) -> Bar | None:
    """None for an empty line, or if the day has no price."""
    if not row:
        return None
    if len(row) != 2:
        raise InvalidInput(f"a row is {show_value(','.join(row))}; expected a day and a price")
    day, value = (cell.strip() for cell in row)
    if value in provider.NO_PRICE:
        return None
    session = provider.read_day(day)
    return provider.check_bar(
        Bar(session=session, closes_at=series.closes_at(session), close=provider.read_price(value))
    )
