"""`yahoo` keeps the contract of providers: yfinance, unmodified, against a site that speaks as Yahoo does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kafka.certificates import self_signed
from tests.prices.contract import PATIENCE_SECONDS, WebProviderContract
from tests.prices.markets import FRONT, MONDAY, NOW, WEEK
from tests.prices.stub import Answer
from tests.prices.yahoo_proxy import NAMES, proxy
from tests.prices.yahoo_site import NEW_YORK, ToStub, chart, forget, midnight

from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.yahoo import Yahoo, session_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.prices.market import Market


CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    forget()
    yield
    forget()


class TestYahoo(WebProviderContract):
    name = "yahoo"
    market = FRONT

    def set_up(self, seconds: float) -> None:
        self.provider = self.made(FRONT, seconds)

    def made(self, market: Market, seconds: float) -> Yahoo:
        return Yahoo(market, ProviderSettings(timeout_seconds=seconds), ToStub(self.stub.url))

    def body(self, prices: dict[date, float]) -> bytes:
        return chart({midnight(day): price for day, price in prices.items()})

    def gives_nonsense(self) -> None:
        self.stub.always(Answer(chart({midnight(MONDAY): None})))

    def test_an_error_that_yahoo_explains_is_passed_on(self) -> None:
        told = b'{"chart": {"result": null, "error": {"code": "Not Found", "description": "No data found"}}}'
        self.stub.always(Answer(told))
        assert "BZ=F" in str(self.no_answer())

    def test_a_row_without_a_close_is_left_out(self) -> None:
        rows = {midnight(MONDAY): 76.0, midnight(MONDAY + timedelta(days=1)): None}
        self.stub.always(Answer(chart(rows)))
        assert [each.session for each in self.provider.fetch(MONDAY, NOW)] == [MONDAY]

    def test_a_row_of_a_sunday_is_no_session(self) -> None:
        sunday = MONDAY - timedelta(days=1)
        self.stub.always(Answer(chart({midnight(sunday): 75.0, midnight(MONDAY): 76.0})))
        assert [each.session for each in self.provider.fetch(sunday, NOW)] == [MONDAY]

    def test_volume_comes_with_the_price_and_none_is_zero(self) -> None:
        self.stub.always(Answer(chart({midnight(MONDAY): 76.0}, volume=None)))
        assert [each.volume for each in self.provider.fetch(MONDAY, NOW)] == [0.0]

    def test_bars_of_five_minutes_carry_their_beginning_and_their_session(self) -> None:
        sunday_evening = datetime(2024, 1, 7, 18, 0, tzinfo=NEW_YORK)
        rows = {sunday_evening: 76.1, sunday_evening + timedelta(minutes=5): 76.2}
        self.stub.always(Answer(chart(dict(rows), "5m")))
        five = replace(FRONT, series="brent-front-5m", interval="5m")
        first, second = self.made(five, PATIENCE_SECONDS).fetch(MONDAY, NOW)
        assert (first.session, first.interval) == (MONDAY, "5m")
        assert first.opens_at == datetime(2024, 1, 7, 23, 0, tzinfo=UTC)
        assert first.closes_at == second.opens_at == datetime(2024, 1, 7, 23, 5, tzinfo=UTC)
        assert "5m" in {asked.query.get("interval") for asked in self.stub.asked}

    def test_bars_of_five_minutes_are_asked_for_as_far_back_as_yahoo_keeps_them(self) -> None:
        self.stub.always(Answer(chart({datetime(2024, 1, 8, 9, 0, tzinfo=NEW_YORK): 76.1}, "5m")))
        five = replace(FRONT, series="brent-front-5m", interval="5m")
        self.made(five, PATIENCE_SECONDS).fetch(date(2018, 1, 2), NOW)
        asked = [each.query for each in self.stub.asked if each.query.get("interval") == "5m"]
        (begins,) = {datetime.fromtimestamp(int(each["period1"]), UTC) for each in asked if "period1" in each}
        assert timedelta(days=58) < NOW - begins <= timedelta(days=60)

    def test_the_open_of_a_bar_of_five_minutes_comes_along(self) -> None:
        """Without it no return exists in the first bar after a break."""
        opens_at = datetime(2024, 1, 8, 9, 0, tzinfo=NEW_YORK)
        rows: dict[datetime, float | None] = {opens_at: 76.1, opens_at + timedelta(minutes=5): 76.2}
        self.stub.always(Answer(chart(rows, "5m", opens=[76.05, None])))
        five = replace(FRONT, series="brent-front-5m", interval="5m")
        assert [each.open for each in self.made(five, PATIENCE_SECONDS).fetch(MONDAY, NOW)] == [76.05, None]


@pytest.mark.parametrize(
    ("at", "session"),
    [
        (datetime(2024, 1, 5, 21, 59, tzinfo=UTC), date(2024, 1, 5)),  # Friday, the last minute
        (datetime(2024, 1, 7, 23, 0, tzinfo=UTC), date(2024, 1, 8)),  # Sunday, the first minute in winter
        (datetime(2024, 7, 7, 22, 0, tzinfo=UTC), date(2024, 7, 8)),  # and in summer
        (datetime(2024, 3, 11, 21, 59, tzinfo=UTC), date(2024, 3, 11)),  # New York has changed, London not
        (datetime(2024, 3, 11, 22, 0, tzinfo=UTC), date(2024, 3, 12)),
        (datetime(2024, 1, 9, 3, 0, tzinfo=UTC), date(2024, 1, 9)),
    ],
)
def test_trade_from_the_evening_on_belongs_to_the_next_session(at: datetime, session: date) -> None:
    assert session_of(at) == session


ASK = """
import json
from tests.prices.markets import FRONT, MONDAY, NOW
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.table import load

quotes = load("yahoo", FRONT, ProviderSettings()).fetch(MONDAY, NOW)
print(json.dumps({str(quote.session): quote.close for quote in quotes}))
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl wanted, to make a certificate")
def test_nothing_is_changed_for_a_test_that_goes_through_a_proxy_and_tls(tmp_path: Path) -> None:
    pair = self_signed(tmp_path, "yahoo", NAMES)
    body = chart({midnight(day): price for day, price in WEEK.items()})
    with proxy(pair, body) as (url, asked):
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(pair.certificate))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ASK],
            env=os.environ | trusted | {"HTTPS_PROXY": url, "https_proxy": url},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {str(day): price for day, price in WEEK.items()}
    assert [line for line in asked if line.startswith("GET /v8/finance/chart/BZ=F?")] != []
