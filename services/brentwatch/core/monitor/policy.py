"""Alerts: one for a session whose p(s) is at the alert level; what follows revises it, never withdraws it."""

from collections.abc import Iterator

from brentwatch.core.domain.alerts import Alert, Cause, Direction, choose_louder, judge_severity
from brentwatch.core.domain.event_windows import HEADLINE, WINDOWS
from brentwatch.core.domain.fold import RULES
from brentwatch.core.domain.study import Found, Move, Study
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.listing import Listed
from brentwatch.core.monitor.state import Rules, SessionRecord
from brentwatch.core.monitor.studies import find_headline, is_at_alert_level


def revise_alert(record: SessionRecord, rules: Rules, cause: Cause) -> Alert | None:
    """The alert of a decided session as it is to be published now; None where there is no news of it."""
    before, study = record.alert, find_headline(record)
    if before is None:
        may_open = rules.instrument.alerts and cause is not Cause.EVENT_WITHDRAWN
        opens = may_open and is_at_alert_level(study.result, rules.instrument.alert_level)
        return _build_alert(record, study, rules, cause=Cause.OPENED, before=None) if opens else None
    alert = _build_alert(record, study, rules, cause=cause, before=before)
    return None if alert.is_same_news(before) else alert


def _build_alert(
    record: SessionRecord, study: Study, rules: Rules, *, cause: Cause, before: Alert | None
) -> Alert:
    test, move = _find_newest_test(study, before)
    events = record.listed or Listed()
    instrument = rules.instrument
    level = instrument.alert_level
    loud = judge_severity(test.p, level, events.exposure, events.total)
    return Alert(
        alert_id=alert_id(instrument.name, record.session),
        revision=1 if before is None else before.revision + 1,
        cause=cause,
        known_at=record.known_at,
        instrument=instrument.name,
        title=instrument.title,
        series=instrument.series.name,
        session=record.session,
        settled_at=record.settles_at,
        severity=choose_louder(loud, None if before is None else before.severity),
        direction=Direction.UP if test.car >= 0 else Direction.DOWN,
        p=test.p,
        level=level,
        below_level=is_at_alert_level(study.result, level),
        model=study.model,
        headline=test,
        beside=study.beside,
        survives_addis=study.survives_addis,
        windows=tuple(_list_complete(record)),
        move=move,
        events=events.events,
        events_total=events.total,
        unlisted=events.unlisted,
        exposure=events.exposure,
        flags=study.flags,
        confounders=study.confounders,
        overlaps=study.overlaps,
        calibration=study.calibration,
        rules=RULES,
    )


def _find_newest_test(study: Study, before: Alert | None) -> tuple[Found, Move]:
    """The newest test there is: where a revised price leaves none, the one before still stands."""
    match study.result, study.move, before:
        case Found() as found, Move() as move, _:
            return found, move
        case _, move, Alert(headline=found, move=earlier):
            return found, move or earlier
    raise InvalidInput(f"session {study.session} has no test; an alert needs one: open none")


def _list_complete(record: SessionRecord) -> Iterator[Found]:
    """The further windows of the headline model that have settled, each followed by what came after tau 0."""
    by_window = {study.window: study for study in record.studies.values() if study.model == HEADLINE_MODEL}
    for window in WINDOWS:
        if window != HEADLINE and window in by_window:
            found = (by_window[window].result, by_window[window].after)
            yield from (each for each in found if isinstance(each, Found) and each.complete)
