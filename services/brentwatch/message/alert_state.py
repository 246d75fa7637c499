"""How an alert stands: withdrawn, closed, and which of its events the move came after."""

from datetime import UTC, time

from brentwatch.core.domain import LAST_TAU, Alert, EventRef, Severity
from brentwatch.core.intraday.minutes import HOUR
from brentwatch.message.findings import select_reactions


def has_lost_events(alert: Alert) -> bool:
    """True where the alert had events and none is left: without any it would have been `info` throughout."""
    return alert.events_total == 0 and (alert.severity is not Severity.INFO or alert.within is not None)


def is_withdrawn(alert: Alert) -> bool:
    """True where what the alert said no longer holds: no abnormal move, or all its events were withdrawn."""
    return not alert.below_level or has_lost_events(alert)


def is_closed(alert: Alert) -> bool:
    """True where the thread is over: the alert was withdrawn, or its last window is complete.

    Of an alert within the session that is the window of 60 minutes; its settlement has an alert of its own.
    A later revision may open it again.
    """
    return is_withdrawn(alert) or is_complete(alert)


def is_complete(alert: Alert) -> bool:
    """True where the last window of the alert has its answer."""
    if alert.within is not None:
        return HOUR.bars in {each.planned for each in (alert.headline, *alert.windows)}
    return any(each.window.end == LAST_TAU for each in select_reactions(alert.windows))


def select_events_before(alert: Alert) -> list[EventRef]:
    """The listed events that the move came after: of a window those that were known when it began."""
    within = alert.within
    return [each for each in alert.events if within is None or each.known_at <= within.begins_at]


def has_no_hour(event: EventRef) -> bool:
    """True where the time of `known_at` only dates the news: midnight, or the last second of a day."""
    return event.by_day and event.known_at.astimezone(UTC).time() in (time(0, 0), time(23, 59, 59))


def name_move(alert: Alert) -> str:
    """What the estimate is called: a move is abnormal while p is at the alert level."""
    return "Abnormal move" if alert.below_level else "Abnormal return"


def explain_no_alert(alert: Alert) -> str:
    """Why the prices as they are now would not open the alert."""
    return "no longer abnormal" if alert.p > alert.level else "no test is possible"
