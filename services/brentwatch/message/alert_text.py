"""The words that travel with an alert: one line for a lock screen, and a card of at most six lines.

Every channel sends these words, and they are made here and in `card` alone: from the alert, and from nothing
else, so that the same alert has the same words live and in a replay.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from brentwatch.core.domain import Alert
from brentwatch.core.errors import STOPPING
from brentwatch.message import phrases
from brentwatch.message.alert_state import has_lost_events, is_closed, is_withdrawn
from brentwatch.message.card import LINE_CHARACTERS, write_card_lines
from brentwatch.message.figures import MINUS, format_short_day, format_time
from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.published import CARD_LINES, LOCK_SCREEN_CHARACTERS, AlertText

WITHDRAWN = "WITHDRAWN"
"""What stands on a lock screen in place of the severity."""

_GLANCE = 50
"""What is seen at a glance: severity, direction, size and place begin in so many characters."""

_LONGEST_PLACE, _SHORTEST_PLACE = 20, 12


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
    """Severity, direction, instrument, move and occasion; then what is new, the session and p.

    A revision begins with UPDATE and its number. What finds no room is left out.
    """
    update = f"UPDATE {alert.revision} · " if alert.revision > 1 else ""
    window = "" if alert.within is None else f" in {alert.within.minutes} min"
    moved = (
        f"{_choose_word(alert)} {phrases.choose_arrow(alert)} {phrases.cut_title(alert)} "
        f"{phrases.format_move(alert)}{window}"
    )
    place = max(_SHORTEST_PLACE, min(_LONGEST_PLACE, _GLANCE - len(f"{moved} · ")))
    line = f"{update}{moved} · {phrases.describe_occasion(alert, place)}"
    others = phrases.count_other_events(alert)
    news = "" if has_lost_events(alert) else phrases.describe_news(alert)
    more = (news, _describe_time(alert), phrases.format_alert_p(alert))
    return _add_fitting(line, [f" {others}" if others else "", *(f" · {each}" for each in more if each)])


def _choose_word(alert: Alert) -> str:
    return WITHDRAWN if is_withdrawn(alert) else alert.severity.upper()


def _describe_time(alert: Alert) -> str:
    day = format_short_day(alert.session)
    within = alert.within
    if within is None:
        return f"session {day}"
    return f"{day} {format_time(within.begins_at)} to {format_time(within.ends_at)} UTC"


def _add_fitting(line: str, pieces: Iterable[str]) -> str:
    for piece in pieces:
        line += piece if len(line) + len(piece) <= LOCK_SCREEN_CHARACTERS else ""
    return line


def _fit_to_limits(first: str, lines: Iterable[str]) -> AlertText:
    """Each line cleaned and cut, so that no text from outside breaks a limit or adds a line."""
    kept = [cut_text(clean(line), LINE_CHARACTERS) for line in lines]
    return AlertText(
        lock_screen=cut_text(clean(first), LOCK_SCREEN_CHARACTERS),
        card="\n".join([line for line in kept if line][:CARD_LINES]),
    )


def _write_emergency(alert: Alert) -> AlertText:
    first = f"{alert.severity.upper()} {clean(alert.title)}: alert of {alert.session.isoformat()}"
    return _fit_to_limits(first, ["The text of this alert could not be written. Read its other fields."])


_FIGURE = re.compile(rf"[+{MINUS}±]?\d+(?:[,.:]\d+)*")


def list_shown_figures(alert: Alert) -> tuple[str, ...]:
    """Every figure on the lock screen and the card, the word and the sign before them, and "closed" at last.

    Two revisions for which it is the same show the same. Left out are the number of the revision, the command
    with the alert's id, and the figures in text from outside.
    """
    plain = replace(
        alert,
        revision=min(alert.revision, 2),
        title="",
        series="",
        events=tuple(replace(each, summary="", place=None, source=None) for each in alert.events),
        confounders=tuple(replace(each, text="", source="") for each in alert.confounders),
    )
    text = compose_text(plain)
    told = "\n".join(text.lines[:-1]).replace("UPDATE 2 · ", "").replace("Update 2: ", "")
    words = [_choose_word(alert), phrases.choose_arrow(alert), *_FIGURE.findall(told)]
    return (*words, *(["closed"] if is_closed(alert) else []))
