"""The basis of a session's alert: its tests in the form of an alert, and the stages to come.

Daily settlements, windows within the session, re-opens and provisional settlements all take this one form.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeGuard

from brentwatch.core import domain
from brentwatch.core.domain import Stage
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.intraday.clock import time_of
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.core.monitor.listing import Listed
from brentwatch.core.monitor.past_events import get_session_analogues
from brentwatch.core.monitor.references import add_to_list, fill_list
from brentwatch.core.monitor.state import Joined, Opening, SessionRecord, State
from brentwatch.core.monitor.studies import find_headline

_BAR_STUDIES = (domain.WindowStudy, domain.ReopenStudy)

Test = domain.AlertTest | domain.Untested


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBasis:
    """The results that an alert is made of.

    `tests` are the answers, each with the events that decide its severity, and `untested` are the tests that
    could not be made; both in the order of `Stage`. `studies` are all studies of the session, the daily one
    first. `is_gone` is true for a session that has no price and will have none: its events have moved to
    another session.
    """

    session: date
    tests: tuple[tuple[domain.AlertTest, Listed], ...]
    untested: tuple[domain.Untested, ...]
    upcoming: tuple[domain.Upcoming, ...]
    studies: tuple[domain.Study, ...]
    windows: tuple[domain.Found, ...]
    listed: Listed
    settles_at: datetime
    is_gone: bool
    is_final: bool
    analogues: domain.Analogues | None

    @property
    def is_abnormal(self) -> bool:
        """True if a test is abnormal."""
        return any(test.is_abnormal for test, _ in self.tests)


def gather_basis(state: State, session: date, before: domain.Alert | None) -> AlertBasis:
    """The basis of a session's alert now; `before` is its alert so far."""
    record, decided = state.find_record(session), state.decided.get(session)
    settles_at = state.rules.instrument.series.closes_at(session) if record is None else record.settles_at
    listed = list_session_events(state, session, before)
    sources = [*_list_bar_studies(state, session), *((each, listed) for each in _list_daily(state, session))]
    answers = [(told, events) for study, events in sources if (told := tell_test(state, study))]
    known = {study.study_id for study, _ in sources}
    answers += [(told, Listed()) for told in _list_forgotten(before, known, has_record=record is not None)]
    answers.sort(key=_rank_stage)
    windows = () if decided is None else tuple(_list_complete(decided))
    return AlertBasis(
        session=session,
        tests=tuple((each, events) for each, events in answers if isinstance(each, domain.AlertTest)),
        untested=tuple(each for each, _ in answers if isinstance(each, domain.Untested)),
        upcoming=tuple(_list_upcoming(state, session, settles_at, [study for study, _ in sources])),
        studies=tuple(study for study, _ in reversed(sources)),
        windows=windows,
        listed=listed,
        settles_at=settles_at,
        is_gone=record is None and _is_over(state, session, settles_at),
        is_final=any(each.window == domain.WINDOWS[-1] for each in windows),
        analogues=None if record is None else get_session_analogues(record),
    )


def _rank_stage(answer: tuple[Test, Listed]) -> int:
    return answer[0].stage.rank


def _list_forgotten(before: domain.Alert | None, known: set[str], *, has_record: bool) -> Iterator[Test]:
    """Earlier answers whose studies are no longer held: tests of bars, or tests of a missing session."""
    told: tuple[Test, ...] = () if before is None else (*before.tests, *before.untested)
    for each in told:
        if each.study_id not in known and (each.stage.is_of_bars or not has_record):
            yield each


def list_session_events(state: State, session: date, before: domain.Alert | None) -> Listed:
    """The events of a session, including those that were placed in it when their standing rose."""
    record = state.find_record(session)
    listed = (None if record is None else fill_list(state, record).listed) or Listed()
    seen = set[str]()
    for event_id, joined in _list_placed(state, session, before):
        known = state.events.get(event_id)
        is_own = record is not None and event_id in record.joined
        if known is not None and known.live and not is_own and event_id not in seen:
            seen.add(event_id)
            listed = add_to_list(listed, known, joined) or listed
    return listed


