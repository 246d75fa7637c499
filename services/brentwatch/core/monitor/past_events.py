"""The past events of the timeline, and the analogues of the event that leads a session.

The leading event of a session is the first of its list that is more than a single report. A session that has
settled is a past event: its leading event, unless that event belongs to the session before, and the moves
of the complete windows. The newest `KEPT_PAST` are kept.

The analogues of a session are found when its study first lists its leading event, and stay as they are while
that event leads, has the same class and the same country. So no study is published because a past event was
added, and the study of a settled session shows what a reader knew at the news.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from brentwatch.core import domain
from brentwatch.core.analogues.selection import KnownPrices, find_analogues
from brentwatch.core.domain import Analogues, AnalogueSources, EventRef, PastEvent, PastMove
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.state import Known, SessionRecord, State

_A_MOMENT = timedelta(microseconds=1)

KEPT_PAST = 500
"""At most this many sessions with an event are kept as past events, the newest."""

T = TypeVar("T", domain.SessionStudy, domain.ProvisionalStudy)


def add_analogues(state: State, record: SessionRecord, study: T) -> T:
    """The session test of `record` with the analogues of its leading event; without such an event, none."""
    lead = _find_lead(study.events)
    known = None if lead is None else state.events.get(lead.event_id)
    if lead is None or known is None or state.rules.instrument.analogues is AnalogueSources.OFF:
        return study if study.analogues is None else replace(study, analogues=None)
    before = _get_analogues(record.studies.get(study.study_id))
    is_same = before is not None and _is_of_event(before, lead)
    return replace(study, analogues=before if is_same else _find_analogues(state, record, known))


def get_session_analogues(record: SessionRecord) -> Analogues | None:
    """The analogues of a session as its newest session test has them; None without any."""
    found = (_get_analogues(each) for each in record.studies.values())
    return next((each for each in found if each is not None), None)


def _find_lead(events: Iterable[EventRef], *, carried: bool = True) -> EventRef | None:
    told = (each for each in events if each.standing is not domain.Standing.SINGLE)
    return next((each for each in told if carried or not each.carried), None)


def _is_of_event(analogues: Analogues, lead: EventRef) -> bool:
    asked = (analogues.event_id, analogues.event_class, analogues.country)
    return asked == (lead.event_id, lead.event_class, lead.country)


def _get_analogues(study: domain.Study | None) -> Analogues | None:
    match study:
        case domain.SessionStudy(analogues=found) | domain.ProvisionalStudy(analogues=found):
            return found
    return None


def _find_analogues(state: State, record: SessionRecord, known: Known) -> Analogues:
    """The analogues as known then; for a session that had settled already, as known just before."""
    now = make_past_event(known, record.session, ())
    at = state.find_index(record.session)
    settled = state.prices.sessions[:at]
    return find_analogues(
        now,
        min(record.known_at, record.settles_at - _A_MOMENT),
        state.past.values(),
        state.rules.past_events,
        KnownPrices(sessions=settled, closes=state.prices.closes[:at], left_out=state.left_out),
    )


def make_past_event(
    known: Known | domain.EventAdmitted, session: date, moves: tuple[PastMove, ...]
) -> PastEvent:
    """An event of a session, in the form that others are compared with."""
    return PastEvent(
        event_id=known.event.event_id,
        known_at=known.known_at,
        country=known.event.country,
        event_class=known.event.event_class,
        exposure=None if known.exposure is None else known.exposure.weight,
        relevance=known.relevance,
        fatalities=known.event.fatalities,
        session=session,
        moves=moves,
    )


def remember_session(state: State, record: SessionRecord) -> State:
    """The state with a decided session among the past events, in its newest form."""
    event = _build_past_event(state, record)
    if event is None:
        has_one = record.session in state.past
        return replace(state, past=state.past.delete(record.session)) if has_one else state
    if state.past.get(record.session) == event:
        return state
    past = state.past.set(record.session, event)
    return replace(state, past=past.delete(min(past)) if len(past) > KEPT_PAST else past)


def _build_past_event(state: State, record: SessionRecord) -> PastEvent | None:
    """The leading event and its moves; None without a confirmed event, or without a move of the session."""
    results = _map_windows(record)
    headline = results.get(domain.HEADLINE)
    lead = None if headline is None else _find_lead(headline.events, carried=False)
    known = None if lead is None else state.events.get(lead.event_id)
    if known is None:
        return None
    moves = tuple(_list_moves(state, record.session, results))
    return make_past_event(known, record.session, moves) if moves and moves[0].sessions == 0 else None


def _map_windows(record: SessionRecord) -> Mapping[domain.Window, domain.SessionStudy]:
    """The studies of the headline model by window."""
    studies = (each for each in record.studies.values() if isinstance(each, domain.SessionStudy))
    return {study.window: study for study in studies if study.model == HEADLINE_MODEL}


def _list_moves(
    state: State, session: date, studies: Mapping[domain.Window, domain.SessionStudy]
) -> Iterator[PastMove]:
    """The whole moves of the complete windows, shortest first."""
    at = state.find_index(session)
    for window in domain.WINDOWS:
        study = studies.get(window)
        if study is not None and isinstance(study.result, domain.Found) and study.result.complete:
            last = state.prices.bars[at + window.end]
            yield PastMove(window.end, study.result.total, last.closes_at)
