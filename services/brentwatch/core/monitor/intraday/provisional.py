"""The provisional settlement: the session test on the last bar before the settlement, hours before its price.

The close of the bar from 14:25 to 14:30 in New York replaces the settlement, with its move shrunk towards
zero by `ALLOWANCE`, so that both looks together give at most 1.05 times the false alarms of one. The study of
the settlement revises the answer. Models do not learn from it, and records do not count it.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from brentwatch.core import domain
from brentwatch.core.domain.returns import log_return
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.ids import study_id
from brentwatch.core.intraday.clock import SETTLEMENT, session_of, slot_of, time_of
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.forecasting import forecast
from brentwatch.core.monitor.listing import list_events
from brentwatch.core.monitor.past_events import add_analogues
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import list_confounders_of, measure_window
from brentwatch.core.reopen import explain_roll_day
from brentwatch.core.sessions.calendar_check import list_missing_sessions

ALLOWANCE = 0.001
"""The move is reduced by this log fraction, because the bar and the settlement differ."""

_A_DAY = timedelta(days=1)


def answer_provisional(step: Step, before: datetime | None, known_at: datetime) -> Step:
    """The step with the provisional answers that became due after the bars were complete through `before`."""
    for session in _list_due(step.state, before):
        step = _answer(step, session, known_at)
    return step


def _list_due(state: State, before: datetime | None) -> Iterator[date]:
    """The sessions whose last bar before the settlement has arrived since, and whose settlement has not."""
    through, series = state.intraday.complete_through, state.rules.instrument.series
    if before is None or through is None or not state.prices.sessions:
        return
    day, last = session_of(before), session_of(through)
    while day <= last:
        ends_at = time_of(day, SETTLEMENT + 1)
        is_due = before < ends_at <= through and series.closes_at(day) == ends_at
        if is_due and _has_settlement(state, day) and _is_open(state, day, ends_at):
            yield day
        day += _A_DAY


def _has_settlement(state: State, day: date) -> bool:
    return state.rules.instrument.series.has_session(day) and not state.rules.calendar.is_unpriced(day)


def _is_open(state: State, session: date, ends_at: datetime) -> bool:
    warm = state.intraday.warm_through
    is_warm = warm is not None and ends_at <= warm
    has_settled = session in state.waiting or session <= state.prices.sessions[-1]
    return not (is_warm or has_settled or session in state.provisional or state.is_closed(session))


def _answer(step: Step, session: date, known_at: datetime) -> Step:
    state = step.state
    study = _build_study(state, session, known_at)
    record = state.expected.get(session)
    if record is not None:
        record = fill_list(state, replace(record, known_at=max(record.known_at, known_at)))
        pending = record.studies.get(study.study_id)
        study = replace(study, revision=1 if pending is None else pending.revision + 1)
        study = add_analogues(state, record, list_events(study, record.listed))
        state = state.set_expected(replace(record, studies=record.studies.set(study.study_id, study)))
    state = replace(state, provisional=state.provisional.set(session, study))
    return step.add_news(state, [study], session, domain.Cause.TEST)


def _build_study(state: State, session: date, known_at: datetime) -> domain.ProvisionalStudy:
    _, paths = forecast(state, session)
    path, held = paths[HEADLINE_MODEL], state.intraday.sessions.get(session)
    ends_at, last = time_of(session, SETTLEMENT + 1), state.prices.bars[-1]
    bar = None if held is None else held.find(time_of(session, SETTLEMENT))
    reason = _explain_refusal(state, session, held)
    move = None
    result: domain.Result = domain.Refused(reason)
    if bar is not None:
        change = log_return(last.close, bar.close)
        move = domain.Move(
            session=session,
            close=bar.close,
            previous_session=last.session,
            previous_close=last.close,
            log_return=change,
        )
        if not reason:
            close = bar.close if change is None else last.close * math.exp(_shrink(change))
            daily = domain.Bar(session=session, closes_at=ends_at, close=close)
            result = measure_window(state, domain.HEADLINE, [last, daily], path, opens_alerts=True)
    return domain.ProvisionalStudy(
        study_id=study_id(state.rules.instrument.name, session, domain.HEADLINE, HEADLINE_MODEL),
        revision=1,
        known_at=known_at,
        instrument=state.rules.instrument.name,
        series=state.rules.instrument.series.name,
        session=session,
        model=HEADLINE_MODEL,
        model_version=load(HEADLINE_MODEL).edition,
        events=(),
        events_total=0,
        exposure=None,
        move=move,
        flags=(*state.rules.flags, *(path.flags if isinstance(path, Path) else ())),
        confounders=list_confounders_of(state, session),
        rules=domain.RULES,
        bar_ends_at=ends_at,
        allowance=ALLOWANCE,
        result=result,
        calibration=state.rules.find_calibration(HEADLINE_MODEL, session),
    )


def _shrink(change: float) -> float:
    """The move, shrunk towards zero by the allowance."""
    return math.copysign(max(abs(change) - ALLOWANCE, 0.0), change)


def _explain_refusal(state: State, session: date, held: SessionBars | None) -> str:
    """Why there is no provisional test; empty if there is one."""
    calendar = state.rules.trading_calendar
    last = state.prices.sessions[-1]
    if list_missing_sessions(calendar, last, session):
        return f"the settlement before {session} has not arrived: the last one is of {last}"
    if calendar.hours(session).closes_at <= time_of(session, SETTLEMENT + 1):
        return "trade closes early, so the settlement is at another time"
    if held is None or held.find(time_of(session, SETTLEMENT)) is None:
        return "the last bar before the settlement is missing"
    if held.grid.quiet[slot_of(session, time_of(session, SETTLEMENT))]:
        return "the last bar before the settlement has no trade"
    return _explain_contract(state, session, held)


def _explain_contract(state: State, session: date, held: SessionBars) -> str:
    """Why the last bar may be of another contract than the settlement before; empty if it is not."""
    last = state.prices.sessions[-1]
    earlier = state.intraday.sessions.get(last)
    one, other = (
        None if bars is None else bars.find(time_of(day, SETTLEMENT))
        for bars, day in ((earlier, last), (held, session))
    )
    if one is not None and other is not None and one.contract and other.contract:
        changed = one.contract != other.contract
        return f"the contract changed from {one.contract} to {other.contract}" if changed else ""
    roll = state.rules.instrument.series.roll
    reason = explain_roll_day(state.rules.trading_calendar, roll, session)
    return f"the bar may be of another contract: {reason}" if reason else ""
