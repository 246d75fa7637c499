"""`eia` keeps the contract of providers against a site that speaks version 2 of the EIA's interface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import SecretStr, ValidationError
from tests.prices.contract import ABSURD_DAYS, ABSURD_NUMBERS, DEEP, SECRET, WebProviderContract
from tests.prices.markets import MONDAY, NOW, SPOT, WEEK
from tests.prices.stub import Answer

from brentwatch.core.errors import SettingsError
from brentwatch.prices.providers.eia import Eia
from brentwatch.prices.providers.settings import EiaSettings, ProviderSettings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from brentwatch.core.domain import Series


def absurd(period: str, value: str) -> bytes:
    """A good row of Monday and one of these pieces of JSON."""
    good = {"period": "2024-01-08", "value": "76.0"}
    whole = document(good, {"period": "PERIOD", "value": "VALUE"}).decode()
    return whole.replace('"PERIOD"', period).replace('"VALUE"', value).encode()


def document(*rows: dict[str, Any]) -> bytes:
    every = [{"product": "EPCBRENT", "series": "RBRTE", "units": "$/BBL"} | row for row in rows]
    answer = {"response": {"total": str(len(every)), "dateFormat": "YYYY-MM-DD", "data": every}}
    return json.dumps(answer | {"apiVersion": "2.1.8"}).encode()


class TestEia(WebProviderContract):
    name = "eia"
    series = SPOT

    def set_up(self, seconds: float) -> None:
        self.seconds = seconds
        self.provider = self.makes(SPOT)

    def makes(self, series: Series) -> Eia:
        eia = EiaSettings(url=self.stub.url, api_key=SecretStr(SECRET))
        return Eia(series, ProviderSettings(eia=eia, timeout_seconds=self.seconds))

    absurd: ClassVar = {
        **{f"value {each[:20]}": absurd('"2024-01-09"', each) for each in ABSURD_NUMBERS},
        **{f"day {each[:20]}": absurd(json.dumps(each), "77.0") for each in ABSURD_DAYS},
        **{f"period {each}": absurd(each, "77.0") for each in ("5", "null", "{}", "[]")},
        "no row": document({"period": "2024-01-08", "value": "76.0"}).replace(b"[{", b"[5, null, {"),
        "deep": b'{"deep": ' + DEEP.encode(),
    }

    flood: ClassVar = b'{"response": {"data": [' + b"1," * 7_600_000 + b"1]}}"

    def body(self, prices: dict[date, float]) -> bytes:
        return document(*({"period": str(day), "value": str(price)} for day, price in prices.items()))

    def gives_nonsense(self) -> None:
        self.stub.always(Answer(document({"period": "2024-01-08", "value": "NaN"})))

    def test_it_asks_for_the_series_with_the_key(self) -> None:
        self.gives(WEEK)
        self.provider.fetch(MONDAY, NOW)
        (asked,) = self.stub.asked
        assert asked.path == "/v2/petroleum/pri/spt/data/"
        assert (asked.query["facets[series][]"], asked.query["start"]) == ("RBRTE", "2024-01-08")
        assert asked.query["api_key"] == SECRET

    def test_a_day_without_a_price_is_no_session(self) -> None:
        rows = {"period": "2024-01-08", "value": "76.1"}, {"period": "2024-01-09", "value": None}
        self.stub.always(Answer(document(*rows)))
        assert [each.session for each in self.provider.fetch(MONDAY, NOW)] == [MONDAY]

    @pytest.mark.parametrize(
        ("field", "other"),
        [
            ("units", "$/GAL"),
            ("units", "USD"),
            ("series", "RWTC"),
            ("product", "EPCWTI"),
            ("units", None),
            ("series", None),
            ("product", None),
        ],
    )
    def test_another_unit_series_or_product_in_one_row_spoils_the_answer(
        self, field: str, other: str | None
    ) -> None:
        good = {"period": "2024-01-08", "value": "76.2"}
        self.stub.always(Answer(document(good, {"period": "2024-01-09", "value": "77.0", field: other})))
        assert f"whose {field} is {other!r}" in str(self.refused())

    def test_prices_of_another_frequency_are_refused(self) -> None:
        body = json.loads(document({"period": "2024-01-08", "value": "76.2"}))
        body["response"]["frequency"] = "monthly"
        self.stub.always(Answer(json.dumps(body).encode()))
        assert "frequency 'monthly'; expected daily" in str(self.refused())

    def test_other_json_is_refused(self) -> None:
        self.stub.always(Answer(b'{"response": {"rows": []}}'))
        self.refused()


def test_without_a_key_there_is_no_such_provider() -> None:
    with pytest.raises(SettingsError, match=r"prices\.eia\.api_key is not set"):
        Eia(SPOT, ProviderSettings())


def test_the_key_is_read_from_its_file_anew(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("first\n")
    settings = EiaSettings(api_key_file=str(path))
    assert settings.secret.read() == "first"
    path.write_text("second\n")
    assert settings.secret.read() == "second"


def test_two_keys_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="not both") as told:
        EiaSettings(api_key=SecretStr(SECRET), api_key_file=str(tmp_path))
    assert SECRET not in str(told.value)
