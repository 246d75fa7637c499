"""How often an alert is revised because events joined it or changed.

Theory. News reports repeat a story all day, and readers ignore an alert that is revised forty times. A
revision that changes the picture is sent immediately; any other waits for the next revision.

Rules. (1) A revision that joins or updates events is sent at most once in `SHORTEST`, and at most
`MOST_A_SESSION` times until the next settlement. A heads-up is not revised in this way before a test is
abnormal. (2) Such a revision is sent immediately, and counts, if the first line of the events changes, a
listed event rises in standing, the severity rises, a stated event joins an alert that is more than a
heads-up, or a late test has its answer. (3) Withdrawals, price revisions, tests and windows are never
delayed. (4) A delayed revision is sent with the next one, at the latest with the next settlement. (5)
Heads-ups have a budget: at most two at a time, and one more every seven days. Time is the `known_at` of the
signals, never a clock.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from brentwatch.core.domain import Alert, Cause, HeadsUp, Standing

SHORTEST = timedelta(minutes=30)
MOST_A_SESSION = 6

_PACED = frozenset({Cause.EVENT_JOINED, Cause.EVENT_UPDATED})


@dataclass(frozen=True, slots=True)
class RevisionPace:
    """How many revisions events have brought since the last settlement, the newest of them `sent_at`.

    `holds` is true while a revision is delayed.
    """

    count: int = 0
    sent_at: datetime | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The alert of one session in its newest form, None before it opens; `heads_up` if news opened it."""

    session: date
    alert: Alert | None = None
    heads_up: HeadsUp | None = None
    pace: RevisionPace = RevisionPace()


MOST_HEADS_UPS = 2
REFILL = timedelta(days=7)
"""The time after which the budget allows one more heads-up."""

_ROUNDING = 1e-9
"""The rounding error that is allowed when parts of a token are added up."""


@dataclass(frozen=True, slots=True)
class HeadsUpBudget:
    """How many heads-ups may be sent, at the `known_at` of the newest one."""

    tokens: float = float(MOST_HEADS_UPS)
    at: datetime | None = None

    def spend(self, at: datetime) -> "HeadsUpBudget | None":
        """The budget after a heads-up at `at`; None if the budget does not allow one."""
        passed = timedelta(0) if self.at is None else max(at - self.at, timedelta(0))
        tokens = min(self.tokens + passed / REFILL, float(MOST_HEADS_UPS))
        newest = at if self.at is None else max(at, self.at)
        return HeadsUpBudget(max(tokens - 1.0, 0.0), newest) if tokens >= 1.0 - _ROUNDING else None


def pace_revision(
    pace: RevisionPace, before: Alert | None, alert: Alert | None
) -> tuple[Alert | None, RevisionPace]:
    """The revision to send now, None if it waits, and the pace from then on."""
    if alert is None or before is None or alert.cause not in _PACED:
        return alert, replace(pace, holds=False)
    may_go = alert.severity is not None and _has_room(pace, alert.known_at)
    if not may_go and not _is_urgent(before, alert):
        return None, replace(pace, holds=True)
    return alert, RevisionPace(count=pace.count + 1, sent_at=alert.known_at)


def _has_room(pace: RevisionPace, known_at: datetime) -> bool:
    rested = pace.sent_at is None or known_at - pace.sent_at >= SHORTEST
    return rested and pace.count < MOST_A_SESSION


def _is_urgent(before: Alert, alert: Alert) -> bool:
    was, now = _list_standings(before), _list_standings(alert)
    rises = any(event_id in was and now[event_id].rank > was[event_id].rank for event_id in now)
    states = any(event_id not in was and now[event_id] is Standing.STATED for event_id in now)
    joins = alert.cause is Cause.EVENT_JOINED and states and alert.severity is not None
    first = [each.event_id for each in alert.events[:1]] != [each.event_id for each in before.events[:1]]
    answers = (alert.tests, alert.untested) != (before.tests, before.untested)
    return first or rises or joins or answers or alert.severity is not before.severity


def _list_standings(alert: Alert) -> dict[str, Standing]:
    return {each.event_id: each.standing for each in alert.events}
