"""The prices to work on: those that were given, or the bundled ones, and what was left out of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, WTI_FRONT, Bar, Instrument
from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions.roll import find_spliced_sessions
from brentwatch.history.session_rows import SessionPrices, describe_missing, describe_spliced
from brentwatch.notebook.arguments import read_instrument
from brentwatch.notebook.bundled import bundled_prices
from brentwatch.notebook.price_input import read_daily, select_prices

_TICKERS = {"BZ=F": BRENT_FRONT, "CL=F": WTI_FRONT}
"""What Yahoo calls the built-in instruments."""


class PricesWarning(UserWarning):
    """Rows of the prices were left out, or sessions are missing from them."""


def warn_of(*notes: str, callers: int = 1) -> None:
    """Warn of what was left out, since a result alone does not show it.

    The warning names the line of the user, which is `callers` calls above this one.
    """
    for note in notes:
        warnings.warn(note, PricesWarning, stacklevel=callers + 2)


@dataclass(frozen=True, slots=True)
class GivenPrices:
    """Prices by session, and the instrument they are of.

    `source` says what was assumed, "" if nothing. `bundled` is true if no prices were given.
    """

    found: SessionPrices
    instrument: Instrument
    source: str
    bundled: bool = False

    @property
    def all_left_out(self) -> tuple[str, ...]:
        """Which rows were left out, and which sessions are missing."""
        missing = describe_missing(tuple(self.found.prices), self.found.spans, self.instrument.series)
        return (*self.found.left_out, *missing)

    @property
    def notes(self) -> tuple[str, ...]:
        """All there is to know of the prices, in sentences, for tests of single sessions."""
        source = (self.source,) if self.source else ()
        spliced = describe_spliced(self._find_spliced(), self.instrument.series)
        return (*self.all_left_out, *source, *spliced, *self.found.kept)

    def find_untested(self) -> frozenset[date]:
        """The sessions whose return spans missing ones, or may hold the step to another contract."""
        return self._find_spliced().union(self.found.spans)

    def build_bars(self) -> list[Bar]:
        """A bar for each session, oldest first."""
        series = self.instrument.series
        return [
            Bar(session=day, closes_at=series.closes_at(day), close=close)
            for day, close in self.found.prices.items()
        ]

    def _find_spliced(self) -> frozenset[date]:
        return find_spliced_sessions(self.instrument.series.roll, tuple(self.found.prices))


def read_given_prices(prices: object, instrument: object) -> GivenPrices:
    """The prices that were given, or the bundled Brent spot if none were.

    Without an `instrument` a frame of yfinance says which it is: BZ=F is `brent-front` and CL=F `wti-front`.
    All else is `brent-spot`.

    Raises:
        InvalidInput: if the instrument is unknown, or the prices cannot be read; with every fault.
    """
    if prices is None:
        named = BRENT_SPOT if instrument is None else read_instrument(instrument)
        if named.series.name != BRENT_SPOT.series.name:
            raise InvalidInput(
                f"no prices were given for {named.name}; expected its prices, since only those of brent-spot "
                "are bundled; give a Series of USD/bbl by date"
            )
        found = read_daily(bundled_prices(), named.series)
        first, last = min(found.prices), max(found.prices)
        source = f"prices are the bundled Brent spot of the EIA, {first} to {last}"
        return GivenPrices(found, named, source, bundled=True)
    values, ticker = select_prices(prices, "prices")
    known = _TICKERS.get(ticker.upper())
    if instrument is not None or known is None:
        named = BRENT_SPOT if instrument is None else read_instrument(instrument)
        return GivenPrices(read_daily(values, named.series), named, "")
    return GivenPrices(
        read_daily(values, known.series),
        known,
        f"the ticker {ticker} is taken as {known.name}, which says when sessions settle; instrument= "
        "changes it",
    )
