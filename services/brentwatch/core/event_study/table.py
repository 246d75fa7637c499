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
    "factors": "brentwatch.core.event_study.factors:FactorModel",
}


@cache
def load(name: str, factors: int = 1) -> Model:
    """The model of that name; `factors` is the number of factors of a model that takes them.

    Raises:
        InvalidInput: if there is no such model. For a forecast model, the error says where it is used.
    """
    if name not in MODELS:
        raise InvalidInput(_explain_unknown_model(name))
    module, _, attribute = MODELS[name].partition(":")
    made = getattr(import_module(module), attribute)
    return cast("Model", made(factors=factors) if made().takes_factors else made())


def _explain_unknown_model(name: str) -> str:
    known = ", ".join(MODELS)
    if name in FORECASTS:
        return (
            f"{name!r} is a forecast model, and this is the classical study; expected one of {known}; "
            f"impact() and `brentwatch study` without classical options take {name!r}"
        )
    return f"no model of the classical study is called {name!r}; expected one of {known}"
