"""The providers by name, loaded when used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from brentwatch.core.domain import Series
from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from brentwatch.prices.provider import Provider
    from brentwatch.prices.providers.settings import ProviderSettings


PROVIDERS = {
    "yahoo": "brentwatch.prices.providers.yahoo:Yahoo",
    "eia": "brentwatch.prices.providers.eia:Eia",
    "fred": "brentwatch.prices.providers.fred:Fred",
    "massive": "brentwatch.prices.providers.massive:Massive",
    "file": "brentwatch.prices.providers.file:FileProvider",
}


def load(name: str, series: Series, settings: ProviderSettings) -> Provider:
    """The provider of that name for a series.

    Raises:
        SettingsError: if there is no such provider, it lacks the series, or its settings are unusable.
    """
    if name not in PROVIDERS:
        raise SettingsError(f"no provider is called {name!r}: choose one of {', '.join(PROVIDERS)}")
    if name not in series.providers:
        raise SettingsError(
            f"prices.series.{series.name}.providers names {name}, which does not have that series; expected "
            f"{' or '.join(series.providers)}; series are never mixed"
        )
    module, _, attribute = PROVIDERS[name].partition(":")
    return cast("Provider", getattr(import_module(module), attribute)(series, settings))
