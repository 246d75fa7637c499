"""The providers: name -> where it lives and which series it has; loaded when used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from brentwatch.core.errors import SettingsError
from brentwatch.prices.market import Market

if TYPE_CHECKING:
    from brentwatch.prices.provider import Provider
    from brentwatch.prices.providers.settings import ProviderSettings


class ProviderEntry(NamedTuple):
    """Where a provider lives, and the series that it has; none named means any."""

    path: str
    series: tuple[str, ...] = ()


PROVIDERS = {
    "yahoo": ProviderEntry("brentwatch.prices.providers.yahoo:Yahoo", ("brent-front", "brent-front-5m")),
    "eia": ProviderEntry("brentwatch.prices.providers.eia:Eia", ("brent-spot",)),
    "fred": ProviderEntry("brentwatch.prices.providers.fred:Fred", ("brent-spot",)),
    "file": ProviderEntry("brentwatch.prices.providers.file:FileProvider"),
}


def load(name: str, market: Market, settings: ProviderSettings) -> Provider:
    """The provider of that name for the series of a market.

    Raises:
        SettingsError: if there is none of that name, it has another series, or its settings cannot work.
    """
    if name not in PROVIDERS:
        raise SettingsError(f"no provider is called {name!r}: choose one of {', '.join(PROVIDERS)}")
    entry = PROVIDERS[name]
    if entry.series and market.series not in entry.series:
        raise SettingsError(
            f"prices.series.{market.series}.providers names {name}, which has {', '.join(entry.series)}; "
            f"a provider of {market.series} was wanted: series are never mixed"
        )
    module, _, attribute = entry.path.partition(":")
    return cast("Provider", getattr(import_module(module), attribute)(market, settings))
