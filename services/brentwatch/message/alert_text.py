"""The words that travel with an alert: one line for a lock screen, and a card of at most six lines.

Every channel sends these words. They are made here and in `card` from the alert alone, so that the same alert
has the same words live and in a replay.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from brentwatch.core.domain import Alert, Cause, Stage
from brentwatch.core.errors import STOPPING
from brentwatch.message import phrases
from brentwatch.message.alert_state import find_newest_answer, has_lost_events, is_closed, is_withdrawn
from brentwatch.message.card import LINE_CHARACTERS, describe_risk, write_card_lines
from brentwatch.message.figures import MINUS, format_short_day, format_time, format_weekday_time
from brentwatch.message.foreign import add_fitting, clean, cut_text
from brentwatch.message.heads_up import NO_TEST_YET
from brentwatch.message.outcomes import describe_short_outcome, format_test_p
from brentwatch.wire.published import CARD_LINES, LOCK_SCREEN_CHARACTERS, AlertText

_GLANCE = 50
"""Severity, direction, size and place begin within this number of characters, which a phone shows."""

_LONGEST_PLACE, _SHORTEST_PLACE = 20, 12


def write_alert_text(alert: Alert) -> AlertText:
    """The words of an alert; there are always some, since a fault in them must not stop an alert."""
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
    """Severity, direction, instrument, move and occasion; then what is new, the time and p.

    A revision begins with UPDATE and its number. What has no room is left out. Before there is a test: the
    occasion, the barrels at risk, that no price was tested, and when trade re-opens.
    """
    update = f"UPDATE {alert.revision} · " if alert.revision > 1 else ""
    moved = phrases.describe_lead_move(alert)
    place = max(_SHORTEST_PLACE, min(_LONGEST_PLACE, _GLANCE - len(f"{moved} · ")))
    line = f"{update}{moved} · {phrases.describe_occasion(alert, place)}"
    if alert.lead is None and not alert.untested and not is_withdrawn(alert):
        return _add_heads_up(alert, line)
    others = phrases.count_other_events(alert)
    more = (_describe_short_news(alert), _describe_time(alert), _format_p(alert))
    pieces = [f" {others}" if others else "", *(f" · {each}" for each in more if each)]
    return add_fitting(line, pieces, LOCK_SCREEN_CHARACTERS)


def _add_heads_up(alert: Alert, line: str) -> str:
    told, heads_up = f" · {NO_TEST_YET}", alert.heads_up
    opens = None if heads_up is None else heads_up.reopens_at
    risk = describe_risk(alert)
    line = add_fitting(line, [f" · {risk}"] if risk else [], LOCK_SCREEN_CHARACTERS - len(told)) + told
    more = [] if opens is None else [f" · trade re-opens {format_weekday_time(opens)}"]
    news = phrases.describe_news(alert)
    return add_fitting(line, [*([f" · {news}"] if news else []), *more], LOCK_SCREEN_CHARACTERS)


def _describe_short_news(alert: Alert) -> str:
    """What is new, if the line does not say it already; for a test its outcome, unless it leads."""
    if has_lost_events(alert):
        return ""
    newest = find_newest_answer(alert)
    if alert.revision == 1 or alert.cause is not Cause.TEST or newest is None:
        return phrases.describe_news(alert)
    is_told = newest is alert.lead or alert.lead is None
    return "" if is_told else describe_short_outcome(newest, alert)


def _format_p(alert: Alert) -> str:
    return "" if alert.lead is None else format_test_p(alert.lead)


def _describe_time(alert: Alert) -> str:
    day, test = format_short_day(alert.session), alert.lead
    if test is None or not test.stage.is_of_bars:
        return f"session {day}"
    window = test.window
    if test.stage is Stage.REOPEN:
        return format_weekday_time(window.ends_at)
    return f"{day} {format_time(window.begins_at)} to {format_time(window.ends_at)} UTC"


def _fit_to_limits(first: str, lines: Iterable[str]) -> AlertText:
    """Each line cleaned and cut, so that no text from outside breaks a limit or adds a line."""
    kept = [cut_text(clean(line), LINE_CHARACTERS) for line in lines]
    return AlertText(
        lock_screen=cut_text(clean(first), LOCK_SCREEN_CHARACTERS),
        card="\n".join([line for line in kept if line][:CARD_LINES]),
    )


def _write_emergency(alert: Alert) -> AlertText:
    loud = phrases.HEADS_UP if alert.severity is None else alert.severity.upper()
    first = f"{loud} {clean(alert.title)}: alert of {alert.session.isoformat()}"
    return _fit_to_limits(first, ["The text of this alert could not be written. Read its other fields."])


_FIGURE = re.compile(rf"[+{MINUS}±]?\d+(?:[,.:]\d+)*")


def list_shown_figures(alert: Alert) -> tuple[str, ...]:
    """Every figure on the lock screen and the card, the word, sign and stage before them, "closed" at last.

    Two revisions for which it is the same show the same. Left out are the number of the revision, the figures
    in text from outside, and the last line: past events, and the command with the alert's id.
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
    arrow = phrases.choose_arrow(alert)
    words = [phrases.choose_word(alert), *([arrow] if arrow else []), alert.stage, *_FIGURE.findall(told)]
    return (*words, *(["closed"] if is_closed(alert) else []))
