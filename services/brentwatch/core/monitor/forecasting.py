"""The forecasts for a session: every model's path, from the returns before it and nothing else.

A monthly model is fitted at the first session of each month, by session date, on the returns before that
month: its parameters depend on the prices alone, never on when an event came or a process was started. An
adaptive model remembers how its forecasts fared, from the first tested session on and through every session
after it; for the series that is bundled the memory starts where that series does.

A return that spans sessions without a price is tested against the forecast of their sum. It is kept out of
the estimation and of what models learn, as are the first two after an expiry, of which one holds the step to
the next contract. Those two are not tested.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from immutables import Map

from brentwatch.core.domain import LAST_TAU, NO_LOG_RETURN, Addis, Bar, Refused
from brentwatch.core.domain.returns import Returns, log_return
from brentwatch.core.forecasts import fits
from brentwatch.core.forecasts.forecast import Fit, Memory, NormalReturns, Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.state import MonthlyFit, Rules, State
from brentwatch.core.sessions.calendar_check import count_spanned_sessions, find_spanning_sessions
from brentwatch.core.sessions.roll import find_splice, find_spliced_sessions

SPLICED = (
    "the front contract expired on {}: one of the first two returns after it holds the step to the next "
    "contract, which one depends on the vendor, and no verdict rests on either; compare prices of one "
    "contract"
)


def forecast(state: State, session: date) -> tuple[State, Mapping[str, Path | Refused]]:
    """Each model's path from the prices held, all of them before `session`; the state keeps new fits."""
    if end := _find_expiry(state, session):
        return state, dict.fromkeys(
            (model.name for model in state.rules.models), Refused(SPLICED.format(end))
        )
    past, spans = _select_past(state), _count_spanned(state, session)
    state = _restore_memories(state, past, session)
    paths: dict[str, Path | Refused] = {}
    for model in state.rules.models:
        state, fit = _fit(state, model, past, session)
        paths[model.name] = _forecast_path(state, model, past, fit, spans)
    return state, paths


def learn(state: State, paths: Mapping[str, Path | Refused], bar: Bar) -> State:
    """The state once the adaptive models know how the session of `bar` came out; before it is appended.

    Of a return that spans more than one session there is nothing to learn.
    """
    value = _find_learnable_return(state, bar)
    if value is None:
        return state
    memories = state.memories
    p = compute_headline_p(paths, value)
    addis = state.addis if p is None else (state.addis or Addis(bar.session)).add_test(p)
    for model in state.rules.models:
        path = paths.get(model.name)
        if isinstance(path, Path):
            memory = model.learn(memories.get(model.name), path, value, bar.session)
            memories = memories if memory is None else memories.set(model.name, memory)
    return replace(state, memories=memories, addis=addis)


def is_discovery(state: State, paths: Mapping[str, Path | Refused], bar: Bar) -> bool | None:
    """Whether ADDIS would call the session of `bar` a discovery; None where there is no test."""
    value = _find_learnable_return(state, bar)
    p = None if value is None else compute_headline_p(paths, value)
    return None if p is None else p <= (state.addis or Addis(bar.session)).level


def _find_learnable_return(state: State, bar: Bar) -> float | None:
    """The return of the one session of `bar`; None where it has none of its own."""
    if not state.prices.bars or _count_spanned(state, bar.session) > 1:
        return None
    return log_return(state.prices.bars[-1].close, bar.close)


def compute_headline_p(paths: Mapping[str, Path | Refused], value: float) -> float | None:
    """p(s) of a return; None where the headline model refuses."""
    path = paths.get(HEADLINE_MODEL)
    return path.steps[0].tail(abs(value - path.steps[0].expected)) if isinstance(path, Path) else None


