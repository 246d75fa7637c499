"""Brings sessions up to date: after a change their studies are built again, and then their alerts.

A result that says the same as before is not published again, so an unneeded refresh does no harm. A missing
refresh would.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from brentwatch.core.domain import Cause, Effect, Fact, Noted, PublishAlert, PublishStudy, Study
from brentwatch.core.monitor import studies
from brentwatch.core.monitor.past_events import remember_session
from brentwatch.core.monitor.state import SessionRecord, State
from brentwatch.core.monitor.threads import revise_thread


@dataclass(frozen=True, slots=True)
class Step:
    """A state, and the effects so far, in order.

    `touched` are the sessions whose alert may have changed, and why.
    """

    state: State
    effects: tuple[Effect, ...] = ()
    touched: tuple[tuple[date, Cause], ...] = ()

    def add_effects(self, effects: Iterable[Effect]) -> "Step":
        """The same state with more effects."""
        return Step(self.state, (*self.effects, *effects), self.touched)

    def note(self, *facts: Fact) -> "Step":
        """The same state with more facts noted."""
        return self.add_effects(Noted(fact) for fact in facts)

    def move_to(self, state: State) -> "Step":
        """The same effects with another state."""
        return Step(state, self.effects, self.touched)

    def touch(self, session: date, cause: Cause) -> "Step":
        """The same step with one more session whose alert may have changed."""
        return Step(self.state, self.effects, (*self.touched, (session, cause)))

    def add_news(self, state: State, news: Iterable[Study], session: date, cause: Cause) -> "Step":
        """The step with `state` and new studies of a session; its alert may have changed."""
        published = tuple(map(PublishStudy, news))
        touched = (*self.touched, (session, cause)) if published else self.touched
        return Step(state, (*self.effects, *published), touched)

    def follow(self, later: "Step") -> "Step":
        """This step followed by one that began with its state."""
        return Step(later.state, (*self.effects, *later.effects), (*self.touched, *later.touched))


def refresh(step: Step, sessions: Iterable[date], cause: Cause, known_at: datetime) -> Step:
    """Publish what is new in these sessions; a session without a record has nothing to publish.

    A closed session is published again only after a retraction.
    """
    for session in sessions:
        if step.state.is_closed(session) and cause is not Cause.EVENT_WITHDRAWN:
            continue
        if decided := step.state.decided.get(session):
            step = _refresh_decided(step, _set_known_at(decided, known_at), cause)
        elif expected := step.state.expected.get(session):
            step = _refresh_expected(step, _set_known_at(expected, known_at), cause)
    return step


_LOUDEST = (
    Cause.EVENT_WITHDRAWN,
    Cause.PRICE_REVISION,
    Cause.OPENED,
    Cause.TEST,
    Cause.WINDOW,
    Cause.EVENT_JOINED,
    Cause.EVENT_UPDATED,
)


def publish_alerts(step: Step, known_at: datetime) -> Step:
    """Publish the changed alerts of the sessions that a step touched, one revision each."""
    causes: dict[date, Cause] = {}
    for session, cause in step.touched:
        causes[session] = min(cause, causes.get(session, cause), key=_LOUDEST.index)
    for session in sorted(causes):
        state, alerts = revise_thread(step.state, session, causes[session], known_at)
        step = step.move_to(state).add_effects(PublishAlert(each) for each in alerts)
    return step


def refuse(step: Step, record: SessionRecord, reason: str, known_at: datetime) -> Step:
    """Publish that a session for which events were waiting will not be tested.

    Its alert is published immediately, with the waiting events: they then move to another session.
    """
    state = step.state
    if not _is_told(state, record):
        return step
    told = studies.build_untested_studies(state, _set_known_at(record, known_at), reason)
    step = step.add_effects(PublishStudy(study) for study in told.news)
    waited = replace(state.expected.get(record.session, record), studies=told.record.studies)
    state, alerts = revise_thread(state.set_expected(waited), record.session, Cause.TEST, known_at)
    return step.move_to(state).add_effects(PublishAlert(each) for each in alerts)


def _refresh_decided(step: Step, record: SessionRecord, cause: Cause) -> Step:
    made = studies.extend_studies if cause is Cause.WINDOW else studies.build_decided_studies
    told = made(step.state, record)
    if not told.news:
        held = step.state.decided[record.session]
        return step if held.listed else step.move_to(step.state.set_decided(_keep_list(held, told)))
    state = remember_session(step.state.set_decided(told.record), told.record)
    return step.add_news(state, told.news, record.session, cause)


def _refresh_expected(step: Step, record: SessionRecord, cause: Cause) -> Step:
    if not _is_told(step.state, record):
        return step
    told = studies.build_expected_studies(step.state, record)
    if not told.news:
        held = step.state.expected[record.session]
        return step if held.listed else step.move_to(step.state.set_expected(_keep_list(held, told)))
    return step.add_news(step.state.set_expected(told.record), told.news, record.session, cause)


def _keep_list(record: SessionRecord, told: studies.Published) -> SessionRecord:
    """The former record with its list of events: building the list again costs time per event."""
    return replace(record, listed=told.record.listed)


def _is_told(state: State, record: SessionRecord) -> bool:
    """True if an expected session is published: a live event waits for it, not only a retraction."""
    return bool(record.studies) or any(True for _ in state.select_live(record))


def _set_known_at(record: SessionRecord, known_at: datetime) -> SessionRecord:
    return replace(record, known_at=max(record.known_at, known_at))
