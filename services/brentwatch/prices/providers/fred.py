"""`fred`: Europe Brent spot (DCOILBRENTEU) as the St. Louis Fed republishes it, days after each session."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from brentwatch.history.series_files import read_series
from brentwatch.history.series_rows import Columns
from brentwatch.prices.provider import LARGEST_BYTES, Quote, Terms, found
from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.prices.market import Market
    from brentwatch.prices.providers.settings import ProviderSettings

_ID = "DCOILBRENTEU"
_DATE_COLUMNS = ("observation_date", "DATE")


class Fred:
    """Asks for the table behind a chart, which wants no key; a day without a price is "." or empty."""

    terms = Terms(
        "U.S. Energy Information Administration, Europe Brent spot price FOB (RBRTE), by way of FRED, "
        f"Federal Reserve Bank of St. Louis ({_ID})",
        "public domain, attribution asked",
    )

    def __init__(self, market: Market, settings: ProviderSettings) -> None:
        self.series = market.series
        self._market = market
        self._url = f"{settings.fred.url}/graph/fredgraph.csv"
        self._fetcher = Fetcher(settings.timeout_seconds, LARGEST_BYTES)

    def fetch(self, since: date, now: datetime) -> tuple[Quote, ...]:
        """See `Provider`."""
        query = {"id": _ID, "cosd": since.isoformat(), "coed": now.date().isoformat()}
        data = self._fetcher.get(f"{self._url}?{urlencode(query)}")
        return found(self._quotes(data), since, self._url)

    def _quotes(self, data: bytes) -> list[Quote]:
        header, _, rows = data.lstrip(b"\xef\xbb\xbf").partition(b"\n")
        named = header.decode("utf-8", "replace").strip().split(",")
        if named not in [[column, _ID] for column in _DATE_COLUMNS]:
            raise NoAnswer(
                Reason.GARBLED,
                f"{self._url} answered with something else than the table of {_ID}; a table was wanted: the "
                "site may be under repair, it is asked again later",
            )
        if not any(row.split(b",")[-1].strip() not in (b"", b".") for row in rows.splitlines()):
            return []
        series = read_series(f"the table of {_ID}", data, Columns(named[0], _ID))
        return [
            Quote(session=session, closes_at=self._market.closes_at(session), close=value)
            for session, value in zip(series.sessions, series.values, strict=True)
        ]
