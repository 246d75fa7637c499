"""An alert or a study in words: what a trader wants first comes first, and every line is true of the object.

"Abnormal move after", never a cause; never advice. Severity and direction are words, whatever their colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.alerts import Cause, Direction
from brentwatch.message.events import confounder_line, event_line, event_lines, overlap_lines
from brentwatch.message.figures import counted, day_of_month, estimate, level, p_value, percent
from brentwatch.message.findings import (
    after_words,
    aftermath,
    beside_line,
    course,
    reactions,
    survival_line,
    verdict,
)
from brentwatch.message.fine_print import CAUTION, data_line, next_line
from brentwatch.message.foreign import clean, clipped
from brentwatch.message.measures import found_line, no_longer, session_line, unseen_line
from brentwatch.message.within import after_what, within_lines

if TYPE_CHECKING:
    from brentwatch.core.alerts import Alert

__all__ = ["after_words", "alert_lines", "confounder_line", "event_line", "verdict"]

FIRST = 50
"""What a phone shows of an alert: whatever decides whether it is opened stands in these characters."""

_ARROWS = {Direction.UP: "▲", Direction.DOWN: "▼"}


def alert_lines(alert: Alert) -> list[str]:
    """The alert as lines of plain text, none empty; foreign text in it holds no control character."""
    if alert.within is not None:
        return [
            f"{_first_characters(alert)} · {after_what(alert, alert.within)}",
            *within_lines(alert, alert.within),
        ]
    return [
        f"{_first_characters(alert)} · {_after_what(alert)}",
        *_revision_lines(alert),
        *event_lines(alert),
        found_line(alert),
        session_line(alert.move),
        unseen_line(alert),
        *beside_line(alert.beside),
        *survival_line(alert.survives_addis),
        *(f"CAR{each.window} {estimate(each)}" for each in reactions(alert.windows)),
        *(after_words(each, alert.headline.car) for each in aftermath(alert.windows)),
        *(confounder_line(each) for each in alert.confounders),
        *overlap_lines(alert.overlaps),
        CAUTION,
        data_line(alert),
        next_line(alert),
    ]


def _first_characters(alert: Alert) -> str:
    """Severity, direction, instrument, size, session; a long name gives way, so that all fit."""
    loud = f"{alert.severity.upper()} {_ARROWS[alert.direction]} {alert.direction}"
    moved = f"{percent(alert.headline.car)} session {day_of_month(alert.session)}"
    return f"{loud} {clipped(clean(alert.title), FIRST - len(loud) - len(moved) - 2)} {moved}"


def _after_what(alert: Alert) -> str:
    found = "abnormal move" if alert.below_level else no_longer(alert)
    if not alert.events_total:
        return f"{found}, no event is known: unexplained ({p_value(alert.p)})"
    return f"{found} after {counted(alert.events_total, 'event')} ({p_value(alert.p)})"


def _revision_lines(alert: Alert) -> list[str]:
    return [f"rev {alert.revision}: {_news(alert)}"] if alert.revision > 1 else []


def _news(alert: Alert) -> str:
    """Why this revision was published."""
    match alert.cause:
        case Cause.OPENED:
            return "opened"
        case Cause.WINDOW:
            return _window_news(alert)
        case Cause.EVENT_JOINED:
            return "an event joined"
        case Cause.EVENT_UPDATED:
            return "an event was updated"
        case Cause.EVENT_WITHDRAWN:
            return "an event was withdrawn; the move stays"
        case Cause.PRICE_REVISION:
            return f"a price was revised, {_still(alert)}"


def _still(alert: Alert) -> str:
    return f"p is still at the alert level {level(alert.level)}" if alert.below_level else no_longer(alert)


def _window_news(alert: Alert) -> str:
    complete = [f"{each.window} is complete at {percent(each.car)}" for each in reactions(alert.windows)]
    since = [course(each, alert.headline.car) for each in aftermath(alert.windows)]
    return ", ".join([*complete[-1:], *since]) or "a window is complete"
