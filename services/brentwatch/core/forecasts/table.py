"""The models of normal returns: name -> module and class, loaded when used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from brentwatch.core.forecasts.forecast import NormalReturns

MODELS = {
    "adaptive-garch-t": "brentwatch.core.forecasts.adaptive_garch_t:AdaptiveGarchT",
    "adaptive-rank": "brentwatch.core.forecasts.adaptive_rank:AdaptiveRank",
    "garch-t": "brentwatch.core.forecasts.garch_t:GarchT",
    "constant-mean": "brentwatch.core.forecasts.constant_mean:ConstantMeanForecast",
    "ewma-rank": "brentwatch.core.forecasts.ewma_rank:EwmaRank",
}

PEERS = {"garch-n": "brentwatch.core.forecasts.garch_n:GarchN"}
"""Models that the scored record is compared with, and that nothing else uses."""

HEADLINE_MODEL = "adaptive-garch-t"
"""The model whose p(s) may open an alert."""

TEXTBOOK_MODEL = "constant-mean"
"""The textbook t-test, which an alert shows with the headline model."""

SHOWN = (HEADLINE_MODEL, TEXTBOOK_MODEL)
"""The models whose studies are published; the others are for comparison in `calibrate`."""


@cache
def load(name: str) -> NormalReturns:
    """The model of that name with the settings it was calibrated with.

    Raises:
        SettingsError: if there is no such model.
    """
    known = MODELS | PEERS
    if name not in known:
        raise SettingsError(f"no model is called {name!r}; expected one of {', '.join(MODELS)}")
    module, _, attribute = known[name].partition(":")
    return cast("NormalReturns", getattr(import_module(module), attribute)())
