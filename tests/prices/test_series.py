"""Which series are fetched, from whom, into which partitions, and how late."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from tests.prices.markets import DAILY_FRONT, SPOT

from brentwatch.core.domain.instrument import BRENT_SPOT
from brentwatch.core.errors import SettingsError
from brentwatch.prices.providers.settings import SeriesSettings
from brentwatch.prices.providers.table import load
from brentwatch.prices.series import build_markets, choose_providers, find_late_series
from brentwatch.prices.settings import PricesSettings

OTHER = replace(BRENT_SPOT, name="other", partition=4)


def test_a_series_goes_to_every_partition_that_uses_it() -> None:
    (market,) = build_markets([BRENT_SPOT, OTHER], PricesSettings())
    assert market == replace(SPOT, partitions=(0, 4))


def test_each_series_is_a_market_of_its_own() -> None:
    found = build_markets([BRENT_SPOT, DAILY_FRONT], PricesSettings())
    assert [each.series for each in found] == ["brent-spot", "brent-front"]


def test_bars_of_five_minutes_are_a_series_of_their_own_where_they_are_wanted() -> None:
    found = build_markets([BRENT_SPOT, DAILY_FRONT], PricesSettings(intraday=True))
    assert [(each.series, each.interval) for each in found] == [
        ("brent-spot", "1d"),
        ("brent-front", "1d"),
        ("brent-front-5m", "5m"),
    ]


def test_bars_of_five_minutes_are_fetched_for_an_instrument_that_is_tested_on_them() -> None:
    found = build_markets([BRENT_SPOT, replace(DAILY_FRONT, intraday="brent-front-5m")], PricesSettings())
    assert [each.series for each in found] == ["brent-spot", "brent-front", "brent-front-5m"]


def test_the_settings_choose_the_delay_and_the_providers() -> None:
    settings = PricesSettings(
        series={"brent-spot": SeriesSettings(providers=("eia", "fred"), delay_minutes=10)}
    )
    (market,) = build_markets([BRENT_SPOT], settings)
    assert market.delay == timedelta(minutes=10)
    assert choose_providers("brent-spot", settings) == ("eia", "fred")
    assert choose_providers("brent-front", settings) == ("yahoo",)
    assert choose_providers("dubai", settings) == ("file",)


def test_instruments_of_one_series_settle_at_one_time() -> None:
    with pytest.raises(SettingsError, match="a series settles once"):
        build_markets([BRENT_SPOT, replace(OTHER, settlement=time(12))], PricesSettings())


@pytest.mark.parametrize("name", ["yahoo", "oracle"])
def test_a_provider_of_another_series_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="yahoo"):
        load(name, SPOT, PricesSettings())


def test_the_provider_of_the_table_is_made() -> None:
    assert load("fred", SPOT, PricesSettings()).series == "brent-spot"


@pytest.mark.parametrize(
    ("providers", "said"), [((), "at least one provider"), (("fred", "eia", "fred"), "each provider once")]
)
def test_a_series_without_a_provider_or_with_one_twice_is_a_fault_of_the_settings(
    providers: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        PricesSettings(series={"brent-spot": SeriesSettings(providers=providers)})


def test_a_provider_that_there_is_not_is_a_fault_of_the_settings() -> None:
    with pytest.raises(ValueError, match="one of the providers yahoo, eia, fred, file and not oracle"):
        PricesSettings(series={"brent-spot": SeriesSettings(providers=("oracle",))})


def test_spot_cannot_be_live_and_the_futures_can() -> None:
    silent = replace(BRENT_SPOT, alerts=False)

    assert find_late_series([silent, DAILY_FRONT], PricesSettings()) == {
        "brent-spot": "brent-spot cannot be live: the EIA publishes each price two to nine days after its "
        "session. It is tested and shown, and opens no alerts"
    }


def test_alerts_on_a_late_series_are_called_late() -> None:
    (sentence,) = find_late_series([BRENT_SPOT, OTHER], PricesSettings()).values()

    assert sentence.endswith("The alerts of brent-spot, other come as late; set alerts = false for none")


def test_a_source_of_ones_own_that_is_not_late_is_live() -> None:
    settings = PricesSettings(series={"brent-spot": SeriesSettings(providers=("file",), delay_minutes=60)})

    assert find_late_series([BRENT_SPOT], settings) == {}
