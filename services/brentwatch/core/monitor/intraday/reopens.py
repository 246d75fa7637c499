"""Re-opens: what the gap before a session is compared with, its two tests, and what is learned from it.

The state learns from a re-open when its session settles, which is after its tests. What the re-open was
compared with is saved for a week, so that a late event is tested with what was known at the time.
"""

from dataclasses import replace
from datetime import UTC, date, timedelta

from immutables import Map

from brentwatch.core import domain
from brentwatch.core.domain.returns import log_return
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.ids import study_within_id
from brentwatch.core.intraday.clock import BAR, session_of
from brentwatch.core.intraday.openings import find_start
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.forecasting import forecast
from brentwatch.core.monitor.intraday import held_bars
from brentwatch.core.monitor.state import Known, Opening, ReopenBasis, State
from brentwatch.core.reopen import (
    FIRST_HOUR,
    GapPrices,
    NewsInBreak,
    ReopenFound,
    ReopenRefused,
    ReopenResult,
    ReopenWindow,
    TradingBreak,
    UsualGaps,
    build_news,
    explain_roll_day,
    find_break,
    find_gap_prices,
    find_session_sigma,
    learn_daily_open,
    learn_reopen,
    study_reopen,
)

REOPEN_MODEL = "re-open"
"""The name of the model by which gaps are tested."""

_CRUDE = frozenset({"brent", "cl"})
_KEPT = timedelta(days=8)
_A_DAY = timedelta(days=1)
_MINUTES = {ReopenWindow.GAP: 5, ReopenWindow.HOUR: 60}


def find_break_before(state: State, known: Known) -> TradingBreak | None:
    """The break in which the news of an event came; None if trade was open, or there are no bars."""
    if state.rules.instrument.intraday is None:
        return None
    start = find_start(known.placed_at, state.rules.trading_calendar)
    return _find_break(state, start.session) if start.after_break else None


def _find_break(state: State, session: date) -> TradingBreak:
    return find_break(state.rules.trading_calendar, session, state.rules.calendar_without_overrides)


def find_basis(state: State, session: date) -> ReopenBasis:
    """What the re-open before a session is compared with: as saved, or as of now."""
    if kept := state.intraday.reopens.get(session):
        return kept
    series = state.rules.instrument.series
    opens_at = state.rules.trading_calendar.hours(session).opens_at
    _, paths = forecast(state, series.find_session_after(opens_at))
    return ReopenBasis(state.intraday.gaps, find_session_sigma(paths[HEADLINE_MODEL]))


def estimate_detectable(state: State, closed: TradingBreak) -> float | None:
    """The gap (log fraction) over a break that is found four times in five; None if it cannot be tested."""
    rules, basis = state.rules.instrument.series, find_basis(state, closed.session)
    calendar = state.rules.trading_calendar
    warms_up = rules.roll not in _CRUDE and basis.gaps.is_warming_up
    if isinstance(basis.sigma, domain.Refused) or warms_up or not closed.scheduled:
        return None
    if explain_roll_day(calendar, rules.roll, closed.session) and not _names_contracts(state, closed):
        return None
    return basis.gaps.estimate_detectable(closed.kind, basis.sigma)


def _names_contracts(state: State, closed: TradingBreak) -> bool:
    """True if the bars before a break name their contract, so that roll days are tested."""
    before = state.intraday.sessions.get(closed.previous)
    return before is not None and bool(before.bars) and bool(before.bars[-1].contract)


def learn_gaps(state: State, bar: domain.Bar, path: Path | domain.Refused | None) -> State:
    """The state after learning the gap of the session of `bar`, which has settled; its forecast was `path`.

    Gaps of sessions that traded since the last settlement without one, as on holidays of New York, are learnt
    too. If the 5-minute bars of the session are missing, the opening price of `bar` is used.
    """
    if state.rules.instrument.intraday is None:
        return state
    sigma = find_session_sigma(path)
    for session in _list_reopened(state, bar.session):
        state = _learn_gap(state, session, bar, sigma)
    return state


def _list_reopened(state: State, newest: date) -> list[date]:
    """The sessions that traded after the last settlement, through `newest`, oldest first."""
    calendar, held = state.rules.trading_calendar, state.prices.sessions
    day = max(held[-1] + _A_DAY, newest - _KEPT) if held else newest
    sessions = list[date]()
    while (session := calendar.find_on_or_after(day)) <= newest:
        sessions.append(session)
        day = session + _A_DAY
    return [each for each in sessions if each not in state.intraday.reopens]


def _learn_gap(state: State, session: date, bar: domain.Bar, sigma: float | domain.Refused) -> State:
    closed, gaps = _find_break(state, session), state.intraday.gaps
    after = state.intraday.sessions.get(session)
    if after is not None and after.bars:
        learned = learn_reopen(gaps, _find_prices_to_learn(state, closed, after), sigma)
    elif session == bar.session:
        learned = _learn_daily_open(state, closed, bar, sigma)
    else:
        learned = gaps
    kept = {day: each for day, each in state.intraday.reopens.items() if day > session - _KEPT}
    reopens = Map({**kept, session: ReopenBasis(gaps, sigma)})
    return state.set_intraday(replace(state.intraday, gaps=learned, reopens=reopens))


def _find_prices_to_learn(
    state: State, closed: TradingBreak, after: SessionBars
) -> GapPrices | domain.NotYet | ReopenRefused:
    return find_gap_prices(
        closed,
        state.intraday.sessions.get(closed.previous),
        after,
        roll=state.rules.instrument.series.roll,
        calendar=state.rules.trading_calendar,
    )


