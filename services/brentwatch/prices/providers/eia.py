"""`eia`: Europe Brent spot (RBRTE) from the EIA API v2, some days after each session.

It is published on Wednesdays for data up to Monday: fit for estimation and replay, too late for live alerts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from brentwatch.core.domain import Bar, Series
from brentwatch.core.errors import InvalidInput
from brentwatch.prices import provider
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher, add_query
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    from brentwatch.prices.providers.settings import ProviderSettings

_ID = "RBRTE"
_EXPECTED = {"series": _ID, "product": "EPCBRENT", "units": "$/BBL"}
"""The values that every row must have."""

_DAILY = "daily"
_MOST_ROWS = 5_000
"""The rows in one answer: 20 years of daily prices."""


class _Row(msgspec.Struct, frozen=True):
    period: str
    series: str | None = None
    product: str | None = None
    units: str | None = None
    value: str | float | None = None


class _Response(msgspec.Struct, frozen=True):
    data: tuple[msgspec.Raw, ...]
    frequency: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    response: _Response


class Eia:
    """Requests the newest rows; values are texts, in dollars per barrel."""

    terms = provider.Terms(
        "U.S. Energy Information Administration, Europe Brent spot price FOB (RBRTE)",
        "public domain, attribution asked",
    )

    def __init__(self, series: Series, settings: ProviderSettings) -> None:
        self._key = settings.eia.secret
        self._key.read()
        self._series = series
        self._url = f"{settings.eia.url}/v2/petroleum/pri/spt/data/"
        self._fetcher = Fetcher(settings.timeout_seconds, provider.LARGEST_BYTES)

    def fetch(
        self, since: date, now: datetime, reject: provider.Reject = provider.ignore_rejections
    ) -> tuple[Bar, ...]:
        """See `Provider`."""
        query = {
            "frequency": _DAILY,
            "data[0]": "value",
            "facets[series][]": _ID,
            "start": since.isoformat(),
            "sort[0][column]": "period",
            "sort[0][direction]": "desc",
            "length": str(_MOST_ROWS),
            "api_key": self._key.read(),
        }
        data = self._fetcher.get(add_query(self._url, query))
        return provider.select_bars(read_answer(data, self._series, reject, self._url), since, self._url)


def read_answer(
    data: bytes, series: Series, reject: provider.Reject = provider.ignore_rejections, source: str = "EIA"
) -> list[Bar]:
    """The prices in an answer, in the order of its rows.

    Raises:
        NoAnswer: if it is not JSON, or too large.
        InvalidInput: if it is other JSON, another series or another unit, or no row can be read.
    """
    response = _decode(data, source)
    if response.frequency not in (None, _DAILY):
        raise InvalidInput(
            f"{source} sent prices with the frequency {show_value(response.frequency)}; expected {_DAILY}: "
            "look "
            "for a newer version of brentwatch"
        )
    rows = provider.read_rows(source, response.data, _decode_row, reject)
    _check_series(rows, source)
    return provider.read_rows(source, rows, partial(_read_bar, series), reject)


def _decode(data: bytes, source: str) -> _Response:
    provider.check_values(data, source)
    try:
        return msgspec.json.decode(data, type=_Answer).response
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"{source} sent JSON of another form: {error}; expected response.data with rows of period, "
            "series, units and value: look for a newer version of brentwatch"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoAnswer(
            Reason.GARBLED,
            f"{source} sent something other than JSON; expected prices: the site may be under repair; the "
            "request is repeated later",
        ) from None


def _decode_row(raw: msgspec.Raw) -> _Row:
    try:
        return msgspec.json.decode(raw, type=_Row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(
            f"a row cannot be read: {error}; expected period, series, units and value"
        ) from None


def _check_series(rows: Iterable[_Row], source: str) -> None:
    """One row of another series or unit makes the whole answer unusable: other rows may be wrong too."""
    for row in rows:
        for name, expected in _EXPECTED.items():
            value: str | None = getattr(row, name)
            if value is None or value.upper() != expected:
                raise InvalidInput(
                    f"{source} sent a row of {show_value(row.period)} whose {name} is {show_value(value)}; "
                    "expected "
                    f"{expected}: the answer is not used, since it may hold another price"
                )


def _read_bar(series: Series, row: _Row) -> Bar | None:
    """None if the day has no price."""
    if row.value is None or row.value in provider.NO_PRICE:
        return None
    session = provider.read_day(row.period)
    return provider.check_bar(
        Bar(session=session, closes_at=series.closes_at(session), close=provider.read_price(str(row.value)))
    )
