"""The forecasts for a session: the path of each model, from the returns before the session only.

A monthly model is fitted at the first session of each month, by session date, on the returns before that
month. Its parameters depend on the prices alone, not on when an event arrived or a process started. An
adaptive model remembers how well its forecasts did, from the first tested session on and in every session
after it; for the bundled series the memory starts with that series.

A return that spans sessions without a price is tested against the forecast of their sum. No model is fitted
on it or learns from it. The same holds for the first two returns after an expiry, one of which holds the step
to the next contract. Those two are not tested either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from immutables import Map

from brentwatch.core.domain import LAST_TAU, NO_LOG_RETURN, Bar, Refused, find_next_session
from brentwatch.core.domain.returns import Returns, log_return
from brentwatch.core.forecasts import fits
from brentwatch.core.forecasts.forecast import Ahead, Fit, NormalReturns, Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import MonthlyFit, State
from brentwatch.core.sessions.calendar_check import (
    count_spanned_sessions,
    find_spanning_sessions,
    list_missing_sessions,
)
from brentwatch.core.sessions.roll import find_splice, find_spliced_sessions

SPLICED = (
    "the front contract expired on {}: one of the first two returns after it holds the step to the next "
    "contract, which one depends on the vendor, so neither is tested; compare prices of one contract"
)


def forecast(
    state: State, session: date, horizon: int = LAST_TAU + 1
) -> tuple[State, Mapping[str, Path | Refused]]:
    """The path of each model, from prices that are all before `session`; the state holds new fits.

    A path covers `horizon` sessions, `session` included.
    """
    if end := _find_expiry(state, session):
        return state, dict.fromkeys(
            (model.name for model in state.rules.models), Refused(SPLICED.format(end))
        )
    past, ahead = _select_past(state), _look_ahead(state, session, horizon)
    state = _restore_memories(state, past, session)
    paths: dict[str, Path | Refused] = {}
    for model in state.rules.models:
        state, fit = _fit(state, model, past, session)
        paths[model.name] = _forecast_path(state, model, past, fit, ahead)
    return state, paths


def learn(state: State, paths: Mapping[str, Path | Refused], bar: Bar) -> State:
    """The state after the adaptive models have learnt from the session of `bar`, before it is appended.

    Models do not learn from a return that spans more than one session.
    """
    value = _find_learnable_return(state, bar)
    if value is None:
        return state
    memories = state.memories
    for model in state.rules.models:
        path = paths.get(model.name)
        if isinstance(path, Path):
            memory = model.learn(memories.get(model.name), path, value, bar.session)
            memories = memories if memory is None else memories.set(model.name, memory)
    return replace(state, memories=memories)


def _find_learnable_return(state: State, bar: Bar) -> float | None:
    """The return of the session of `bar`; None if it has no return of its own."""
    if not state.prices.bars or _count_spanned(state, bar.session) > 1:
        return None
    return log_return(state.prices.bars[-1].close, bar.close)


def learn_in_passing(state: State, bar: Bar) -> tuple[State, Mapping[str, Path | Refused]]:
    """The same for a session that is not tested, with its paths; without a memory nothing is learnt."""
    if not state.memories or _find_expiry(state, bar.session) or _count_spanned(state, bar.session) > 1:
        return state, {}
    past, ahead = _select_past(state), _look_ahead(state, bar.session, 1)
    paths: dict[str, Path | Refused] = {}
    for model in state.rules.models:
        if memory := state.memories.get(model.name):
            state, fit = _fit(state, model, past, bar.session)
            paths[model.name] = fit if isinstance(fit, Refused) else model.forecast(past, fit, ahead, memory)
    return learn(state, paths, bar), paths


def _find_expiry(state: State, session: date) -> date | None:
    """The expiry after which the return of a coming session is the first or second; None if it is neither."""
    match state.prices.sessions[-2:]:
        case (earlier, before):
            return find_splice(state.rules.instrument.series.roll, earlier, before, session)
        case (before,):
            return find_splice(state.rules.instrument.series.roll, None, before, session)
        case _:
            return None


def list_left_out(rules: Rules, sessions: Sequence[date]) -> frozenset[date]:
    """Those of the priced `sessions`, ascending, whose return is left out of the estimation.

    The return spans missing sessions, or is the first or second after an expiry.
    """
    return find_spliced_sessions(rules.instrument.series.roll, sessions).union(
        find_spanning_sessions(rules.calendar, sessions)
    )


def _count_spanned(state: State, session: date) -> int:
    """How many sessions the return of a coming session spans."""
    sessions = state.prices.sessions
    return count_spanned_sessions(state.rules.calendar, sessions[-1], session) if sessions else 1


def _look_ahead(state: State, session: date, sessions: int) -> Ahead:
    """A coming session, with those before it that have no price, and those that are expected after it."""
    calendar, held = state.rules.calendar, state.prices.sessions
    if not held:
        return Ahead((1,) * sessions)
    chain = [held[-1], *list_missing_sessions(calendar, held[-1], session), session]
    spans = len(chain) - 1
    while len(chain) < sessions + spans:
        chain.append(find_next_session(calendar, chain[-1]))
    return Ahead(tuple((later - earlier).days for earlier, later in pairwise(chain)), spans)


def _select_past(state: State) -> Returns:
    """The returns to estimate on: each spans one session, and none may be a splice of two contracts."""
    returns = state.prices.compute_returns()
    return returns.exclude(state.left_out) if state.left_out else returns


def _fit(state: State, model: NormalReturns, past: Returns, session: date) -> tuple[State, Fit | Refused]:
    if not model.monthly:
        return state, model.fit(past)
    month = fits.month_of(session)
    kept = state.fits.get(model.family)
    if kept is not None and kept.month == month:
        return state, kept.fit
    row = _find_bundled_fit(state, month)
    fit = _fit_month(state, model, past.select_before(date(*month, 1))) if row is None else row.fit
    return replace(state, fits=state.fits.set(model.family, MonthlyFit(month, fit))), fit


def _fit_month(state: State, model: NormalReturns, past: Returns) -> Fit | Refused:
    """The fit of a month, cached: `lookahead.py` makes the one of the next month before it is needed."""
    key = (model.family, past.values.tobytes(), past.sessions[-1] if len(past) else date.min)
    return state.worked_out.fits.find(key, lambda: model.fit(past))


def _find_bundled_fit(state: State, month: fits.Month) -> fits.BundledFit | None:
    """The row of a month, if it was made before the month began and from exactly the prices that are held."""
    row = state.rules.fits.get(month)
    if row is None or row.fit.fitted_through >= date(*month, 1):
        return None
    return row if row.checksum == fits.compute_checksum(state.prices.bars, month) else None


def _forecast_path(
    state: State, model: NormalReturns, past: Returns, fit: Fit | Refused, ahead: Ahead
) -> Path | Refused:
    if isinstance(fit, Refused):
        return fit
    path = model.forecast(past, fit, ahead, state.memories.get(model.name))
    if isinstance(path, Refused):
        return path
    return replace(path, flags=(*path.flags, NO_LOG_RETURN)) if (state.prices.closes <= 0.0).any() else path


def _restore_memories(state: State, past: Returns, session: date) -> State:
    """The state with the memory of a bundled series, as if all its earlier sessions had been tested."""
    row = None if state.memories else _find_bundled_fit(state, fits.month_of(session))
    if row is None:
        return state
    model, memory = load(HEADLINE_MODEL), row.memory
    for at, known in enumerate(past.sessions):
        if known > row.fit.fitted_through:  # the memory also learns the sessions since the fit
            before, ahead = past.select_between(0, at), Ahead((int(past.days[at]),))
            path = model.forecast(before, row.fit, ahead, memory)
            if isinstance(path, Path):
                memory = model.learn(memory, path, float(past.values[at]), known) or memory
    return replace(state, memories=Map({HEADLINE_MODEL: memory}))