def _list_placed(state: State, session: date, before: domain.Alert | None) -> Iterator[tuple[str, Joined]]:
    """The events of tests within the session; for tests that are no longer held, those the alert listed."""
    for opening in _list_openings(state, session):
        yield from opening.record.joined.items()
    series = state.rules.instrument.series
    for ref in () if before is None else before.events:
        known = state.events.get(ref.event_id)
        rose_at = None if known is None else known.rose_at
        if rose_at is not None and series.find_session_after(rose_at) == session:
            yield ref.event_id, Joined(late=ref.late, carried=ref.carried)


def _list_openings(state: State, session: date) -> list[Opening]:
    """The openings with a test that belong to `session`, oldest first."""
    openings = state.intraday.openings
    asked = (time_of(day, slot) for day, tests in state.intraday.tests.items() for slot in tests.slots)
    held = (openings[at] for at in sorted(asked) if at in openings)
    return [each for each in held if each.record.session == session and each.test is not None]


def _list_bar_studies(state: State, session: date) -> Iterator[tuple[domain.Study, Listed]]:
    for opening in _list_openings(state, session):
        listed = fill_list(state, opening.record).listed or Listed()
        for study in sorted(opening.record.studies.values(), key=_get_minutes):
            yield study, listed


def _get_minutes(study: domain.Study) -> int:
    match study:
        case domain.WindowStudy(within=within):
            return within.minutes
        case domain.ReopenStudy(reopen=reopen):
            return reopen.minutes
    return 0


def _list_daily(state: State, session: date) -> Iterator[domain.SessionStudy | domain.ProvisionalStudy]:
    """The test of the settlement, or why there is none; before the settlement, the provisional test."""
    decided, expected = state.decided.get(session), state.expected.get(session)
    if decided is not None:
        yield find_headline(decided)
        return
    refused = (each for each in ({} if expected is None else expected.studies).values() if _is_refused(each))
    if told := next(refused, state.provisional.get(session)):
        yield told


def _is_refused(study: domain.Study) -> TypeGuard[domain.SessionStudy]:
    return isinstance(study, domain.SessionStudy) and isinstance(study.result, domain.Refused)


def tell_test(state: State, study: domain.Study) -> Test | None:
    """A study in the form of an alert; None while it is pending."""
    match study.result:
        case domain.MoveFound() | domain.Found() as found if study.move is not None:
            return _tell_found(state, study, study.move, found)
        case domain.Refused(reason=reason):
            return domain.Untested(
                stage=_find_stage(study),
                study_id=study.study_id,
                window=_measure_span(state, study),
                reason=reason,
                move=study.move,
            )
    return None


def _tell_found(
    state: State, study: domain.Study, move: domain.Move, found: domain.MoveFound | domain.Found
) -> domain.AlertTest:
    estimate = found.move if isinstance(found, domain.MoveFound) else found.car
    test = domain.AlertTest(
        stage=_find_stage(study),
        study_id=study.study_id,
        window=_measure_span(state, study),
        model=study.model,
        p=found.p,
        level=state.rules.instrument.alert_level,
        direction=domain.Direction.UP if estimate >= 0 else domain.Direction.DOWN,
        move=move,
        estimate=estimate,
        range=domain.Range(found.low, found.high),
        normal=domain.Range(*found.normal_range),
        expected=0.0,
        usual=None,
        mde_alert=found.mde_alert,
        given_alert=found.given_alert,
    )
    if isinstance(found, domain.Found):
        return replace(test, expected=found.expected)
    return replace(
        test,
        level=LEVEL,
        usual=found.usual,
        break_kind=study.reopen.kind if isinstance(study, domain.ReopenStudy) else None,
        sessions=found.sessions,
        quiet=found.quiet,
        answered=_get_answered(study),
    )


