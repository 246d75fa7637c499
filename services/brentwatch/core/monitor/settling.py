"""Settling: a bar waits until the series is complete through its close; then its session is decided.

A session is decided once, against the forecast made in the session before. A bar that arrives again with
another close is a revision: the sessions whose windows contain it are tested again, once, against the
forecasts that were made for them, and only sessions decided later are forecast from it. A new close of the
first session after an expiry is a roll correction instead (`sessions/roll.py`): the price is corrected, and
nothing is tested again. An expected session without a bar is missing for good once the series is complete
through its settlement: its events move to the next session.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from immutables import Map

from brentwatch.core import domain
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.forecasting import forecast, learn, learn_in_passing, list_left_out
from brentwatch.core.monitor.intraday.reopens import learn_gaps
from brentwatch.core.monitor.pacing import RevisionPace
from brentwatch.core.monitor.placement import find_waiting_events, regroup
from brentwatch.core.monitor.publishing import Step, refresh, refuse
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import KEPT_SESSIONS, SessionRecord, State, Waiting
from brentwatch.core.monitor.story_following import follow_stories
from brentwatch.core.monitor.studies import find_headline
from brentwatch.core.sessions.roll import NO_ROLL, is_after_expiry

_MISSING = "no price came for this expected session: most likely a holiday of the source"


def take_prices(state: State, update: domain.PriceUpdate) -> Step:
    """The state with the update, and what is to be published because of it."""
    if update.series != state.rules.instrument.series.name:
        return Step(state).note(
            *(_build_fact(update, bar, domain.BarOutcome.OTHER_SERIES) for bar in update.bars)
        )
    step, revised = Step(state), set[date]()
    for bar in sorted(update.bars, key=lambda bar: bar.session):
        waiting = step.state.waiting.get(bar.session)
        warmup = update.is_warmup_of(told=waiting is not None and not waiting.warmup)
        outcome = _decide_outcome(step.state, bar, warmup=warmup)
        step = step.move_to(_hold_bar(step.state, bar, outcome, warmup=warmup)).note(
            _build_fact(update, bar, outcome)
        )
        revised |= (
            set(_list_entered(step.state, bar.session)) if outcome is domain.BarOutcome.REVISED else set()
        )
    step = refresh(step, sorted(revised), domain.Cause.PRICE_REVISION, update.known_at)
    return regroup(_advance(step, update), update.known_at)


def _decide_outcome(state: State, bar: domain.Bar, *, warmup: bool) -> domain.BarOutcome:
    if bar.interval != state.rules.instrument.series.interval:
        return domain.BarOutcome.OTHER_INTERVAL
    waiting, held = state.waiting.get(bar.session), state.prices.find(bar.session)
    before = waiting.bar if waiting is not None else held
    if before is not None and before.close == bar.close:
        return domain.BarOutcome.REPEATED
    if before is not None and _is_first_after_expiry(state, bar.session):
        return domain.BarOutcome.ROLL_CORRECTED
    if before is not None:
        open_still = waiting is not None or any(_list_entered(state, bar.session))
        return domain.BarOutcome.REVISED if open_still else domain.BarOutcome.REVISED_CLOSED
    if _is_past(state, bar):
        return domain.BarOutcome.OUT_OF_ORDER
    return domain.BarOutcome.WARMUP if warmup else domain.BarOutcome.NEW


def _is_first_after_expiry(state: State, session: date) -> bool:
    roll = state.rules.instrument.series.roll
    return roll != NO_ROLL and is_after_expiry(
        roll, sorted({*state.prices.sessions, *state.waiting}), session
    )


def _is_past(state: State, bar: domain.Bar) -> bool:
    """True for a bar of a session that was reported as missing for good."""
    complete = state.complete_through is not None and bar.closes_at <= state.complete_through
    return complete or (bool(state.prices.sessions) and bar.session <= state.prices.sessions[-1])


def _hold_bar(state: State, bar: domain.Bar, outcome: domain.BarOutcome, *, warmup: bool) -> State:
    match outcome:
        case domain.BarOutcome.NEW | domain.BarOutcome.WARMUP:
            return replace(state, waiting=state.waiting.set(bar.session, Waiting(bar, warmup)))
        case domain.BarOutcome.REVISED | domain.BarOutcome.ROLL_CORRECTED if bar.session in state.waiting:
            return replace(state, waiting=state.waiting.set(bar.session, Waiting(bar, warmup)))
        case domain.BarOutcome.REVISED | domain.BarOutcome.REVISED_CLOSED:
            return _mark_revised(replace(state, prices=state.prices.revise(bar)), bar.session)
        case domain.BarOutcome.ROLL_CORRECTED:
            return replace(state, prices=state.prices.revise(bar))
        case _:
            return state


def _mark_revised(state: State, session: date) -> State:
    for entered in _list_entered(state, session):
        record = state.decided[entered]
        state = state.set_decided(replace(record, revised=record.revised | {session}))
    return state


def _list_entered(state: State, session: date) -> Iterator[date]:
    """The decided sessions whose windows, or the price before them, contain the price of `session`."""
    at = state.find_index(session)
    near = state.prices.sessions[max(at - domain.LAST_TAU, 0) : at + 2]
    return (each for each in near if each in state.decided)


def _advance(step: Step, update: domain.PriceUpdate) -> Step:
    state, through = step.state, update.complete_through
    if state.complete_through is not None and state.complete_through > through:
        through = state.complete_through
    step = step.move_to(replace(state, complete_through=through))
    due = [waiting for waiting in state.waiting.values() if waiting.bar.closes_at <= through]
    for waiting in sorted(due, key=lambda waiting: waiting.bar.session):
        step = _note_missing(step, waiting.bar.closes_at, quiet=waiting.warmup)
        settle = _pass if waiting.warmup else _decide
        step = settle(step, waiting.bar, update.known_at)
    return _note_missing(step, through, quiet=update.warmup)


def _note_missing(step: Step, before: datetime, *, quiet: bool) -> Step:
    """Note the expected sessions that should have settled by now and did not."""
    state = step.state
    if state.reached is None or quiet:
        return step
    series = state.rules.instrument.series
    session, missing = series.find_next(state.reached), list[date]()
    while series.closes_at(session) <= before and session not in state.waiting:
        missing.append(session)
        session = series.find_next(session)
    facts = (
        domain.SessionDecided(
            series=series.name, session=each, outcome=domain.SessionOutcome.MISSING, p=None, detail=_MISSING
        )
        for each in missing
    )
    step = step.move_to(replace(state, reached=missing[-1] if missing else state.reached)).note(*facts)
    for each in missing:
        if each not in state.expected:  # sessions with waiting events are noted with them
            step = step.touch(each, domain.Cause.TEST)
    return step


def _pass(step: Step, bar: domain.Bar, known_at: datetime) -> Step:
    """A warm-up session: its price is added and not tested."""
    state, paths = learn_in_passing(step.state, bar)
    step = step.move_to(_append_bar(learn_gaps(state, bar, paths.get(HEADLINE_MODEL)), bar))
    record = step.state.expected.get(bar.session)
    if record is not None:
        reason = f"session {bar.session} is warm-up: its price feeds the estimation and is not tested"
        step = refuse(step, record, reason, known_at)
        step = step.move_to(replace(step.state, expected=step.state.expected.delete(bar.session)))
    return _forget_oldest(step)


def _decide(step: Step, bar: domain.Bar, known_at: datetime) -> Step:
    state, paths = forecast(step.state, bar.session)
    state = learn_gaps(state, bar, paths[HEADLINE_MODEL])
    state = _append_bar(learn(_add_next_forecast(state, paths), paths, bar), bar)
    expected = state.expected.get(bar.session)
    record = SessionRecord(
        session=bar.session,
        settles_at=bar.closes_at,
        known_at=known_at,
        joined=find_waiting_events(state, bar.session),
        paths=paths,
        studies=_carry_studies(state, bar.session),
    )
    without = state.expected.delete(bar.session) if expected is not None else state.expected
    provisional = state.provisional
    if bar.session in provisional:
        provisional = provisional.delete(bar.session)
    state = replace(state, expected=without, provisional=provisional).set_decided(record)
    told = refresh(Step(follow_stories(state, bar.session)), [bar.session], domain.Cause.TEST, known_at)
    step = step.note(_describe_decision(told.state, bar.session)).follow(told)
    step = refresh(step, _list_open_before(step.state), domain.Cause.WINDOW, known_at)
    return _forget_oldest(_begin_paces(step))


def _carry_studies(state: State, session: date) -> Map[str, domain.Study]:
    """The studies published before a session settled: its revisions continue from theirs."""
    expected, provisional = state.expected.get(session), state.provisional.get(session)
    studies: Map[str, domain.Study] = Map() if expected is None else expected.studies
    if provisional is None or provisional.study_id in studies:
        return studies
    return studies.set(provisional.study_id, provisional)


def _begin_paces(step: Step) -> Step:
    """A settlement resets the pace of alerts, and delayed revisions are published."""
    for key, thread in sorted(step.state.threads.items()):
        if thread.pace != RevisionPace():
            step = step.move_to(step.state.set_thread(key, replace(thread, pace=RevisionPace())))
            step = step.touch(thread.session, domain.Cause.EVENT_UPDATED) if thread.pace.holds else step
    return step


def _add_next_forecast(state: State, paths: Mapping[str, Path | domain.Refused]) -> State:
    """Add the forecast made at its settlement to the session before."""
    before = state.decided.get(state.prices.sessions[-1]) if state.prices.sessions else None
    return state if before is None else state.set_decided(replace(before, after=paths))


def _append_bar(state: State, bar: domain.Bar) -> State:
    prices = state.prices.append(bar)
    return replace(
        state,
        prices=prices,
        waiting=state.waiting.delete(bar.session),
        reached=bar.session,
        left_out=_update_left_out(state.rules, state.left_out, prices),
    )


def _update_left_out(rules: Rules, known: frozenset[date], prices: PriceHistory) -> frozenset[date]:
    """What `list_left_out` would give for all prices, from its result before the newest."""
    newest, oldest = prices.sessions[-3:], prices.sessions[:2]
    kept = {session for session in known if session > oldest[-1]}
    return frozenset(kept | list_left_out(rules, oldest) | (list_left_out(rules, newest) & set(newest[2:])))


def _describe_decision(state: State, session: date) -> domain.SessionDecided:
    result = find_headline(state.decided[session]).result
    series = state.rules.instrument.series.name
    match result:
        case domain.Found(p=p):
            return domain.SessionDecided(
                series=series, session=session, outcome=domain.SessionOutcome.TESTED, p=p
            )
        case domain.Refused(reason=reason):
            return domain.SessionDecided(
                series=series, session=session, outcome=domain.SessionOutcome.REFUSED, p=None, detail=reason
            )
        case _:
            raise InvalidInput(f"session {session} is still pending; expected a decided session: settle it")


def _list_open_before(state: State) -> Sequence[date]:
    """The sessions before the newest with windows that are still open, oldest first."""
    near = state.prices.sessions[-domain.LAST_TAU - 1 : -1]
    return [each for each in near if each in state.decided and len(state.decided[each].studies) > 1]


def _forget_oldest(step: Step) -> Step:
    """Drop the session that is too old to change, and the events that count for no other session."""
    state = step.state
    if len(state.prices.sessions) <= KEPT_SESSIONS:
        return step
    oldest, following_it = state.prices.sessions[-KEPT_SESSIONS - 1], state.prices.sessions[-KEPT_SESSIONS]
    record, next_record = state.decided.get(oldest), state.decided.get(following_it)
    if record is None:
        return step
    still = next_record.joined if next_record is not None else {}
    events = state.events.mutate()
    for event_id in record.joined:
        if event_id not in still:
            del events[event_id]
    without = replace(state, events=events.finish(), decided=state.decided.delete(oldest))
    return step.move_to(_forget_answers(without, oldest))


def _forget_answers(state: State, oldest: date) -> State:
    """The state without the alerts and the provisional studies of sessions through `oldest`."""
    threads = {key: each for key, each in state.threads.items() if each.session > oldest}
    provisional = {day: each for day, each in state.provisional.items() if day > oldest}
    if len(threads) < len(state.threads):
        state = replace(state, threads=Map(threads))
    if len(provisional) < len(state.provisional):
        state = replace(state, provisional=Map(provisional))
    return state


def _build_fact(update: domain.PriceUpdate, bar: domain.Bar, outcome: domain.BarOutcome) -> domain.BarSeen:
    return domain.BarSeen(
        series=update.series,
        session=bar.session,
        closes_at=bar.closes_at,
        close=bar.close,
        outcome=outcome,
    )
