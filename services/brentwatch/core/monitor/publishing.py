"""Brings records up to date: whatever changed, the studies and the alert of a session are made anew from it.

What says the same as before is not published again, so that a change may be met with one refresh too many,
but never with one too few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from brentwatch.core.domain.alerts import Cause
from brentwatch.core.domain.effects import Effect, Noted, PublishAlert, PublishStudy
from brentwatch.core.monitor.policy import revised_alert
from brentwatch.core.monitor.studies import decided_studies, expected_studies, grown_studies, untested_studies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from brentwatch.core.domain.effects import Fact
    from brentwatch.core.monitor.state import SessionRecord, State


@dataclass(frozen=True, slots=True)
class Step:
    """A state, and what was asked for on the way to it, in order."""

    state: State
    effects: tuple[Effect, ...] = ()

    def then(self, effects: Iterable[Effect]) -> Step:
        """The same state, asking for more."""
        return Step(self.state, (*self.effects, *effects))

    def noting(self, *facts: Fact) -> Step:
        """The same state, with facts noted."""
        return self.then(Noted(fact) for fact in facts)

    def at(self, state: State) -> Step:
        """What was asked for so far, in another state."""
        return Step(state, self.effects)


def refresh(step: Step, sessions: Iterable[date], cause: Cause, known_at: datetime) -> Step:
    """Publish what is new of these sessions; of a session that has no record there is nothing."""
    for session in sessions:
        if decided := step.state.decided.get(session):
            step = _refresh_decided(step, _as_of(decided, known_at), cause)
        elif expected := step.state.expected.get(session):
            step = _refresh_expected(step, _as_of(expected, known_at))
    return step


def refuse(step: Step, record: SessionRecord, reason: str, known_at: datetime) -> Step:
    """Publish that a session, which events were waiting for, will not be tested."""
    if not _is_told(step.state, record):
        return step
    published = untested_studies(step.state, _as_of(record, known_at), reason)
    return step.then(PublishStudy(study) for study in published.news)


def _refresh_decided(step: Step, record: SessionRecord, cause: Cause) -> Step:
    made = grown_studies if cause is Cause.WINDOW else decided_studies
    published = made(step.state, record)
    alert = revised_alert(published.record, step.state.rules.instrument, cause)
    if not published.news and alert is None:
        return step
    latest = replace(published.record, alert=alert or record.alert)
    effects: list[Effect] = [PublishStudy(study) for study in published.news]
    effects += [PublishAlert(alert)] if alert is not None else []
    return step.at(step.state.with_decided(latest)).then(effects)


def _refresh_expected(step: Step, record: SessionRecord) -> Step:
    if not _is_told(step.state, record):
        return step
    published = expected_studies(step.state, record)
    if not published.news:
        return step
    return step.at(step.state.with_expected(published.record)).then(map(PublishStudy, published.news))


def _is_told(state: State, record: SessionRecord) -> bool:
    """An expected session is spoken of once an event waits for it; a retraction alone is none."""
    return bool(record.studies) or any(True for _ in state.live(record))


def _as_of(record: SessionRecord, known_at: datetime) -> SessionRecord:
    return replace(record, known_at=max(record.known_at, known_at))
