"""Alerts: one for a session whose p(s) is at the alert level; what follows revises it, never withdraws it."""

from collections.abc import Iterator

from brentwatch.core import domain
from brentwatch.core.domain import (
    list_level_flags,
)
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.listing import list_events
from brentwatch.core.monitor.state import SessionRecord
from brentwatch.core.monitor.studies import find_headline, is_at_alert_level


def revise_alert(
    record: SessionRecord, instrument: domain.Instrument, cause: domain.Cause
) -> domain.Alert | None:
    """The alert of a decided session as it is to be published now; None where there is no news of it."""
    before, study = record.alert, find_headline(record)
    is_below = is_at_alert_level(study.result, instrument.alert_level)
    may_open = instrument.alerts and cause is not domain.Cause.EVENT_WITHDRAWN
    if before is None and not (may_open and is_below):
        return None
    test, move = _find_newest_test(study, before)
    alert = build_alert(
        record,
        instrument,
        list_events(study, record.listed),
        key=alert_id(instrument.name, record.session),
        cause=cause,
        headline=test,
        move=move,
        level=instrument.alert_level,
        below_level=is_below,
        windows=tuple(_list_complete(record)),
    )
    return None if alert.is_same_news(before) else alert


def build_alert(
    record: SessionRecord,
    instrument: domain.Instrument,
    study: domain.Study,
    *,
    key: str,
    cause: domain.Cause,
    headline: domain.Found,
    move: domain.Move,
    level: float,
    below_level: bool,
    windows: tuple[domain.Found, ...],
) -> domain.Alert:
    """The alert of a session or of an intraday test, as `study` says it: the first one or a revision."""
    before = record.alert
    loud = domain.judge_severity(headline.p, level, study.exposure, study.events_total)
    return domain.Alert(
        alert_id=key,
        revision=1 if before is None else before.revision + 1,
        cause=domain.Cause.OPENED if before is None else cause,
        known_at=record.known_at,
        instrument=instrument.name,
        title=instrument.title,
        series=study.series,
        session=record.session,
        settled_at=record.settles_at,
        severity=domain.choose_louder(loud, None if before is None else before.severity),
        direction=domain.Direction.UP if headline.car >= 0 else domain.Direction.DOWN,
        p=headline.p,
        level=level,
        below_level=below_level,
        model=study.model,
        headline=headline,
        beside=study.beside,
        survives_addis=study.survives_addis,
        windows=windows,
        move=move,
        events=study.events,
        events_total=study.events_total,
        unlisted=study.unlisted,
        exposure=study.exposure,
        flags=(*study.flags, *list_level_flags(instrument.price_levels)),
        confounders=study.confounders,
        overlaps=study.overlaps,
        calibration=study.calibration,
        within=study.within,
        rules=domain.RULES,
    )


def _find_newest_test(study: domain.Study, before: domain.Alert | None) -> tuple[domain.Found, domain.Move]:
    """The newest test there is: where a revised price leaves none, the one before still stands."""
    match study.result, study.move, before:
        case domain.Found() as found, domain.Move() as move, _:
            return found, move
        case _, move, domain.Alert(headline=found, move=earlier):
            return found, move or earlier
    raise InvalidInput(f"session {study.session} has no test; an alert needs one: open none")


def _list_complete(record: SessionRecord) -> Iterator[domain.Found]:
    """The further windows of the headline model that have settled, each followed by what came after tau 0."""
    by_window = {study.window: study for study in record.studies.values() if study.model == HEADLINE_MODEL}
    for window in domain.WINDOWS:
        if window != domain.HEADLINE and window in by_window:
            found = (by_window[window].result, by_window[window].after)
            yield from (each for each in found if isinstance(each, domain.Found) and each.complete)