def learn_in_passing(state: State, bar: Bar) -> State:
    """The same for a session that is not tested, once the memory has started; nothing before."""
    if not state.memories or _find_expiry(state, bar.session) or _count_spanned(state, bar.session) > 1:
        return state
    past = _select_past(state)
    paths: dict[str, Path | Refused] = {}
    for model in state.rules.models:
        if memory := state.memories.get(model.name):
            state, fit = _fit(state, model, past, bar.session)
            paths[model.name] = fit if isinstance(fit, Refused) else model.forecast(past, fit, 1, memory)
    return learn(state, paths, bar)


def _find_expiry(state: State, session: date) -> date | None:
    """The expiry after which the return of a session to come is the first or second; None where neither."""
    match state.prices.sessions[-2:]:
        case (earlier, before):
            return find_splice(state.rules.instrument.series.roll, earlier, before, session)
        case (before,):
            return find_splice(state.rules.instrument.series.roll, None, before, session)
        case _:
            return None


def list_left_out(rules: Rules, sessions: Sequence[date]) -> frozenset[date]:
    """Those of the priced `sessions`, ascending, whose return nothing is estimated on.

    It spans missing sessions, or is the first or second after an expiry.
    """
    return find_spliced_sessions(rules.instrument.series.roll, sessions).union(
        find_spanning_sessions(rules.calendar, sessions)
    )


def _count_spanned(state: State, session: date) -> int:
    """How many sessions the return of a session to come spans."""
    sessions = state.prices.sessions
    return count_spanned_sessions(state.rules.calendar, sessions[-1], session) if sessions else 1


def _select_past(state: State) -> Returns:
    """The returns to estimate on: each of one session, and none that may be a splice of two contracts."""
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
    """The fit of the next month is asked for before it is needed."""
    key = (model.family, past.values.tobytes(), past.sessions[-1] if len(past) else date.min)
    return state.worked_out.fits.find(key, lambda: model.fit(past))


def _find_bundled_fit(state: State, month: fits.Month) -> fits.BundledFit | None:
    """The row of a month, if it was made before the month began and from the very prices that are held."""
    row = state.rules.fits.get(month)
    if row is None or row.fit.fitted_through >= date(*month, 1):
        return None
    return row if row.checksum == fits.compute_checksum(state.prices.bars, month) else None


def _forecast_path(
    state: State, model: NormalReturns, past: Returns, fit: Fit | Refused, spans: int
) -> Path | Refused:
    if isinstance(fit, Refused):
        return fit
    path = model.forecast(past, fit, LAST_TAU + spans, state.memories.get(model.name))
    if isinstance(path, Refused):
        return path
    path = path.join_sessions(spans)
    return replace(path, flags=(*path.flags, NO_LOG_RETURN)) if (state.prices.closes <= 0.0).any() else path


def _restore_memories(state: State, past: Returns, session: date) -> State:
    """Of a bundled series the memory is there from the first tested session on, as if all had been tested."""
    month = fits.month_of(session)
    row = None if state.memories else _find_bundled_fit(state, month)
    if row is None:
        return state
    distances = fits.collect_pool(past.select_before(date(*month, 1)), state.rules.fits, row.since)
    known = {
        model.name: memory
        for model in state.rules.models
        if (memory := fits.restore_memory(row, model.name, distances))
    }
    return _learn_month(replace(state, addis=Addis(row.since, row.middling)), row, past, known)


def _learn_month(state: State, row: fits.BundledFit, past: Returns, known: dict[str, Memory]) -> State:
    """The state once the sessions of the month before this one have been learnt as well."""
    addis = state.addis
    for session, value in zip(past.sessions, past.values.tolist(), strict=True):
        if session <= row.fit.fitted_through:
            continue
        before = past.select_before(session)
        for model in state.rules.models:
            if (memory := known.get(model.name)) is None:
                continue
            path = model.forecast(before, row.fit, 1, memory)
            if isinstance(path, Path) and (learnt := model.learn(memory, path, value, session)):
                known[model.name] = learnt
            if addis is not None and (p := compute_headline_p({model.name: path}, value)) is not None:
                addis = addis.add_test(p)
    return replace(state, memories=Map(known), addis=addis)
