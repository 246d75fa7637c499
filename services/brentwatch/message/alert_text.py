"""The words that travel with an alert: one line for a lock screen, and a card of at most six lines.

Every channel sends these words, and they are made here alone: from the alert, and from nothing else, so that
the same alert has the same words live and in a replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import STOPPING
from brentwatch.message.card import write_card_lines
from brentwatch.message.foreign import clean, cut_text
from brentwatch.message.news import (
    cut_title,
    describe_events_before,
    describe_news,
    describe_time,
    format_alert_p,
    format_move,
)
from brentwatch.wire.alert_text import (
    CARD_LINE_CHARACTERS,
    CARD_LINES,
    LOCK_SCREEN_CHARACTERS,
    AlertText,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.core.domain.alerts import Alert


def write_alert_text(alert: Alert) -> AlertText:
    """The words of an alert. There are always some: no fault in them keeps an alert from being published."""
    try:
        return compose_text(alert)
    except STOPPING:
        raise
    except Exception:  # noqa: BLE001 - an alert without good words is worth more than none
        return _write_emergency(alert)


def compose_text(alert: Alert) -> AlertText:
    """The words of an alert, within the limits of the schema."""
    return _fit_to_limits(write_lock_screen(alert), write_card_lines(alert))


def write_lock_screen(alert: Alert) -> str:
    """Severity, instrument, move, session, p, what it came after, and of a revision what is new.

    The countries give way where they do not fit, then the events, then the news.
    """
    moved = f"{alert.severity.upper()} {cut_title(alert)} {format_move(alert)} {describe_time(alert)}"
    p = f" ({format_alert_p(alert)})"
    if alert.revision == 1:
        return f"{moved}{_choose_fitting(describe_events_before(alert), LOCK_SCREEN_CHARACTERS - len(moved) - len(p))}{p}"
    head = f"UPDATE {alert.revision}: {moved}{p}"
    room = LOCK_SCREEN_CHARACTERS - len(head)
    news = _choose_fitting((f"; {describe_news(alert)}",), room)
    return f"{head}{_choose_fitting(describe_events_before(alert), room - len(news))}{news}"


def _choose_fitting(longest_first: Iterable[str], room: int) -> str:
    return next((piece for piece in longest_first if len(piece) <= room), "")


def _fit_to_limits(first: str, lines: Iterable[str]) -> AlertText:
    """Each line cleaned and cut, so that no text from outside breaks a limit or adds a line."""
    kept = [cut_text(clean(line), CARD_LINE_CHARACTERS) for line in lines]
    return AlertText(
        lock_screen=cut_text(clean(first), LOCK_SCREEN_CHARACTERS),
        card="\n".join([line for line in kept if line][:CARD_LINES]),
    )


def _write_emergency(alert: Alert) -> AlertText:
    first = f"{alert.severity.upper()} {clean(alert.title)}: alert of {alert.session.isoformat()}"
    return _fit_to_limits(first, ["The text of this alert could not be written. Read its other fields."])
