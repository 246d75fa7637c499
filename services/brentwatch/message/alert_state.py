"""The state of an alert: withdrawn or closed, and the events that came before the move."""

from datetime import UTC, datetime, time, timedelta

from brentwatch.core.domain import LAST_TAU, Alert, AlertTest, EventRef, Severity, Stage, Standing, Untested
from brentwatch.message.findings import select_reactions


def has_lost_events(alert: Alert) -> bool:
    """True if the alert had events and none is left: without any it would always have been `info`."""
    if alert.events_total:
        return False
    followed_news = any(each.stage.is_of_bars and each.is_abnormal for each in alert.tests)
    return alert.severity is not Severity.INFO or alert.heads_up is not None or followed_news


def is_withdrawn(alert: Alert) -> bool:
    """True if the alert no longer holds: no test is abnormal, or all events were withdrawn.

    A settlement that is not abnormal withdraws nothing while an earlier test is.
    """
    is_loud = alert.severity is not None
    return (is_loud and not alert.is_abnormal) or has_lost_events(alert)


def is_closed(alert: Alert) -> bool:
    """True if the thread is over: the alert was withdrawn, or its last window is complete.

    A later revision may open it again.
    """
    return is_withdrawn(alert) or is_complete(alert)


def is_complete(alert: Alert) -> bool:
    """True if the longest window has settled."""
    settled = any(each.window.end == LAST_TAU for each in select_reactions(alert.windows))
    return settled or alert.stage is Stage.FINAL


def has_chart(alert: Alert) -> bool:
    """True if there is a test to draw; a heads-up has none."""
    return bool(alert.tests)


def find_newest_answer(alert: Alert) -> AlertTest | Untested | None:
    """The last answer of the stage that the thread is in: a test, or one that could not be made."""
    both: tuple[AlertTest | Untested, ...] = (*alert.tests, *alert.untested)
    answers = [each for each in both if each.stage is alert.stage]
    return max(answers, key=lambda each: each.window.ends_at, default=None)


def find_first_price(test: AlertTest) -> datetime:
    """When the price could first react to news: the re-open of a gap, else the begin of the window."""
    if test.stage is Stage.REOPEN:
        return test.window.ends_at - timedelta(minutes=test.window.minutes or 0)
    return test.window.begins_at


def select_events_before(alert: Alert) -> list[EventRef]:
    """The listed events before the move; for a test of bars those that were known when it began.

    A single report explains nothing. Before there is a test the event of the heads-up comes first.
    """
    lead, heads_up = alert.lead, alert.heads_up
    standing = [each for each in alert.events if each.standing is not Standing.SINGLE]
    if lead is None:
        return sorted(standing, key=lambda each: heads_up is None or each.event_id != heads_up.event_id)
    if not lead.stage.is_of_bars:
        return standing
    return [each for each in standing if each.known_at <= find_first_price(lead)]


def has_only_singles(alert: Alert) -> bool:
    """True if the alert has events, and all of them are single reports."""
    return 0 < alert.events_total == alert.singles


def has_no_hour(event: EventRef) -> bool:
    """True if the time of `known_at` only dates the news: midnight, or the last second of a day."""
    return event.by_day and event.known_at.astimezone(UTC).time() in (time(0, 0), time(23, 59, 59))


def explain_no_alert(alert: Alert) -> str:
    """Why the prices as they are now would not open the alert."""
    return "no longer abnormal" if alert.tests else "no test is possible"


def name_move(test: AlertTest) -> str:
    """The name of the estimate: an abnormal return is called a move if p is at the alert level."""
    return "Abnormal move" if test.is_abnormal else "Abnormal return"
