"""The sessions of a report: every session of the prices with its test, and those without one, and why.

A session that the replay tested has the result of its study. A history may use the other sessions for
estimation only; those are tested afterwards in the same way, each with the forecast from the prices before
it, so that counts and rankings are over all sessions and not over a selection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TypedDict

from brentwatch.core import domain
from brentwatch.core.domain.study import LISTED_EVENTS
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.impact.impacts import MoveVerdict, WindowImpact, judge_move, measure_impacts
from brentwatch.core.monitor.rules import Rules
from brentwatch.replay.report import contents
from brentwatch.replay.report.gathering import Gathered, Placement


def list_session_events(gathered: Gathered, placement: Placement) -> dict[date, tuple[str, ...]]:
    """The ids of the events of each session, in the order in which they were known."""
    pairs = [
        (placement.sessions[place], event.signal.event.event_id)
        for event in gathered.list_live()
        for place in placement.find_places(event)
    ]
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return {
        day: tuple(name for _, name in group) for day, group in groupby(ordered, key=lambda pair: pair[0])
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParts:
    """The sessions with a test, and those without one in the replay, by session.

    `estimation_only` counts the sessions that neither the replay nor the walk could test.
    """

    tested: Mapping[date, contents.TestedSession]
    untested: Mapping[date, contents.UntestedSession]
    estimation_only: int

    def find(self, session: date) -> contents.TestedSession | contents.UntestedSession | None:
        """What is known of a session."""
        return self.tested.get(session) or self.untested.get(session)


def test_sessions(
    gathered: Gathered, placement: Placement, rules: Rules, shown: frozenset[date]
) -> SessionParts:
    """The sessions that the replay decided or waits for, and the others of `shown`."""
    events = list_session_events(gathered, placement)
    tested, untested = dict[date, contents.TestedSession](), dict[date, contents.UntestedSession]()
    for session, study in gathered.tally.headlines.items():
        ids = events.get(session, tuple(each.event_id for each in study.events))
        match study.result:
            case domain.Found() as found if study.move is not None:
                tested[session] = _build_from_study(study, found, study.move, ids, gathered.instrument)
            case domain.Found():
                pass
            case domain.Refused() | domain.NotYet() as result:
                untested[session] = _build_untested(study, result, ids)
    for missing in _list_missing(gathered):
        ids = untested[missing.session].events if missing.session in untested else ()
        untested[missing.session] = replace(missing, events=ids)
    others = shown - tested.keys() - untested.keys()
    for session, impact in _walk(placement, rules, others):
        tested[session] = _build_from_walk(session, impact, placement, events.get(session, ()))
    return SessionParts(
        tested=dict(sorted(tested.items())),
        untested=dict(sorted(untested.items())),
        estimation_only=len(others - tested.keys()),
    )


def _list_missing(gathered: Gathered) -> Iterator[contents.UntestedSession]:
    for fact in gathered.decided:
        if fact.outcome is domain.SessionOutcome.MISSING:
            yield contents.UntestedSession(
                session=fact.session, outcome=str(fact.outcome), reason=fact.detail, move=None, events=()
            )


def _walk(placement: Placement, rules: Rules, sessions: frozenset[date]) -> Iterator[tuple[date, _Walked]]:
    """The test of each of `sessions` that can be tested."""
    asked = {str(session): placement.places[session] for session in sorted(sessions)}
    instants = {name: placement.find_instant(place) for name, place in asked.items()}
    if not instants:
        return
    impacts = measure_impacts(instants, placement.bars, rules, HEADLINE_MODEL, (domain.HEADLINE,))
    for impact in impacts.found:
        window = impact.windows[0]
        if isinstance(window.result, domain.Found):
            yield impact.session, _Walked(window.result, window, impacts.level)


@dataclass(frozen=True, slots=True)
class _Walked:
    found: domain.Found
    window: WindowImpact
    level: float


def _build_from_study(
    study: domain.SessionStudy,
    found: domain.Found,
    move: domain.Move,
    events: tuple[str, ...],
    instrument: domain.Instrument,
) -> contents.TestedSession:
    return contents.TestedSession(
        session=study.session,
        previous_session=move.previous_session,
        close=move.close,
        previous_close=move.previous_close,
        **_unpack(found, instrument.alert_level),
        origin=contents.SessionOrigin.REPLAY,
        events=events[:LISTED_EVENTS],
        events_total=max(len(events), study.events_total),
        flags=study.flags,
        confounders=study.confounders,
    )


def _build_from_walk(
    session: date, walked: _Walked, placement: Placement, events: tuple[str, ...]
) -> contents.TestedSession:
    place = placement.places[session]
    before, bar = placement.bars[place - 1], placement.bars[place]
    return contents.TestedSession(
        session=session,
        previous_session=before.session,
        close=bar.close,
        previous_close=before.close,
        **_unpack(walked.found, walked.level),
        origin=contents.SessionOrigin.WALK,
        events=events[:LISTED_EVENTS],
        events_total=len(events),
        flags=walked.window.flags,
        confounders=walked.window.confounders,
    )


class _Test(TypedDict):
    move: float
    expected: float
    low: float
    high: float
    z: float
    p: float
    detectable: float
    verdict: MoveVerdict


def _unpack(found: domain.Found, level: float) -> _Test:
    low, high = found.normal_range
    return _Test(
        move=found.total,
        expected=found.expected,
        low=low,
        high=high,
        z=found.statistic,
        p=found.p,
        detectable=found.mde_alert,
        verdict=judge_move(found, level),
    )


def _build_untested(
    study: domain.SessionStudy, result: domain.Refused | domain.NotYet, events: tuple[str, ...]
) -> contents.UntestedSession:
    reason = (
        result.reason
        if isinstance(result, domain.Refused)
        else f"it settles at {result.settles_at:%Y-%m-%d %H:%M} UTC, after the last price"
    )
    return contents.UntestedSession(
        session=study.session,
        outcome=result.status,
        reason=reason,
        move=None if study.move is None else study.move.log_return,
        events=events[:LISTED_EVENTS],
    )
