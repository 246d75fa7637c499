"""Brings an opening up to date: its studies of 15 and 60 minutes, or of the re-open.

A study is answered once, when its last bar is known. A later event joins the answer and changes no number; a
repeated bar does not change it either.
"""

from dataclasses import replace
from datetime import datetime

from brentwatch.core import domain
from brentwatch.core.ids import study_within_id
from brentwatch.core.intraday import lead
from brentwatch.core.intraday.clock import BAR, HOUR, session_of, slot_of, time_of
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.minutes import INTRADAY_MODEL, WINDOWS, Minutes
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.window_study import Result, WindowFound, study
from brentwatch.core.monitor.intraday import held_bars
from brentwatch.core.monitor.intraday.reopens import build_reopen_studies
from brentwatch.core.monitor.listing import list_events
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.state import Opening, State
from brentwatch.core.monitor.studies import collect_news


def build_studies(state: State, opening: Opening) -> list[domain.Study]:
    """The newest study of each window, with the events that `opening` lists."""
    if opening.in_break:
        asked: list[domain.Study] = [*build_reopen_studies(state, opening)]
    else:
        asked = [_build_study(state, opening, window) for window in WINDOWS]
    record = opening.record
    told = (replace(study, known_at=record.known_at, rules=domain.RULES) for study in asked)
    return [list_events(study, record.listed) for study in told]


def _build_study(state: State, opening: Opening, window: Minutes) -> domain.WindowStudy:
    record = opening.record
    instrument = state.rules.instrument.name
    key = study_within_id(instrument, record.session, str(window), INTRADAY_MODEL, opening.begins_at)
    study = record.studies.get(key)
    if not isinstance(study, domain.WindowStudy) or isinstance(study.result, domain.NotYet):
        study = _update_study(state, opening, window, key)
    return replace(study, within=replace(study.within, test=opening.test))


def _update_study(state: State, opening: Opening, window: Minutes, key: str) -> domain.WindowStudy:
    """Pending until the last bar of the window is known."""
    session = session_of(opening.begins_at)
    kept = held_bars.find_session_bars(state, state.intraday.sessions, session)
    study = _build_pending(state, opening, window, key)
    if kept is None:
        return replace(study, result=held_bars.refuse_holiday(session))
    if kept.through < opening.begins_at + window.bars * BAR <= kept.hours.closes_at:
        return study
    grid = kept.grid
    start = Start(session, slot_of(session, opening.begins_at), opening.begins_at == kept.hours.opens_at)
    return _add_answer(state, opening, study, grid, start, _test_window(state, grid, start, window))


def _test_window(state: State, grid: Grid, start: Start, window: Minutes) -> Result:
    if refused := held_bars.refuse_warm_up(state, start.opens_at):
        return refused
    return study(held_bars.find_reference(state, grid.session), grid, start, window)


def _add_answer(
    state: State, opening: Opening, study: domain.WindowStudy, grid: Grid, start: Start, result: Result
) -> domain.WindowStudy:
    found = result if isinstance(result, WindowFound) else None
    before, calibration = lead.measure_hour_before(grid, start), state.rules.instrument.intraday_calibration
    answered = domain.Answered(
        data_through=time_of(grid.session, grid.known),
        answered_at=opening.record.known_at,
        before_minutes=before.window.minutes if isinstance(before, lead.Before) else None,
        before=before.move if isinstance(before, lead.Before) else None,
        gap=_measure_gap(state, grid) if start.slot - grid.opens < HOUR else None,
        own_calibration=calibration,
    )
    return replace(
        study,
        result=_convert_result(result, opens=opening.test is not None),
        move=None if found is None else _build_move(found),
        flags=(
            *state.rules.flags,
            *(() if found is None else found.flags),
            *domain.list_calibration_flags(calibration),
        ),
        confounders=held_bars.list_confounders(state, grid.session),
        within=replace(study.within, answered=answered),
    )


def _convert_result(found: Result, *, opens: bool) -> domain.MoveResult:
    if not isinstance(found, WindowFound):
        return found
    return held_bars.convert_found(found, opens=opens, quiet=found.quiet)


def _build_move(found: WindowFound) -> domain.Move:
    return domain.Move(
        session=found.session,
        close=found.price_after,
        previous_session=found.session,
        previous_close=found.price_before,
        log_return=found.move,
    )


def _measure_gap(state: State, grid: Grid) -> float | None:
    """The move over the break; None if it is unknown."""
    earlier = held_bars.list_grids_before(state.intraday, grid.session)
    if not earlier:
        return None
    before = earlier[-2].session if len(earlier) > 1 else None
    gap = lead.measure_gap(earlier[-1], grid, roll=state.rules.instrument.series.roll, before=before)
    return gap.move if isinstance(gap, lead.Gap) else None


def _build_pending(state: State, opening: Opening, window: Minutes, key: str) -> domain.WindowStudy:
    instrument, record = state.rules.instrument, opening.record
    ends_at = opening.begins_at + window.bars * BAR
    within = domain.Within(
        minutes=window.minutes,
        begins_at=opening.begins_at,
        ends_at=ends_at,
        news_at=opening.news_at,
        test=opening.test,
        settles_at=record.settles_at,
    )
    return domain.WindowStudy(
        study_id=key,
        revision=1,
        known_at=record.known_at,
        instrument=instrument.name,
        series=(instrument.intraday or instrument.series).name,
        session=record.session,
        model=INTRADAY_MODEL,
        events=(),
        events_total=0,
        exposure=None,
        result=domain.NotYet(settles_at=ends_at),
        move=None,
        flags=state.rules.flags,
        confounders=(),
        within=within,
    )


def refresh(step: Step, opening: Opening, cause: domain.Cause, known_at: datetime) -> Step:
    """Publish what is new in an opening; the state then holds its new version.

    An opening of a closed session is published again only after a retraction.
    """
    state = step.state
    if state.is_closed(opening.record.session) and cause is not domain.Cause.EVENT_WITHDRAWN:
        return step
    listed = fill_list(state, opening.record)
    asked = replace(opening, record=replace(listed, known_at=max(listed.known_at, known_at)))
    told = collect_news(asked.record, build_studies(state, asked))
    state = state.set_intraday(state.intraday.set_opening(replace(asked, record=told.record)))
    return step.add_news(state, told.news, opening.record.session, cause)
