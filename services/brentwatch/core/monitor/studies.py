"""The current studies of one session; those that say something new are published.

The headline [0, 0] study is published for every session. The others are published if the session has events
or is abnormal, and are revised from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from brentwatch.core import domain
from brentwatch.core.domain.returns import log_return
from brentwatch.core.forecasts.abnormal_returns import measure_abnormal_return
from brentwatch.core.forecasts.diagnostics import diagnose
from brentwatch.core.forecasts.forecast import Path, Residuals
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.ids import study_id
from brentwatch.core.monitor.forecasting import SPLICED
from brentwatch.core.monitor.listing import Listed, list_events
from brentwatch.core.monitor.past_events import add_analogues
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.state import SessionRecord, State
from brentwatch.core.sessions.calendar_check import list_missing_sessions
from brentwatch.core.sessions.roll import find_splice


@dataclass(frozen=True, slots=True)
class Published:
    """The record with its newest studies, and the studies that are news."""

    record: SessionRecord
    news: tuple[domain.Study, ...]


def build_expected_studies(state: State, record: SessionRecord) -> Published:
    """The headline of a session that has not settled: pending, or the provisional one."""
    provisional = state.provisional.get(record.session)
    if provisional is None:
        return _build_without_prices(state, record, domain.NotYet(settles_at=record.settles_at))
    record = fill_list(state, record)
    if provisional.study_id not in record.studies:  # published before an event waited for the session
        record = replace(record, studies=record.studies.set(provisional.study_id, provisional))
    told = list_events(replace(provisional, known_at=record.known_at), record.listed)
    return collect_news(record, [add_analogues(state, record, told)])


def build_untested_studies(state: State, record: SessionRecord, reason: str) -> Published:
    """The headline of a session that will never be tested, with the reason in one sentence.

    A provisional answer stays: there will be no better one.
    """
    provisional = state.provisional.get(record.session)
    if provisional is not None and isinstance(provisional.result, domain.Found):
        return build_expected_studies(state, record)
    return _build_without_prices(state, record, domain.Refused(reason))


def build_decided_studies(state: State, record: SessionRecord) -> Published:
    """Every study of a settled session, as far as its windows have settled.

    A session without events that is not abnormal has only its headline study.
    """
    record = fill_list(state, record)
    bars = _select_bars(state, record.session)
    session_test = add_analogues(
        state, record, _build_study(state, record, bars, domain.HEADLINE, HEADLINE_MODEL)
    )
    wanted = bool(session_test.events) or is_at_alert_level(
        session_test.result, state.rules.instrument.alert_level
    )
    others = _list_other_studies(state, record, domain.WINDOWS) if wanted or len(record.studies) > 1 else []
    told = [study for study in others if wanted or study.study_id in record.studies]
    return collect_news(record, [session_test, *told])


def extend_studies(state: State, record: SessionRecord) -> Published:
    """The studies that the newest session has extended; the others do not change."""
    record = fill_list(state, record)
    tau = len(state.prices.sessions) - 1 - state.find_index(record.session)
    longer = _list_other_studies(state, record, [window for window in domain.WINDOWS if window.end >= tau])
    return collect_news(record, [study for study in longer if study.study_id in record.studies])


def _list_other_studies(
    state: State, record: SessionRecord, windows: Sequence[domain.Window]
) -> list[domain.SessionStudy]:
    """All studies of these windows except the session test."""
    bars = _select_bars(state, record.session)
    asked = ((window, model.name) for model in state.rules.models for window in windows)
    return [
        _build_study(state, record, bars, *each)
        for each in asked
        if each != (domain.HEADLINE, HEADLINE_MODEL)
    ]


def _ask_other_models(
    state: State, record: SessionRecord, bars: Sequence[domain.Bar], window: domain.Window
) -> tuple[domain.Beside, ...]:
    """The p of the other models for the same window."""
    names = (model.name for model in state.rules.models if model.name != HEADLINE_MODEL)
    return tuple(
        domain.Beside(name, _get_p(_test_by_model(state, record, bars, window, name))) for name in names
    )


def _get_p(result: domain.Result) -> float | None:
    return result.p if isinstance(result, domain.Found) else None


def is_at_alert_level(result: domain.Result, level: float) -> bool:
    """True if a test was possible and its p is at or below `level`."""
    return isinstance(result, domain.Found) and result.p <= level


def find_headline(record: SessionRecord) -> domain.SessionStudy:
    """The session test of a decided session: the [0, 0] study of the headline model."""
    return next(
        study
        for study in record.studies.values()
        if isinstance(study, domain.SessionStudy)
        and (study.window, study.model) == (domain.HEADLINE, HEADLINE_MODEL)
    )


def collect_news(record: SessionRecord, studies: Sequence[domain.Study]) -> Published:
    """The record with these studies; a study that is news gets the next revision."""
    news: list[domain.Study] = []
    for study in studies:
        before = record.studies.get(study.study_id)
        if not domain.is_same_news(study, before):
            news.append(replace(study, revision=1 if before is None else before.revision + 1))
    latest = record.studies.update({study.study_id: study for study in news})
    return Published(replace(record, studies=latest), tuple(news))


def _build_without_prices(
    state: State, record: SessionRecord, result: domain.NotYet | domain.Refused
) -> Published:
    record = fill_list(state, record)
    study = _assemble_study(state, record, domain.HEADLINE, HEADLINE_MODEL, result)
    return collect_news(record, [add_analogues(state, record, study)])


def _build_study(
    state: State, record: SessionRecord, bars: Sequence[domain.Bar], window: domain.Window, model: str
) -> domain.SessionStudy:
    """The study of a window; `bars` begin with the one before the session, and fewer than two are refused."""
    within = bars[: window.sessions + 1]
    path, leads = record.paths[model], model == HEADLINE_MODEL
    study = _assemble_study(state, record, window, model, _test_by_model(state, record, bars, window, model))
    return replace(
        study,
        beside=_ask_other_models(state, record, bars, window) if leads else (),
        scale=path.scale if isinstance(path, Path) else None,
        diagnostics=find_diagnostics(state, path),
        after=_test_after(state, window, within[1:], record.after.get(model)),
        move=_build_move(bars[0], bars[1]) if len(bars) > 1 else None,
        flags=_list_flags(state, record, path, model, within),
        confounders=_list_confounders(state, within),
        overlaps=_find_overlaps(state, record, window),
        stories=record.stories if leads and window == domain.HEADLINE else (),
    )


def _test_by_model(
    state: State, record: SessionRecord, bars: Sequence[domain.Bar], window: domain.Window, model: str
) -> domain.Found | domain.Refused:
    if len(bars) < 2:
        return domain.Refused("no price before this session is known: give more price history")
    opens = (window, model) == (domain.HEADLINE, HEADLINE_MODEL)
    return measure_window(state, window, bars[: window.sessions + 1], record.paths[model], opens_alerts=opens)


def measure_window(
    state: State,
    window: domain.Window,
    bars: Sequence[domain.Bar],
    path: Path | domain.Refused,
    *,
    opens_alerts: bool = False,
) -> domain.Found | domain.Refused:
    """The test of a window; `path` was made at the first of `bars`, and the window begins with the second."""
    if told := _explain_later_splice(state, bars):
        return domain.Refused(told)
    closes, level = [bar.close for bar in bars], state.rules.instrument.alert_level
    missing = _list_missing(state, bars[1:])
    return measure_abnormal_return(window, closes, path, level, missing, opens_alerts=opens_alerts)


def _explain_later_splice(state: State, bars: Sequence[domain.Bar]) -> str:
    """Why these sessions cannot be tested: a return after the first may be a splice. Empty if none is.

    The path already accounts for the first return.
    """
    for earlier, before, bar in zip(bars, bars[1:], bars[2:], strict=False):
        if end := find_splice(
            state.rules.instrument.series.roll, earlier.session, before.session, bar.session
        ):
            return f"the window contains the return of {bar.session}: {SPLICED.format(end)}"
    return ""


def _list_missing(state: State, bars: Sequence[domain.Bar]) -> list[date]:
    """The sessions between these bars that should have had a price."""
    calendar = state.rules.calendar
    return [
        session
        for before, bar in pairwise(bars)
        for session in list_missing_sessions(calendar, before.session, bar.session)
    ]


def _assemble_study(
    state: State, record: SessionRecord, window: domain.Window, model: str, result: domain.Result
) -> domain.SessionStudy:
    instrument, events = state.rules.instrument, record.listed or Listed()
    return domain.SessionStudy(
        study_id=study_id(instrument.name, record.session, window, model),
        revision=1,
        known_at=record.known_at,
        instrument=instrument.name,
        series=instrument.series.name,
        session=record.session,
        window=window,
        model=model,
        events=events.events,
        events_total=events.total,
        unlisted=events.unlisted,
        singles=events.singles,
        exposure=events.exposure,
        result=result,
        after=None,
        move=None,
        flags=state.rules.flags,
        confounders=(),
        overlaps=(),
        calibration=state.rules.find_calibration(model, record.session),
        rules=domain.RULES,
        model_version=load(model).edition,
    )


def _select_bars(state: State, session: date) -> Sequence[domain.Bar]:
    """The bar before the session, its own, and those of the longest window as far as they have settled."""
    at = state.find_index(session)
    return state.prices.bars[max(at - 1, 0) : at + domain.LAST_TAU + 1] if at > 0 else ()


def _test_after(
    state: State, window: domain.Window, bars: Sequence[domain.Bar], path: Path | domain.Refused | None
) -> domain.Found | None:
    """CAR[1, k], from the forecast made at tau 0; None while nothing of it has settled, or it is refused."""
    if window == domain.HEADLINE or path is None or len(bars) < 2:
        return None
    found = measure_window(state, window.after, bars, path)
    return found if isinstance(found, domain.Found) else None


def _build_move(before: domain.Bar, bar: domain.Bar) -> domain.Move:
    return domain.Move(
        session=bar.session,
        close=bar.close,
        previous_session=before.session,
        previous_close=before.close,
        log_return=log_return(before.close, bar.close),
        quality=bar.quality,
    )


def find_diagnostics(state: State, path: Path | domain.Refused) -> domain.Diagnostics | None:
    """Diagnostics of the residuals behind a path; None if there are none."""
    match path:
        case Path(estimation=Residuals(values=values)):
            return state.worked_out.diagnostics.find(values, lambda: diagnose(values))
        case Path(estimation=domain.Diagnostics() as known):
            return known
        case _:
            return None


def _list_flags(
    state: State, record: SessionRecord, path: Path | domain.Refused, model: str, bars: Sequence[domain.Bar]
) -> tuple[str, ...]:
    uncalibrated = state.rules.find_calibration(model, record.session) is None
    revised = any(bar.session in record.revised for bar in bars)
    spans = bool(_list_missing(state, bars))
    return (
        *state.rules.flags,
        *(path.flags if isinstance(path, Path) else ()),
        *([domain.SPANS_MISSING_SESSIONS] if spans else []),
        *([domain.UNCALIBRATED] if uncalibrated else []),
        *([domain.PRICE_REVISION] if revised else []),
    )


def _list_confounders(state: State, bars: Sequence[domain.Bar]) -> tuple[domain.Confounder, ...]:
    """The confounders of all sessions but the first: those that are listed, then those of the calendar."""
    listed, roll = state.rules.confounders, state.rules.instrument.series.roll
    earlier = _find_session_before(state, bars[0].session) if bars else None
    sessions = (earlier, *(bar.session for bar in bars))
    return tuple(
        each
        for two, before, session in zip(sessions, sessions[1:], sessions[2:], strict=False)
        if before is not None and session is not None
        for each in (*listed.get(session, ()), *domain.list_rule_confounders(roll, session, before, two))
    )


def list_confounders_of(state: State, session: date) -> tuple[domain.Confounder, ...]:
    """The confounders of a session that has not settled: those listed, then those of the calendar."""
    listed = state.rules.confounders.get(session, ())
    match [each for each in state.prices.sessions[-3:] if each < session][-2:]:
        case [*two, before]:
            roll = state.rules.instrument.series.roll
            return (*listed, *domain.list_rule_confounders(roll, session, before, *two))
    return listed


def _find_session_before(state: State, session: date) -> date | None:
    """The priced session before another; None if there is none."""
    at = state.find_index(session)
    return state.prices.sessions[at - 1] if at > 0 else None


def _find_overlaps(state: State, record: SessionRecord, window: domain.Window) -> tuple[date, ...]:
    """The sessions of other events whose longest window overlaps this one."""
    at = state.find_index(record.session)
    near = state.prices.sessions[max(at - domain.LAST_TAU, 0) : at + window.end + 1]
    own = set(record.joined)
    return tuple(session for session in near if _has_others(state, session, own))


def _has_others(state: State, session: date, own: set[str]) -> bool:
    record = state.decided.get(session)
    return record is not None and any(
        known.event.event_id not in own for known, _ in state.select_live(record)
    )
