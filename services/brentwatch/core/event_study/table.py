"""The models of the classical study: name -> where it lives, loaded when used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import MODELS as FORECASTS

if TYPE_CHECKING:
    from brentwatch.core.event_study.model import Model

MODELS = {
    "constant-mean": "brentwatch.core.event_study.constant_mean:ConstantMean",
    "market-adjusted": "brentwatch.core.event_study.market_adjusted:MarketAdjusted",
    "market": "brentwatch.core.event_study.market:MarketModel",
}


@cache
def load(name: str) -> Model:
    """The model of that name.

    Raises:
        InvalidInput: if there is no such model; a model of forecasts is told where it is used.
    """
    if name not in MODELS:
        raise InvalidInput(_explain_unknown_model(name))
    module, _, attribute = MODELS[name].partition(":")
    return cast("Model", getattr(import_module(module), attribute)())


def _explain_unknown_model(name: str) -> str:
    known = ", ".join(MODELS)
    if name in FORECASTS:
        return (
            f"{name!r} forecasts a session from the one before and is no model of a classical study; one of "
            f"{known} was wanted; `brentwatch replay` and `brentwatch calibrate` use {name!r}"
        )
    return f"no model of a classical study is called {name!r}; one of {known} was wanted"
