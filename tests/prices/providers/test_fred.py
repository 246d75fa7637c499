"""`fred` keeps the contract of providers against a site that speaks as fredgraph does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.prices.contract import WebProviderContract
from tests.prices.markets import MONDAY, NOW, SPOT, WEEK
from tests.prices.stub import Answer

from brentwatch.prices.providers.fred import Fred
from brentwatch.prices.providers.settings import FredSettings, ProviderSettings

if TYPE_CHECKING:
    from datetime import date


class TestFred(WebProviderContract):
    name = "fred"
    market = SPOT

    def set_up(self, seconds: float) -> None:
        fred = FredSettings(url=self.stub.url)
        self.provider = Fred(SPOT, ProviderSettings(fred=fred, timeout_seconds=seconds))

    def body(self, prices: dict[date, float]) -> bytes:
        rows = "".join(f"{day},{price}\n" for day, price in prices.items())
        return f"observation_date,DCOILBRENTEU\n{rows}".encode()

    def gives_nonsense(self) -> None:
        self.stub.always(Answer(b"observation_date,DCOILBRENTEU\n2024-01-08,nan\n"))

    def test_it_asks_for_the_series_from_the_day_that_is_wanted(self) -> None:
        self.gives(WEEK)
        self.provider.fetch(MONDAY, NOW)
        (asked,) = self.stub.asked
        assert asked.path == "/graph/fredgraph.csv"
        assert asked.query == {"id": "DCOILBRENTEU", "cosd": "2024-01-08", "coed": "2024-01-17"}

    def test_a_day_without_a_price_is_no_session(self) -> None:
        self.stub.always(Answer(b"DATE,DCOILBRENTEU\n2024-01-08,76.1\n2024-01-09,.\n2024-01-10,\n"))
        assert [each.session for each in self.provider.fetch(MONDAY, NOW)] == [MONDAY]
