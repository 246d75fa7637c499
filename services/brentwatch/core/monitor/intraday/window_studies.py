"""Brings an opening up to date: its studies of 15 and 60 minutes, and its alert if a test is at the level.

A study is answered once, when its last bar is known. A later event joins what was answered, and changes no
number of it; neither does a bar that comes again.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from brentwatch.core import domain
from brentwatch.core.ids import alert_id, alert_within_id, study_within_id
from brentwatch.core.intraday import lead
from brentwatch.core.intraday.clock import BAR, session_of, slot_of, time_of
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.minutes import INTRADAY_MODEL, LEVEL, WINDOWS, Minutes
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.window_study import Result, WindowFound, study
from brentwatch.core.monitor.intraday import held_bars
from brentwatch.core.monitor.listing import list_events
from brentwatch.core.monitor.policy import build_alert
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.state import Opening, State
from brentwatch.core.monitor.studies import collect_news


def build_studies(state: State, opening: Opening) -> list[domain.Study]:
    """The newest study of each window; its events are those that `opening` lists."""
    return [_build_study(state, opening, window) for window in WINDOWS]


def _build_study(state: State, opening: Opening, window: Minutes) -> domain.Study:
    record = opening.record
    instrument = state.rules.instrument.name
    key = study_within_id(instrument, record.session, str(window), INTRADAY_MODEL, opening.begins_at)
    study = record.studies.get(key)
    if study is None or isinstance(study.result, domain.NotYet):
        study = _update_study(state, opening, window, key)
    return list_events(replace(study, known_at=record.known_at, rules=domain.RULES), record.listed)


def _update_study(state: State, opening: Opening, window: Minutes, key: str) -> domain.Study:
    """Pending until the last bar of the window is known."""
    session = session_of(opening.begins_at)
    bars, calendar = state.intraday, held_bars.load_trading_calendar(state.rules)
    kept = held_bars.find_session_bars(bars.sessions, bars.complete_through, calendar, session)
    study = _build_pending(state, opening, window, key)
    if kept is None:
        return replace(study, result=domain.Refused(f"session {session} is no longer expected: a holiday"))
    if kept.through < opening.begins_at + window.bars * BAR <= kept.hours.closes_at:
        return study
    grid = kept.grid
    start = Start(session, slot_of(session, opening.begins_at), opening.begins_at == kept.hours.opens_at)
    return _add_answer(state, opening, study, grid, start, _test_window(state, grid, start, window))


def _test_window(state: State, grid: Grid, start: Start, window: Minutes) -> Result:
    warm = state.intraday.warm_through
    if warm is not None and start.opens_at < warm:
        return domain.Refused(f"the bars from {start.opens_at.isoformat()} are warm-up: they are not tested")
    return study(held_bars.find_reference(state, grid.session), grid, start, window)


def _add_answer(
    state: State, opening: Opening, study: domain.Study, grid: Grid, start: Start, result: Result
) -> domain.Study:
    found = result if isinstance(result, WindowFound) else None
    before, calibration = lead.measure_hour_before(grid, start), state.rules.instrument.intraday_calibration
    answered = domain.Answered(
        data_through=time_of(grid.session, grid.known),
        answered_at=opening.record.known_at,
        before_minutes=before.window.minutes if isinstance(before, lead.Before) else None,
        before=before.move if isinstance(before, lead.Before) else None,
        gap=_measure_gap(state, grid) if start.after_break else None,
        sessions=0 if found is None else found.sessions,
        quiet=0 if found is None else found.quiet,
        own_calibration=calibration,
    )
    return replace(
        study,
        result=result if not isinstance(result, WindowFound) else _convert_found(result),
        move=None if found is None else _build_move(found),
        flags=(
            *state.rules.flags,
            *(() if found is None else found.flags),
            *domain.list_calibration_flags(calibration),
        ),
        confounders=_list_confounders(state, grid.session),
        within=None if study.within is None else replace(study.within, answered=answered),
    )


def _convert_found(found: WindowFound) -> domain.Found:
    """In the words of every study: the usual move is the standard error, and nothing was expected."""
    return domain.Found(
        window=domain.HEADLINE,
        observed=found.window.bars,
        planned=found.window.bars,
        null=found.null,
        total=found.move,
        expected=0.0,
        car=found.move,
        standard_error=found.usual,
        low=found.low,
        high=found.high,
        statistic=found.move / found.usual,
        degrees_of_freedom=None,
        p=found.p,
        mde_05=found.mde_05,
        mde_alert=found.mde_alert,
    )


def _build_move(found: WindowFound) -> domain.Move:
    return domain.Move(
        session=found.session,
        close=found.price_after,
        previous_session=found.session,
        previous_close=found.price_before,
        log_return=found.move,
    )


def _measure_gap(state: State, grid: Grid) -> float | None:
    """The move over the break; None where it cannot be told."""
    earlier = held_bars.list_grids_before(state.intraday, grid.session)
    if not earlier:
        return None
    before = earlier[-2].session if len(earlier) > 1 else None
    gap = lead.measure_gap(earlier[-1], grid, roll=state.rules.instrument.series.roll, before=before)
    return gap.move if isinstance(gap, lead.Gap) else None


def _list_confounders(state: State, session: date) -> tuple[domain.Confounder, ...]:
    listed = state.rules.confounders.get(session, ())
    earlier, roll = (
        sorted(each for each in state.intraday.sessions if each < session),
        state.rules.instrument.series.roll,
    )
    match earlier[-2:]:
        case [two, before]:
            return (*listed, *domain.list_rule_confounders(roll, session, before, two))
        case [before]:
            return (*listed, *domain.list_rule_confounders(roll, session, before))
        case _:
            return listed


def _build_pending(state: State, opening: Opening, window: Minutes, key: str) -> domain.Study:
    instrument, record = state.rules.instrument, opening.record
    ends_at = opening.begins_at + window.bars * BAR
    within = domain.Within(
        minutes=window.minutes,
        begins_at=opening.begins_at,
        ends_at=ends_at,
        news_at=opening.news_at,
        test=opening.test,
        settles_at=record.settles_at,
        session_alert_id=alert_id(instrument.name, record.session),
    )
    return domain.Study(
        study_id=key,
        revision=1,
        known_at=record.known_at,
        instrument=instrument.name,
        series=(instrument.intraday or instrument.series).name,
        session=record.session,
        window=domain.HEADLINE,
        model=INTRADAY_MODEL,
        events=(),
        events_total=0,
        exposure=None,
        result=domain.NotYet(settles_at=ends_at),
        after=None,
        move=None,
        flags=state.rules.flags,
        confounders=(),
        overlaps=(),
        calibration=None,
        within=within,
    )


def revise_alert(opening: Opening, instrument: domain.Instrument, cause: domain.Cause) -> domain.Alert | None:
    """The alert of an opening as it is to be published now; None where there is no news of it."""
    record, tests = opening.record, _list_tests(opening)
    before = record.alert
    if before is None:
        may_open = instrument.alerts and cause is not domain.Cause.EVENT_WITHDRAWN
        leads = next((each for each in tests if may_open and each.found.p <= LEVEL), None)
    else:
        leads = next((each for each in tests if each.found == before.headline), None)
    if leads is None or opening.test is None:
        return None
    alert = build_alert(
        record,
        instrument,
        leads.study,
        key=alert_within_id(instrument.name, record.session, opening.begins_at),
        cause=cause,
        headline=leads.found,
        move=leads.move,
        level=LEVEL,
        below_level=True,
        windows=tuple(each.found for each in tests if each is not leads),
    )
    return None if alert.is_same_news(before) else alert


class _Test(NamedTuple):
    """A study that has a test, with it and the move that was tested."""

    study: domain.Study
    found: domain.Found
    move: domain.Move


def _list_tests(opening: Opening) -> list[_Test]:
    """The shorter window first."""
    found = [
        _Test(study, study.result, study.move)
        for study in opening.record.studies.values()
        if isinstance(study.result, domain.Found) and study.move is not None
    ]
    return sorted(found, key=lambda each: each.found.planned)


def refresh(step: Step, opening: Opening, cause: domain.Cause, known_at: datetime) -> Step:
    """Publish what is new of an opening, which the state then holds in its new version.

    Of one whose session is closed a retraction alone is news.
    """
    state = step.state
    if state.is_closed(opening.record.session) and cause is not domain.Cause.EVENT_WITHDRAWN:
        return step
    listed = fill_list(state, opening.record)
    asked = replace(opening, record=replace(listed, known_at=max(listed.known_at, known_at)))
    told = collect_news(asked.record, build_studies(state, asked))
    answered = replace(asked, record=told.record)
    alert = revise_alert(answered, state.rules.instrument, cause)
    kept = replace(answered, record=replace(told.record, alert=alert or told.record.alert))
    effects: list[domain.Effect] = [domain.PublishStudy(study) for study in told.news]
    effects += [domain.PublishAlert(alert)] if alert is not None else []
    return step.move_to(replace(state, intraday=state.intraday.set_opening(kept))).add_effects(effects)