def _get_answered(study: domain.Study) -> domain.Answered | None:
    match study:
        case domain.WindowStudy(within=within):
            return within.answered
        case domain.ReopenStudy(reopen=reopen):
            return reopen.answered
    return None


def _find_stage(study: domain.Study) -> Stage:
    match study:
        case domain.WindowStudy():
            return Stage.WITHIN
        case domain.ReopenStudy():
            return Stage.REOPEN
        case domain.ProvisionalStudy():
            return Stage.PROVISIONAL
    return Stage.SETTLEMENT


def _measure_span(state: State, study: domain.Study) -> domain.Span:
    match study:
        case domain.WindowStudy(within=within):
            return domain.Span(
                begins_at=within.begins_at,
                ends_at=within.ends_at,
                minutes=within.minutes,
                number=within.test,
                news_at=within.news_at,
            )
        case domain.ReopenStudy(reopen=reopen):
            return domain.Span(
                begins_at=reopen.begins_at or reopen.closes_at,
                ends_at=reopen.ends_at,
                minutes=reopen.minutes,
                number=reopen.test,
                news_at=reopen.news_at,
            )
    series = state.rules.instrument.series
    begins = study.session if study.move is None else study.move.previous_session
    ends = (
        study.bar_ends_at if isinstance(study, domain.ProvisionalStudy) else series.closes_at(study.session)
    )
    return domain.Span(begins_at=series.closes_at(begins), ends_at=ends)


def _list_upcoming(
    state: State, session: date, settles_at: datetime, studies: list[domain.Study]
) -> Iterator[domain.Upcoming]:
    """The stages to come, soonest first, each with the time at which its prices can be seen."""
    instrument, record = state.rules.instrument, state.decided.get(session)
    bars_delay = timedelta(0) if instrument.intraday is None else instrument.intraday.delay
    for study in studies:
        if isinstance(study, _BAR_STUDIES) and isinstance(study.result, domain.NotYet):
            yield domain.Upcoming(stage=_find_stage(study), at=study.result.settles_at + bars_delay)
    if record is not None:
        yield from [_plan_final(state, session)] if _is_final_open(record) else []
    elif not _is_over(state, session, settles_at):
        if state.rules.plans_provisional(session) and session not in state.provisional:
            yield domain.Upcoming(stage=Stage.PROVISIONAL, at=settles_at + bars_delay)
        yield domain.Upcoming(stage=Stage.SETTLEMENT, at=settles_at + instrument.series.delay)
        yield _plan_final(state, session)


def _is_over(state: State, session: date, settles_at: datetime) -> bool:
    """True for a session that has no price and will have none."""
    through = state.complete_through
    return session not in state.decided and through is not None and settles_at <= through


def _is_final_open(record: SessionRecord) -> bool:
    """True while the longest window of a decided session has not settled."""
    return any(
        isinstance(each, domain.SessionStudy)
        and (each.window, each.model) == (domain.WINDOWS[-1], HEADLINE_MODEL)
        and isinstance(each.result, domain.Found)
        and not each.result.complete
        for each in record.studies.values()
    )


def _plan_final(state: State, session: date) -> domain.Upcoming:
    """When the longest window settles; holidays without a settlement do not count."""
    series, calendar, left = state.rules.instrument.series, state.rules.calendar, domain.LAST_TAU
    while left:
        session = series.find_next(session)
        left -= not calendar.is_unpriced(session)
    return domain.Upcoming(stage=Stage.FINAL, at=series.closes_at(session) + series.delay)


def _list_complete(record: SessionRecord) -> Iterator[domain.Found]:
    """The complete windows of the headline model, each followed by its part after tau 0."""
    studies = (each for each in record.studies.values() if isinstance(each, domain.SessionStudy))
    by_window = {study.window: study for study in studies if study.model == HEADLINE_MODEL}
    for window in domain.WINDOWS:
        if window in by_window:
            found = (by_window[window].result, by_window[window].after)
            yield from (each for each in found if isinstance(each, domain.Found) and each.complete)
