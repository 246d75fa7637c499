"""Brings records up to date: whatever changed, the studies and the alert of a session are made anew from it.

What says the same as before is not published again, so that a change may be met with one refresh too many,
but never with one too few.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from brentwatch.core.domain import Cause, Effect, Fact, Noted, PublishAlert, PublishStudy
from brentwatch.core.monitor import studies
from brentwatch.core.monitor.policy import revise_alert
from brentwatch.core.monitor.state import SessionRecord, State


@dataclass(frozen=True, slots=True)
class Step:
    """A state, and what was asked for on the way to it, in order."""

    state: State
    effects: tuple[Effect, ...] = ()

    def add_effects(self, effects: Iterable[Effect]) -> "Step":
        """The same state, asking for more."""
        return Step(self.state, (*self.effects, *effects))

    def note(self, *facts: Fact) -> "Step":
        """The same state, with facts noted."""
        return self.add_effects(Noted(fact) for fact in facts)

    def move_to(self, state: State) -> "Step":
        """What was asked for so far, in another state."""
        return Step(state, self.effects)


def refresh(step: Step, sessions: Iterable[date], cause: Cause, known_at: datetime) -> Step:
    """Publish what is new of these sessions; of a session that has no record there is nothing.

    Of one that is closed a retraction alone is news.
    """
    for session in sessions:
        if step.state.is_closed(session) and cause is not Cause.EVENT_WITHDRAWN:
            continue
        if decided := step.state.decided.get(session):
            step = _refresh_decided(step, _set_known_at(decided, known_at), cause)
        elif expected := step.state.expected.get(session):
            step = _refresh_expected(step, _set_known_at(expected, known_at))
    return step


def refuse(step: Step, record: SessionRecord, reason: str, known_at: datetime) -> Step:
    """Publish that a session, which events were waiting for, will not be tested."""
    if not _is_told(step.state, record):
        return step
    published = studies.build_untested_studies(step.state, _set_known_at(record, known_at), reason)
    return step.add_effects(PublishStudy(study) for study in published.news)


def _refresh_decided(step: Step, record: SessionRecord, cause: Cause) -> Step:
    made = studies.extend_studies if cause is Cause.WINDOW else studies.build_decided_studies
    published = made(step.state, record)
    alert = revise_alert(published.record, step.state.rules.instrument, cause)
    if not published.news and alert is None:
        return step
    latest = replace(published.record, alert=alert or record.alert)
    effects: list[Effect] = [PublishStudy(study) for study in published.news]
    effects += [PublishAlert(alert)] if alert is not None else []
    return step.move_to(step.state.set_decided(latest)).add_effects(effects)


def _refresh_expected(step: Step, record: SessionRecord) -> Step:
    if not _is_told(step.state, record):
        return step
    published = studies.build_expected_studies(step.state, record)
    if not published.news:
        return step
    return step.move_to(step.state.set_expected(published.record)).add_effects(
        map(PublishStudy, published.news)
    )


def _is_told(state: State, record: SessionRecord) -> bool:
    """An expected session is spoken of once an event waits for it; a retraction alone is none."""
    return bool(record.studies) or any(True for _ in state.select_live(record))


def _set_known_at(record: SessionRecord, known_at: datetime) -> SessionRecord:
    return replace(record, known_at=max(record.known_at, known_at))
