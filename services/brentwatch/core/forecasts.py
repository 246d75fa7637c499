"""The forecasts for a session: every model's path, from the returns before it and nothing else.

A monthly model is fitted at the first session of each month, by session date, on the returns before that
month: its parameters depend on the prices alone, never on when an event came or a process was started.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from brentwatch.core.normal_returns.forecast import Path
from brentwatch.core.refused import Refused
from brentwatch.core.state import MonthlyFit
from brentwatch.core.study import NO_LOG_RETURN
from brentwatch.core.windows import LAST_TAU

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.core.normal_returns.forecast import Fit, NormalReturns
    from brentwatch.core.returns import Returns
    from brentwatch.core.state import State


def forecast(state: State, session: date) -> tuple[State, Mapping[str, Path | Refused]]:
    """Each model's path from the prices held, all of them before `session`; the state keeps new fits."""
    past = state.prices.returns()
    paths: dict[str, Path | Refused] = {}
    for model in state.rules.models:
        state, fit = _fit(state, model, past, session)
        paths[model.name] = _path(state, model, past, fit)
    return state, paths


def _fit(state: State, model: NormalReturns, past: Returns, session: date) -> tuple[State, Fit | Refused]:
    if not model.monthly:
        return state, model.fit(past)
    month = (session.year, session.month)
    kept = state.fits.get(model.name)
    if kept is not None and kept.month == month:
        return state, kept.fit
    fit = model.fit(past.before(date(*month, 1)))
    return replace(state, fits=state.fits.set(model.name, MonthlyFit(month, fit))), fit


def _path(state: State, model: NormalReturns, past: Returns, fit: Fit | Refused) -> Path | Refused:
    path = fit if isinstance(fit, Refused) else model.path(past, fit, LAST_TAU + 1)
    if isinstance(path, Path) and len(past) < len(state.prices.bars) - 1:
        return replace(path, flags=(*path.flags, NO_LOG_RETURN))
    return path
