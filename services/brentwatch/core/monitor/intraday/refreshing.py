"""Brings an opening up to date: its studies, and its alert if a test of it is at the level."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from brentwatch.core.domain.alerts import Alert, Cause
from brentwatch.core.domain.fold import Effect, PublishAlert, PublishStudy
from brentwatch.core.domain.instrument import Instrument
from brentwatch.core.domain.study import Found, Move, Study
from brentwatch.core.ids import alert_within_id
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.core.monitor.intraday.window_studies import build_studies
from brentwatch.core.monitor.policy import build_alert
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.state import Opening
from brentwatch.core.monitor.studies import collect_news


def revise_alert(opening: Opening, instrument: Instrument, cause: Cause) -> Alert | None:
    """The alert of an opening as it is to be published now; None where there is no news of it."""
    record, tests = opening.record, _list_tests(opening)
    before = record.alert
    if before is None:
        may_open = instrument.alerts and cause is not Cause.EVENT_WITHDRAWN
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

    study: Study
    found: Found
    move: Move


def _list_tests(opening: Opening) -> list[_Test]:
    """The shorter window first."""
    found = [
        _Test(study, study.result, study.move)
        for study in opening.record.studies.values()
        if isinstance(study.result, Found) and study.move is not None
    ]
    return sorted(found, key=lambda each: each.found.planned)


def refresh(step: Step, opening: Opening, cause: Cause, known_at: datetime) -> Step:
    """Publish what is new of an opening, which the state then holds in its new version.

    Of one whose session is closed a retraction alone is news.
    """
    state = step.state
    if state.is_closed(opening.record.session) and cause is not Cause.EVENT_WITHDRAWN:
        return step
    listed = fill_list(state, opening.record)
    asked = replace(opening, record=replace(listed, known_at=max(listed.known_at, known_at)))
    told = collect_news(asked.record, build_studies(state, asked))
    answered = replace(asked, record=told.record)
    alert = revise_alert(answered, state.rules.instrument, cause)
    kept = replace(answered, record=replace(told.record, alert=alert or told.record.alert))
    effects: list[Effect] = [PublishStudy(study) for study in told.news]
    effects += [PublishAlert(alert)] if alert is not None else []
    return step.move_to(replace(state, intraday=state.intraday.set_opening(kept))).add_effects(effects)
