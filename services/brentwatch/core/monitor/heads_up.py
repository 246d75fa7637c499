"""The heads-up: important news opens the alert of its session before any price is tested.

A heads-up says what is known and which tests will run, and has no direction. A budget keeps heads-ups rare:
an event that exceeds it is listed in the next heads-up, or in the alert of the session.
"""

from dataclasses import replace

from brentwatch.core.domain import CLASS_WEIGHTS, OWNED_FROM, Cause, EventAdmitted, HeadsUp, Standing
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.intraday.reopens import estimate_detectable, find_break_before
from brentwatch.core.monitor.pacing import Thread
from brentwatch.core.monitor.placement import find_sessions
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.state import Known, State

LEAST_EXPOSURE = 0.5
LEAST_CLASS_WEIGHT = 0.6
"""The least weight of an important class: every class except `protest` and `other`."""


def announce(before: State, step: Step, signal: EventAdmitted) -> Step:
    """The step with a heads-up, if the event calls for one and the budget allows it.

    Args:
        before: the state before the event came.
        step: what it led to so far.
        signal: the event.
    """
    state, event_id = step.state, signal.event.event_id
    known = state.events.get(event_id)
    if known is None or known is before.events.get(event_id) or not _matters(known, signal):
        return step
    session = find_sessions(state, known)[0]
    key = alert_id(state.rules.instrument.name, session)
    is_open = session in state.expected and not state.is_closed(session)
    if not (state.rules.instrument.alerts and is_open) or key in state.threads:
        return step
    budget = state.budget.spend(signal.known_at)
    if budget is None:
        return step
    thread = Thread(session=session, heads_up=_build_heads_up(state, known, signal))
    return step.move_to(replace(state, budget=budget).set_thread(key, thread)).touch(
        session, Cause.EVENT_JOINED
    )


def _matters(known: Known, signal: EventAdmitted) -> bool:
    exposure = 0.0 if known.exposure is None else known.exposure.weight
    near = exposure >= LEAST_EXPOSURE or signal.nearness >= OWNED_FROM
    novelty = known.event.novelty
    return (
        known.live
        and not known.over_cap
        and known.standing is not Standing.SINGLE
        and near
        and (novelty is None or novelty >= 1.0)
        and CLASS_WEIGHTS[known.event.event_class] >= LEAST_CLASS_WEIGHT
    )


def _build_heads_up(state: State, known: Known, signal: EventAdmitted) -> HeadsUp:
    session = find_sessions(state, known)[0]
    closed = find_break_before(state, known) if known.by_the_hour else None
    return HeadsUp(
        event_id=known.event.event_id,
        known_at=signal.known_at,
        reopens_at=None if closed is None else closed.opens_at,
        detectable=None if closed is None else estimate_detectable(state, closed),
        record=state.rules.find_heads_up_record(session),
    )
