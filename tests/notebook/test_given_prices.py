"""Prices of yfinance say which instrument they are of."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.notebook.test_inputs import PRICES, frame_of_yahoo

from brentwatch import InvalidInput, PricesWarning, event_study, impact, session_tests
from brentwatch.notebook.given_prices import read_given_prices

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("ticker", "instrument"), [("BZ=F", "brent-front"), ("CL=F", "wti-front")])
def test_the_ticker_of_yfinance_names_the_instrument(ticker: str, instrument: str) -> None:
    given = read_given_prices(frame_of_yahoo(["Price", "Ticker"], ticker), None)

    assert given.instrument.name == instrument
    assert given.source.startswith(f"the ticker {ticker} is taken as {instrument}")


def test_a_series_of_that_name_is_of_the_same_instrument() -> None:
    prices = frame_of_yahoo(["Price", "Ticker"], "BZ=F")["Close"]["BZ=F"]

    assert read_given_prices(prices, None).instrument.name == "brent-front"


def test_an_instrument_that_is_given_wins() -> None:
    given = read_given_prices(frame_of_yahoo(["Price", "Ticker"], "BZ=F"), "brent-spot")

    assert (given.instrument.name, given.source) == ("brent-spot", "")


def test_all_other_prices_are_brent_spot() -> None:
    assert read_given_prices(PRICES, None).instrument.name == "brent-spot"
    assert (
        read_given_prices(frame_of_yahoo(["Price", "Ticker"], "^GSPC"), None).instrument.name == "brent-spot"
    )


def test_a_download_that_failed_has_no_prices_to_read() -> None:
    empty = frame_of_yahoo(["Price", "Ticker"], "BZ=F").iloc[:0]

    assert read_given_prices(empty, None).found.prices == {}
    with pytest.raises(InvalidInput, match="expected one called Close"):
        read_given_prices(
            pd.DataFrame(columns=pd.MultiIndex.from_tuples([], names=["Price", "Ticker"])), None
        )


def test_a_warning_names_the_line_of_the_user() -> None:
    sunday = pd.Series([61.50], pd.to_datetime(["2019-09-15"]))
    prices = pd.concat([PRICES, sunday])
    for ask in (
        lambda: event_study("2019-09-16", prices),
        lambda: impact("2019-09-16", prices, "constant-mean"),
        lambda: session_tests(prices, "ewma-rank"),
    ):
        with pytest.warns(PricesWarning, match="2019-09-15") as caught:
            ask()
        assert {warning.filename for warning in caught} == {__file__}
