"""Reads studies and alerts of version 1 into the core types of today, from their topics and from old states.

An alert within a session had an id of its own, and keeps it. Fields that version 1 did not have are derived
if possible: the id of the study, and that a window was the last. The time of the settlement before is assumed
to be at the same hour.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

import msgspec
from msgspec import Struct

from brentwatch.core import domain
from brentwatch.core.ids import study_id, study_within_id
from brentwatch.wire import first_version as v1
from brentwatch.wire.documents import WindowDocument, decode_document, translate

_CORE: dict[type, Any] = {
    WindowDocument: domain.Window,
    v1.GivenAlertV1: domain.GivenAlert,
    v1.FoundV1: domain.Found,
    v1.PendingV1: domain.NotYet,
    v1.RefusedV1: domain.Refused,
    v1.EventRefV1: domain.EventRef,
    v1.UnlistedV1: domain.Unlisted,
    v1.MoveV1: domain.Move,
    v1.ConfounderV1: domain.Confounder,
    v1.WindowSizesV1: domain.WindowSizes,
    v1.OwnCalibrationV1: domain.OwnCalibration,
    v1.AnsweredV1: domain.Answered,
    v1.WithinV1: domain.Within,
    v1.BesideV1: domain.Beside,
    v1.ScaleV1: domain.Scale,
    v1.DiagnosticsV1: domain.Diagnostics,
    v1.CalibrationV1: domain.Calibration,
}
"""The core type of each part of a document. A field that the core has dropped is left out."""

_STUDY_REMEDY = "correct the program that publishes studies (schemas/study.v1.schema.json)"
_ALERT_REMEDY = "correct the program that publishes alerts (schemas/alert.v1.schema.json)"


def decode_first_study(data: bytes) -> domain.Study:
    """The study in a message of version 1; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return convert_study(decode_document(data, v1.StudyV1, _STUDY_REMEDY))


def decode_first_alert(data: bytes) -> v1.AlertV1:
    """The alert in a message of version 1, for `convert_alert`.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return decode_document(data, v1.AlertV1, _ALERT_REMEDY)


def read_first_study(values: Mapping[str, Any]) -> domain.Study:
    """The study of decoded values that a state holds.

    Raises:
        ValidationError: if it is none.
    """
    return convert_study(msgspec.convert(values, v1.StudyV1))


def read_first_alert(values: Mapping[str, Any]) -> domain.Alert:
    """The alert of decoded values that a state holds.

    Raises:
        ValidationError: if it is none.
    """
    return convert_alert(msgspec.convert(values, v1.AlertV1))


def convert_study(study: v1.StudyV1) -> domain.Study:
    """The study of a session, or of a window within it."""
    common = _translate_fields(study, domain.StudyBase)
    if study.within is not None:
        return domain.WindowStudy(
            **common,
            within=translate(study.within, _CORE),
            result=_convert_result(study.result, study.within.answered),
        )
    return domain.SessionStudy(**(common | _translate_fields(study, domain.SessionStudy)))


def _convert_result(
    result: v1.FoundV1 | v1.PendingV1 | v1.RefusedV1, answered: v1.AnsweredV1 | None
) -> domain.MoveResult:
    """The estimate of an intraday window, where the standard error was the usual move."""
    match result:
        case v1.FoundV1():
            return domain.MoveFound(
                null=result.null,
                move=result.total,
                low=result.low,
                high=result.high,
                usual=result.standard_error,
                ratio=abs(result.statistic),
                p=result.p,
                mde_05=result.mde_05,
                mde_alert=result.mde_alert,
                given_alert=translate(result.given_alert, _CORE),
                sessions=0 if answered is None else answered.sessions,
                quiet=0 if answered is None else answered.quiet,
            )
        case v1.PendingV1():
            return domain.NotYet(settles_at=translate(result.settles_at, _CORE))
        case v1.RefusedV1():
            return domain.Refused(result.reason)
        case _:
            assert_never(result)


def find_thread(alert: v1.AlertV1) -> str:
    """The id of the thread of its session."""
    return alert.alert_id if alert.within is None else alert.within.session_alert_id


def convert_alert(alert: v1.AlertV1) -> domain.Alert:
    """The alert with the one test that opened it."""
    settles_at = translate(alert.settled_at, _CORE)
    within = alert.within is not None
    complete = () if within else tuple(each for each in _list_windows(alert) if each.complete)
    upcoming = (domain.Upcoming(stage=domain.Stage.SETTLEMENT, at=settles_at),) if within else ()
    return domain.Alert(
        **_translate_fields(alert, domain.Alert)
        | {
            "stage": domain.Stage.WITHIN if within else _find_stage(complete),
            "cause": domain.Cause(alert.cause),
            "settles_at": settles_at,
            "tests": (
                _build_settlement(alert) if alert.within is None else _build_within(alert, alert.within),
            ),
            "upcoming": upcoming,
            "windows": complete,
        }
    )


def _list_windows(alert: v1.AlertV1) -> tuple[domain.Found, ...]:
    found: tuple[domain.Found, ...] = translate((alert.headline, *alert.windows), _CORE)
    return found


def _find_stage(complete: tuple[domain.Found, ...]) -> domain.Stage:
    last = any(each.window.end == domain.LAST_TAU for each in complete)
    return domain.Stage.FINAL if last else domain.Stage.SETTLEMENT


def _build_settlement(alert: v1.AlertV1) -> domain.AlertTest:
    settled_at: datetime = translate(alert.settled_at, _CORE)
    window = domain.Span(
        begins_at=datetime.combine(alert.move.previous_session, settled_at.timetz()), ends_at=settled_at
    )
    key = study_id(alert.instrument, alert.session, domain.HEADLINE, alert.model)
    return _build_test(alert, domain.Stage.SETTLEMENT, key, window)


def _build_within(alert: v1.AlertV1, within: v1.WithinV1) -> domain.AlertTest:
    told: domain.Within = translate(within, _CORE)
    window = domain.Span(
        begins_at=told.begins_at,
        ends_at=told.ends_at,
        minutes=told.minutes,
        number=told.test,
        news_at=told.news_at,
    )
    minutes = f"{told.minutes} minutes"
    key = study_within_id(alert.instrument, alert.session, minutes, alert.model, told.begins_at)
    return _build_test(alert, domain.Stage.WITHIN, key, window, within)


def _build_test(
    alert: v1.AlertV1,
    stage: domain.Stage,
    key: str,
    window: domain.Span,
    within: v1.WithinV1 | None = None,
) -> domain.AlertTest:
    found: domain.Found = translate(alert.headline, _CORE)
    low, high = found.normal_range
    answered = None if within is None else within.answered
    return domain.AlertTest(
        stage=stage,
        study_id=key,
        window=window,
        model=alert.model,
        p=alert.p,
        level=alert.level,
        direction=alert.direction,
        move=translate(alert.move, _CORE),
        estimate=found.car,
        range=domain.Range(found.low, found.high),
        normal=domain.Range(low, high),
        expected=found.expected,
        usual=None if within is None else found.standard_error,
        mde_alert=found.mde_alert,
        given_alert=found.given_alert,
        sessions=0 if answered is None else answered.sessions,
        quiet=0 if answered is None else answered.quiet,
        answered=translate(answered, _CORE),
    )


def _translate_fields(document: Struct, kind: Any) -> dict[str, Any]:
    """The fields that the document and the core type both have."""
    names = set(document.__struct_fields__).intersection(kind.__dataclass_fields__)
    return {name: translate(getattr(document, name), _CORE) for name in names}