def _learn_daily_open(
    state: State, closed: TradingBreak, bar: domain.Bar, sigma: float | domain.Refused
) -> UsualGaps:
    gaps, bars = state.intraday.gaps, state.prices.bars
    roll, calendar = state.rules.instrument.series.roll, state.rules.trading_calendar
    if not bars or bars[-1].session != closed.previous or explain_roll_day(calendar, roll, bar.session):
        return gaps
    return learn_daily_open(gaps, closed.kind, bars[-1].close, bar.open, sigma)


def build_reopen_studies(state: State, opening: Opening) -> list[domain.ReopenStudy]:
    """The newest study of the gap, and of the gap with the first hour."""
    return [_build_study(state, opening, window) for window in ReopenWindow]


def _build_study(state: State, opening: Opening, window: ReopenWindow) -> domain.ReopenStudy:
    record = opening.record
    key = study_within_id(
        state.rules.instrument.name, record.session, str(window), REOPEN_MODEL, opening.begins_at
    )
    study = record.studies.get(key)
    if not isinstance(study, domain.ReopenStudy) or isinstance(study.result, domain.NotYet):
        study = _answer(state, opening, window, key)
    return replace(study, reopen=replace(study.reopen, test=opening.test))


def _answer(state: State, opening: Opening, window: ReopenWindow, key: str) -> domain.ReopenStudy:
    """Pending until the bars of the window are known."""
    session = session_of(opening.begins_at)
    closed = _find_break(state, session)
    study = _build_pending(state, opening, closed, window, key)
    after = held_bars.find_session_bars(state, state.intraday.sessions, session)
    if after is None:
        return replace(study, result=held_bars.refuse_holiday(session))
    if after.through < study.reopen.ends_at:
        return study
    if refused := held_bars.refuse_warm_up(state, opening.begins_at):
        return replace(study, result=refused)
    basis = find_basis(state, session)
    prices = find_gap_prices(
        closed,
        state.intraday.sessions.get(closed.previous),
        after,
        roll=state.rules.instrument.series.roll,
        calendar=state.rules.trading_calendar,
        news=_describe_news(state, opening, closed),
    )
    crude = state.rules.instrument.series.roll in _CRUDE
    result = study_reopen(prices, window, basis.sigma, basis.gaps, crude=crude)
    usual = (
        None if isinstance(basis.sigma, domain.Refused) else basis.gaps.estimate_gap(closed.kind, basis.sigma)
    )
    return _add_answer(state, opening, study, prices, result, usual)


def _describe_news(state: State, opening: Opening, closed: TradingBreak) -> NewsInBreak:
    """The earliest news of the opening; if only its day is known, it may be older than the break."""
    held = (state.events.get(event_id) for event_id in opening.record.joined)
    known = [each for each in held if each is not None]
    first = min(known, key=lambda each: (each.placed_at, each.event.event_id), default=None)
    if first is None or first.event.precision is not domain.Precision.DAY:
        return NewsInBreak(opening.news_at)
    return build_news(closed, opening.news_at, first.event.occurred_at.astimezone(UTC).date())


def _build_pending(
    state: State, opening: Opening, closed: TradingBreak, window: ReopenWindow, key: str
) -> domain.ReopenStudy:
    instrument, record = state.rules.instrument, opening.record
    ends_at = closed.opens_at + (BAR if window is ReopenWindow.GAP else FIRST_HOUR)
    return domain.ReopenStudy(
        study_id=key,
        revision=1,
        known_at=record.known_at,
        instrument=instrument.name,
        series=(instrument.intraday or instrument.series).name,
        session=record.session,
        model=REOPEN_MODEL,
        events=(),
        events_total=0,
        exposure=None,
        move=None,
        flags=state.rules.flags,
        confounders=(),
        rules=domain.RULES,
        reopen=domain.Reopen(
            kind=closed.kind,
            minutes=_MINUTES[window],
            closes_at=closed.closes_at,
            reopens_at=closed.opens_at,
            begins_at=None,
            ends_at=ends_at,
            news_at=opening.news_at,
            test=opening.test,
            settles_at=record.settles_at,
        ),
        result=domain.NotYet(settles_at=ends_at),
    )


def _add_answer(
    state: State,
    opening: Opening,
    study: domain.ReopenStudy,
    prices: GapPrices | domain.NotYet | ReopenRefused,
    result: ReopenResult,
    usual: float | None,
) -> domain.ReopenStudy:
    if isinstance(result, domain.NotYet):  # no trade so far
        return study
    through = state.intraday.complete_through or opening.record.known_at
    answered = domain.Answered(data_through=through, answered_at=opening.record.known_at)
    reopen = replace(study.reopen, usual=usual, answered=answered)
    if isinstance(prices, GapPrices):
        reopen = replace(reopen, begins_at=prices.before_at)
    return replace(
        study,
        result=_convert_result(result, opens=opening.test is not None),
        move=_build_move(reopen, result),
        flags=(*state.rules.flags, *(result.flags if isinstance(result, ReopenFound) else ())),
        confounders=held_bars.list_confounders(state, session_of(opening.begins_at)),
        reopen=reopen,
    )


def _convert_result(result: ReopenFound | ReopenRefused, *, opens: bool) -> domain.MoveResult:
    if isinstance(result, ReopenRefused):
        return domain.Refused(result.reason)
    return held_bars.convert_found(result, opens=opens)


def _build_move(reopen: domain.Reopen, result: ReopenFound | ReopenRefused) -> domain.Move | None:
    """What the price did over the break, even if that was not tested."""
    session, previous = session_of(reopen.reopens_at), session_of(reopen.closes_at - BAR)
    told = (result.price_before, result.price_after) if isinstance(result, ReopenFound) else result.prices
    if told is None:
        return None
    before, after = told
    return domain.Move(
        session=session,
        close=after,
        previous_session=previous,
        previous_close=before,
        log_return=log_return(before, after),
    )
