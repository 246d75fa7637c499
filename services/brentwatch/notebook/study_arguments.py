"""Checks the names of models, and the windows and lengths of a classical study."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from brentwatch.core.domain import Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.table import MODELS as CLASSICAL_MODELS
from brentwatch.core.event_study.table import load
from brentwatch.core.forecasts.table import MODELS as FORECAST_MODELS
from brentwatch.notebook.arguments import read_choice, read_switch, read_whole, read_window, read_windows
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from brentwatch.core.event_study.model import Model

DEFAULT_WINDOW = (-5, 10)


def read_classical_model(value: object) -> Model:
    """The model of a classical study of that name.

    Raises:
        InvalidInput: if there is none.
    """
    hint = ""
    if isinstance(value, str) and value in FORECAST_MODELS:
        hint = f", or test with a forecast: impact(events, model={value!r})"
    return load(read_choice("model", value, CLASSICAL_MODELS, hint))


def read_forecast_model(value: object) -> str:
    """The name of a model that forecasts.

    Raises:
        InvalidInput: if there is none.
    """
    is_classical = isinstance(value, str) and value in CLASSICAL_MODELS
    hint = "; event_study(events, model=...) has this model" if is_classical else ""
    return read_choice("model", value, FORECAST_MODELS, hint)


def read_designs(
    windows: object, window: object, estimation: object, gap: object, span: object
) -> list[Design]:
    """A design for each window.

    Raises:
        InvalidInput: if an argument cannot be used; with every fault.
    """
    faults = Faults()
    asked = faults.attempt(partial(_read_asked_windows, windows, window))
    length = faults.attempt(partial(read_whole, "estimation", estimation))
    between = faults.attempt(partial(read_whole, "gap", gap))
    spans = faults.attempt(partial(read_switch, "span", span))
    if faults or asked is None or length is None or between is None or spans is None:
        raise faults.build_error()
    first = Design(estimation=length, gap=between, window=asked[0], span=spans)
    return [replace(first, window=each) for each in asked]


def _read_asked_windows(windows: object, window: object) -> tuple[Window, ...]:
    if windows is None:
        return (read_window("window", window),)
    if window != DEFAULT_WINDOW:
        raise InvalidInput("windows and window were both given; expected one of them; leave window out")
    return read_windows("windows", windows)
