"""`eia`: Europe Brent spot (RBRTE) from its source, by version 2 of its interface, days after each session.

Published on Wednesdays for data up to Monday: good for baseline and replay, too late for a live alert.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from brentwatch.core.errors import InvalidInput
from brentwatch.prices.provider import LARGEST_BYTES, Quote, Terms, found
from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.faults import shown

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.prices.market import Market
    from brentwatch.prices.providers.settings import ProviderSettings

_ID = "RBRTE"
_UNIT = "$/BBL"
_MOST_ROWS = 5_000
"""In one answer; of a series of one price a day that is twenty years."""


class _Row(msgspec.Struct, frozen=True):
    period: str
    value: str | float | None = None
    units: str = _UNIT


class _Response(msgspec.Struct, frozen=True):
    data: tuple[_Row, ...]


class _Answer(msgspec.Struct, frozen=True):
    response: _Response


class Eia:
    """Asks for the newest rows; values come as text, and in dollars a barrel."""

    terms = Terms(
        "U.S. Energy Information Administration, Europe Brent spot price FOB (RBRTE)",
        "public domain, attribution asked",
    )

    def __init__(self, market: Market, settings: ProviderSettings) -> None:
        settings.eia.key()
        self.series = market.series
        self._market = market
        self._eia = settings.eia
        self._url = f"{settings.eia.url}/v2/petroleum/pri/spt/data/"
        self._fetcher = Fetcher(settings.timeout_seconds, LARGEST_BYTES)

    def fetch(self, since: date, now: datetime) -> tuple[Quote, ...]:
        """See `Provider`."""
        query = {
            "frequency": "daily",
            "data[0]": "value",
            "facets[series][]": _ID,
            "start": since.isoformat(),
            "sort[0][column]": "period",
            "sort[0][direction]": "desc",
            "length": str(_MOST_ROWS),
            "api_key": self._eia.key(),
        }
        rows = self._rows(self._fetcher.get(f"{self._url}?{urlencode(query)}"))
        return found([quote for row in rows if (quote := self._quote(row))], since, self._url)

    def _rows(self, data: bytes) -> tuple[_Row, ...]:
        try:
            return msgspec.json.decode(data, type=_Answer).response.data
        except msgspec.ValidationError as error:
            raise InvalidInput(
                f"{self._url} answered with other JSON than was agreed: {error}; response.data with period "
                "and value was wanted: look for a newer version of brentwatch"
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswer(
                Reason.GARBLED,
                f"{self._url} answered with something else than JSON; prices were wanted: the site may be "
                "under repair, it is asked again later",
            ) from None

    def _quote(self, row: _Row) -> Quote | None:
        """None where the day has no price."""
        if row.value is None or row.value in ("", "."):
            return None
        if row.units.upper() != _UNIT:
            raise InvalidInput(f"{self._url} has prices in {shown(row.units)}; {_UNIT} was wanted")
        try:
            session, close = date.fromisoformat(row.period), float(row.value)
        except ValueError:
            raise InvalidInput(
                f"{self._url} gives {shown(row.period)} as {shown(row.value)}; a day and a number were wanted"
            ) from None
        return Quote(session=session, closes_at=self._market.closes_at(session), close=close)
