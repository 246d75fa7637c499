"""Which series are fetched, from whom, into which partitions, and how late."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from tests.prices.markets import FRONT, SPOT

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, Series
from brentwatch.core.errors import SettingsError
from brentwatch.prices.providers.fred import Fred
from brentwatch.prices.providers.settings import SeriesSettings
from brentwatch.prices.providers.table import load
from brentwatch.prices.series import choose_providers, find_late_series, list_series
from brentwatch.prices.settings import PricesSettings

DUBAI = Series(
    name="dubai", calendar="london", settlement=time(16, 30), time_zone="Asia/Singapore", roll="none"
)
DAILY_FRONT = replace(BRENT_FRONT, intraday=None)
OTHER = replace(BRENT_SPOT, name="other", partition=4)


def test_a_series_goes_to_every_partition_that_uses_it() -> None:
    assert list_series([BRENT_SPOT, OTHER], PricesSettings()) == {SPOT: (0, 4)}


def test_each_series_is_fetched_on_its_own() -> None:
    found = list_series([BRENT_SPOT, DAILY_FRONT], PricesSettings())
    assert [each.name for each in found] == ["brent-spot", "brent-front"]


def test_bars_of_five_minutes_are_a_series_of_their_own_where_they_are_wanted() -> None:
    found = list_series([BRENT_SPOT, DAILY_FRONT], PricesSettings(intraday=True))
    assert [(each.name, each.interval) for each in found] == [
        ("brent-spot", "1d"),
        ("brent-front", "1d"),
        ("brent-front-5m", "5m"),
    ]


def test_bars_of_five_minutes_are_fetched_for_an_instrument_that_is_tested_on_them() -> None:
    found = list_series([BRENT_SPOT, BRENT_FRONT], PricesSettings())
    assert [each.name for each in found] == ["brent-spot", "brent-front", "brent-front-5m"]


def test_the_settings_choose_the_delay_and_the_providers() -> None:
    settings = PricesSettings(
        series={"brent-spot": SeriesSettings(providers=("eia", "fred"), delay_minutes=10)}
    )
    (series,) = list_series([BRENT_SPOT], settings)
    assert series.delay == timedelta(minutes=10)
    assert choose_providers(SPOT, settings) == ("eia", "fred")
    assert choose_providers(FRONT, settings) == ("yahoo",)
    assert choose_providers(DUBAI, settings) == ("file",)


def test_instruments_of_one_series_settle_at_one_time() -> None:
    with pytest.raises(SettingsError, match="a series settles once"):
        list_series([BRENT_SPOT, replace(OTHER, series=replace(SPOT, settlement=time(12)))], PricesSettings())


@pytest.mark.parametrize("name", ["yahoo", "oracle"])
def test_a_provider_of_another_series_is_refused(name: str) -> None:
    with pytest.raises(
        SettingsError,
        match=r"names yahoo, which does not have that series; expected fred or eia or file|called 'oracle'",
    ):
        load(name, SPOT, PricesSettings())


def test_the_provider_of_the_table_is_made() -> None:
    assert isinstance(load("fred", SPOT, PricesSettings()), Fred)


@pytest.mark.parametrize(
    ("providers", "said"), [((), "at least one provider"), (("fred", "eia", "fred"), "each provider once")]
)
def test_a_series_without_a_provider_or_with_one_twice_is_a_fault_of_the_settings(
    providers: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        PricesSettings(series={"brent-spot": SeriesSettings(providers=providers)})


def test_a_provider_that_there_is_not_is_a_fault_of_the_settings() -> None:
    with pytest.raises(
        ValueError, match="one of the providers yahoo, eia, fred, massive, file and not oracle"
    ):
        PricesSettings(series={"brent-spot": SeriesSettings(providers=("oracle",))})


def test_spot_cannot_be_live_and_the_futures_can() -> None:
    silent = replace(BRENT_SPOT, alerts=False)

    assert find_late_series([silent, BRENT_FRONT], PricesSettings()) == {
        "brent-spot": "brent-spot cannot be live: EIA publishes days later. It is tested and shown, "
        "but opens no alerts"
    }


def test_alerts_on_a_late_series_are_called_late() -> None:
    (sentence,) = find_late_series([BRENT_SPOT, OTHER], PricesSettings()).values()

    assert sentence.endswith("Alerts of brent-spot, other are as late; set alerts = false to turn them off")


def test_a_source_of_ones_own_that_is_not_late_is_live() -> None:
    settings = PricesSettings(series={"brent-spot": SeriesSettings(providers=("file",), delay_minutes=60)})

    assert find_late_series([BRENT_SPOT], settings) == {}
