"""`fred` keeps the contract of providers against a site that speaks as fredgraph does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from tests.prices.contract import ABSURD_DAYS, ABSURD_NUMBERS, WebProviderContract
from tests.prices.markets import MONDAY, NOW, SPOT, WEEK
from tests.prices.stub import Answer

from brentwatch.prices.providers.fred import Fred
from brentwatch.prices.providers.settings import FredSettings, ProviderSettings

if TYPE_CHECKING:
    from datetime import date

    from brentwatch.core.domain import Series


def absurd(day: str, value: str) -> bytes:
    """A good row of Monday and one of these cells."""
    return f"observation_date,DCOILBRENTEU\n2024-01-08,76.0\n{day},{value}\n".encode()


class TestFred(WebProviderContract):
    name = "fred"
    series = SPOT

    def set_up(self, seconds: float) -> None:
        self.seconds = seconds
        self.provider = self.makes(SPOT)

    def makes(self, series: Series) -> Fred:
        fred = FredSettings(url=self.stub.url)
        return Fred(series, ProviderSettings(fred=fred, timeout_seconds=self.seconds))

    absurd: ClassVar = {
        **{f"value {each[:20]}": absurd("2024-01-09", each) for each in ABSURD_NUMBERS},
        **{f"day {each[:20]}": absurd(each, "77.0") for each in ABSURD_DAYS},
        "three cells": absurd("2024-01-09", "77,5"),
        "a thousand": absurd("2024-01-09", '"1,077.5"'),
        "an open quote": absurd("2024-01-09", '"77.5'),
        "a null byte": absurd("2024-01-09", "77\0"),
    }

    @pytest.mark.parametrize("series", ["DCOILWTICO", "DCOILBRENTEU,DCOILWTICO", "dcoilbrenteu", ""])
    def test_another_series_is_refused(self, series: str) -> None:
        self.stub.always(Answer(f"observation_date,{series}\n2024-01-08,76.1\n".encode()))
        assert "expected DCOILBRENTEU" in str(self.refused())

    def test_rows_of_which_none_can_be_read_are_refused(self) -> None:
        self.stub.always(Answer(absurd("2024-01-09", "cheap").replace(b",76.0", b",dear")))
        assert "sent 2 rows and none is usable: a price is 'dear'" in str(self.refused())

    flood: ClassVar = b"observation_date,DCOILBRENTEU\n" + b",\n" * 7_600_000

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
