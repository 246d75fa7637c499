"""The alert of a session: one thread from the first news to the final answer.

A thread opens with a heads-up or with the first abnormal test. Every later answer is a revision, even if it
is not abnormal: earlier answers are not withdrawn.
"""

from dataclasses import replace
from datetime import date, datetime

from brentwatch.core import domain
from brentwatch.core.domain import Cause, Stage, list_level_flags
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.answers import AlertBasis, gather_basis, list_session_events
from brentwatch.core.monitor.listing import list_events
from brentwatch.core.monitor.pacing import Thread, pace_revision
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import list_confounders_of


def revise_thread(
    state: State, session: date, cause: Cause, known_at: datetime
) -> tuple[State, tuple[domain.Alert, ...]]:
    """The state with the current alerts of a session, and the alerts that are news."""
    if state.is_closed(session):
        return _revise_closed(state, session, cause, known_at)
    key = alert_id(state.rules.instrument.name, session)
    thread = state.threads.get(key, Thread(session=session))
    before = thread.alert
    may_open = state.rules.instrument.alerts and cause is not Cause.EVENT_WITHDRAWN
    if before is None and not may_open:
        return state, ()
    basis = gather_basis(state, session, before)
    if before is None and thread.heads_up is None and not basis.is_abnormal:
        return state, ()
    made = _build_alert(state, thread, basis, key, cause, known_at)
    alert, pace = pace_revision(thread.pace, before, None if made.is_same_news(before) else made)
    if alert is None and pace == thread.pace:
        return state, ()
    kept = replace(thread, alert=alert or before, pace=pace)
    return state.set_thread(key, kept), () if alert is None else (alert,)


def _revise_closed(
    state: State, session: date, cause: Cause, known_at: datetime
) -> tuple[State, tuple[domain.Alert, ...]]:
    """A session that lower rules decided changes only in its events, and only by a retraction."""
    told: list[domain.Alert] = []
    if cause is not Cause.EVENT_WITHDRAWN:
        return state, ()
    own = alert_id(state.rules.instrument.name, session)
    for key, thread in sorted(state.threads.items()):
        if thread.session == session and thread.alert is not None:
            has_record = key == own and state.find_record(session) is not None
            alert = replace(
                _revise_events(state, thread.alert, has_record=has_record),
                revision=thread.alert.revision + 1,
                cause=cause,
                known_at=max(known_at, thread.alert.known_at),
                rules=domain.RULES,
            )
            if not alert.is_same_news(thread.alert):
                state = state.set_thread(key, replace(thread, alert=alert))
                told.append(alert)
    return state, tuple(told)


def _build_alert(
    state: State, thread: Thread, basis: AlertBasis, key: str, cause: Cause, known_at: datetime
) -> domain.Alert:
    instrument, before = state.rules.instrument, thread.alert
    daily = next((each for each in basis.studies if isinstance(each, domain.SessionStudy)), None)
    alert = domain.Alert(
        alert_id=key,
        revision=1 if before is None else before.revision + 1,
        stage=_find_newest_stage(basis),
        cause=Cause.OPENED if before is None else cause,
        known_at=known_at if before is None else max(known_at, before.known_at),
        instrument=instrument.name,
        title=instrument.title,
        series=instrument.series.name,
        session=basis.session,
        settles_at=basis.settles_at,
        severity=_judge_severity(basis, before),
        tests=tuple(test for test, _ in basis.tests),
        untested=basis.untested,
        upcoming=basis.upcoming,
        heads_up=thread.heads_up,
        windows=basis.windows,
        model=HEADLINE_MODEL,
        model_version=load(HEADLINE_MODEL).edition,
        beside=() if daily is None else daily.beside,
        events=(),
        events_total=0,
        exposure=None,
        flags=_list_flags(state, basis),
        confounders=list_confounders_of(state, basis.session) if daily is None else daily.confounders,
        overlaps=() if daily is None else daily.overlaps,
        calibration=state.rules.find_calibration(HEADLINE_MODEL, basis.session),
        analogues=basis.analogues,
        stories=() if daily is None else daily.stories,
        rules=domain.RULES,
    )
    if basis.is_gone and before is not None:
        return _withdraw_events(state, _copy_events(alert, before))
    return list_events(alert, basis.listed)


def _revise_events(state: State, alert: domain.Alert, *, has_record: bool) -> domain.Alert:
    """The current events of an alert; without a record, or for an alert of lower rules, those it listed."""
    if not has_record:
        return _withdraw_events(state, alert)
    return list_events(alert, list_session_events(state, alert.session, alert))


def _copy_events(alert: domain.Alert, before: domain.Alert) -> domain.Alert:
    return replace(
        alert,
        events=before.events,
        events_total=before.events_total,
        unlisted=before.unlisted,
        singles=before.singles,
        exposure=before.exposure,
        analogues=before.analogues,
    )


def _withdraw_events(state: State, alert: domain.Alert) -> domain.Alert:
    """The alert without the listed events that were retracted; the others do not change."""
    gone = [each for each in alert.events if _is_taken_back(state, each.event_id)]
    left = tuple(each for each in alert.events if each not in gone)
    singles = sum(each.standing is domain.Standing.SINGLE for each in gone)
    known = [
        each.exposure
        for each in left
        if each.exposure is not None and each.standing is not domain.Standing.SINGLE
    ]
    return replace(
        alert,
        events=left,
        events_total=alert.events_total - len(gone),
        singles=alert.singles - singles,
        exposure=max(known, default=None) if gone else alert.exposure,
    )


def _is_taken_back(state: State, event_id: str) -> bool:
    known = state.events.get(event_id)
    return known is not None and not known.live


def _find_newest_stage(basis: AlertBasis) -> Stage:
    if basis.is_final:
        return Stage.FINAL
    told = [test.stage for test, _ in basis.tests] + [each.stage for each in basis.untested]
    return max(told, key=lambda stage: stage.rank, default=Stage.HEADS_UP)


def _judge_severity(basis: AlertBasis, before: domain.Alert | None) -> domain.Severity | None:
    """The highest severity of the abnormal tests, each by the events before it; it never falls."""
    severity = None if before is None else before.severity
    for test, listed in basis.tests:
        if test.is_abnormal:
            events = listed.total - listed.singles
            loud = domain.judge_severity(test.p, test.level, listed.exposure, events)
            severity = domain.choose_louder(loud, severity)
    return severity


def _list_flags(state: State, basis: AlertBasis) -> tuple[str, ...]:
    told = (flag for study in basis.studies for flag in study.flags)
    levels = list_level_flags(state.rules.instrument.price_levels)
    return tuple(dict.fromkeys((*state.rules.flags, *told, *levels)))
