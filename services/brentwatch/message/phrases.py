"""The phrases of an alert's text: severity, direction, occasion, what is new, what comes next."""

import re
from collections.abc import Iterator
from datetime import UTC, date
from itertools import groupby

from brentwatch.core.domain import (
    Alert,
    AlertTest,
    Cause,
    Direction,
    EventClass,
    EventRef,
    Stage,
    Upcoming,
    is_derived_only,
)
from brentwatch.message import alert_state, figures, outcomes
from brentwatch.message.figures import format_move, format_short_percent, join_with_and, spell_number
from brentwatch.message.findings import AFTER_LEVEL, find_aftermath, find_session, select_reactions
from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.countries import country_name

UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"

WITHDRAWN = "WITHDRAWN"
"""The word on a lock screen in place of the severity."""

HEADS_UP = "HEADS-UP"
"""The word there while no test was abnormal."""

_ROOM_FOR_A_TITLE = 12
_KIND = re.compile(r" (spot|front)( month)?$")
_NEWS = {
    Cause.EVENT_JOINED: "event added",
    Cause.EVENT_UPDATED: "event updated",
    Cause.EVENT_WITHDRAWN: "event withdrawn",
    Cause.PRICE_REVISION: "price corrected",
}
_SHORT_CLASSES = {
    EventClass.VIOLENT_CRACKDOWN: "crackdown",
    EventClass.STATE_OF_EMERGENCY: "emergency",
    EventClass.ARMED_CLASH: "clash",
    EventClass.ATTACK_INFRASTRUCTURE: "attack",
    EventClass.ATTACK_SHIPPING: "ship attack",
    EventClass.SEIZURE_INFRASTRUCTURE: "seizure",
    EventClass.MASS_VIOLENCE: "violence",
    EventClass.TARGETED_KILLING: "killing",
    EventClass.FOREIGN_INTERVENTION: "intervention",
    EventClass.WAR_ONSET: "war",
    EventClass.SANCTION_DIPLOMATIC: "sanctions",
    EventClass.POLITICAL_CRISIS: "crisis",
    EventClass.DEESCALATION: "de-escalation",
    EventClass.OTHER: "event",
}
"""Classes whose name is too long for a phone, or does not read as English."""


def choose_word(alert: Alert) -> str:
    """The severity of the alert, or what replaces it, in one word."""
    if alert_state.is_withdrawn(alert):
        return WITHDRAWN
    return HEADS_UP if alert.severity is None else alert.severity.upper()


def cut_title(alert: Alert) -> str:
    """The short name of the instrument, for a phone: "Brent" for "Brent spot"."""
    return cut_text(_KIND.sub("", clean(alert.title)), _ROOM_FOR_A_TITLE) or "Price"


def choose_arrow(alert: Alert) -> str:
    """The direction of the price, as one character; empty while no test was abnormal."""
    test = alert.lead
    if test is None or alert.severity is None:
        return ""
    change = test.move.log_return
    if change is None and not is_derived_only(alert):
        change = test.move.change
    is_up = change > 0.0 if change else test.direction is Direction.UP
    return UP if is_up else DOWN


def describe_lead_move(alert: Alert) -> str:
    """Severity, direction, instrument and move: "CRITICAL \N{BLACK UP-POINTING TRIANGLE} Brent +11.6 %"."""
    head = " ".join(filter(None, [choose_word(alert), choose_arrow(alert), cut_title(alert)]))
    lead = alert.lead
    if lead is not None:
        calm = ", not abnormal" if alert.severity is None else ""
        gap = f" (gap {outcomes.format_gap_before(lead)})" if outcomes.has_gap_before(lead) else ""
        return f"{head} {format_move(lead.move, alert)}{_describe_span(lead)}{calm}{gap}"
    untested = next((each.move for each in alert.untested if each.move is not None), None)
    return head if untested is None else f"{head} {format_move(untested, alert)}, not tested"


def _describe_span(test: AlertTest) -> str:
    match test.stage:
        case Stage.REOPEN:
            return " at re-open" if outcomes.is_first_bar(test) else f" re-open + {test.window.minutes} min"
        case Stage.WITHIN:
            return f" in {test.window.minutes} min"
        case Stage.PROVISIONAL:
            return " provisional"
        case _:
            return ""


def describe_occasion(alert: Alert, room: int) -> str:
    """The occasion of the move in a few words: "Abqaiq attack", "no known event", "no longer abnormal"."""
    if alert_state.has_lost_events(alert):
        return "all events withdrawn" if alert.lead is None else "all events withdrawn, the move stands"
    if alert_state.is_withdrawn(alert):
        return alert_state.explain_no_alert(alert)
    if not alert.events_total:
        return "no known event"
    if alert_state.has_only_singles(alert):
        return "no confirmed event"
    earlier = alert_state.select_events_before(alert)
    if earlier:
        return _name_event(earlier[0], room)
    return "event not listed" if alert.events_total > len(alert.events) else "event withdrawn"


def _name_event(event: EventRef, room: int) -> str:
    """The place of an event, or its country, and what it was."""
    place = clean(event.place or "").split(",")[0].replace("·", " ").strip()
    where = cut_text(place or country_name(clean(event.country)), room)
    return f"{where} {_SHORT_CLASSES.get(event.event_class, event.event_class.replace('_', ' '))}"


def count_other_events(alert: Alert) -> str:
    """The number of events without the one that is named: "and 2 more"; empty if there is none."""
    earlier, lead = alert_state.select_events_before(alert), alert.lead
    of_bars = lead is not None and lead.stage.is_of_bars
    count = len(earlier) if of_bars else alert.events_total - alert.singles
    return f"and {count - 1} more" if earlier and count > 1 and not alert_state.is_withdrawn(alert) else ""


def describe_news(alert: Alert) -> str:
    """Why a revision was published, as a clause; empty for the first one."""
    if alert.revision == 1:
        return ""
    if alert.cause is Cause.EVENT_WITHDRAWN and alert_state.has_lost_events(alert):
        return "last event withdrawn"
    if alert.cause is Cause.TEST:
        return outcomes.describe_newest(alert) or "a test has its answer"
    return _NEWS.get(alert.cause) or describe_window_news(alert)


def describe_window_news(alert: Alert) -> str:
    """The longest further window that is complete: "+7.3 % over two sessions"."""
    further = [each for each in select_reactions(alert.windows) if each.observed > 1]
    if not further:
        return "a further window is complete"
    return f"{format_short_percent(further[-1].total)} over {spell_number(further[-1].observed)} sessions"


def describe_later_move(alert: Alert) -> str:
    """What the price did after the first session, by its own test; empty if nothing is known yet."""
    session, after = find_session(alert.windows), find_aftermath(alert.windows)
    if session is None or not after:
        return ""
    (later,) = after
    if later.p > AFTER_LEVEL:
        return "no further abnormal move after the first session"
    verb = "extended" if later.car * session.car > 0.0 else "faded"
    return (
        f"the move {verb} after the first session ({format_short_percent(later.total)}, "
        f"{figures.format_p_value(later.p)})"
    )


_STAGE_NAMES = {
    Stage.REOPEN: "re-open",
    Stage.WITHIN: "within the session",
    Stage.PROVISIONAL: "provisional settlement",
    Stage.SETTLEMENT: "settlement",
    Stage.FINAL: "final",
}


def describe_next(alert: Alert, room: int) -> str:
    """What comes next, with its time: "Next: settlement Mon 16 Sep 21:30 UTC, final Mon 23 Sep.".

    Later stages are left out if it would be longer than `room`.
    """
    if alert_state.is_complete(alert):
        return "Final, unless a late event or a price correction arrives."
    answers = list(_list_answers(alert))
    if any(each.stage is not Stage.FINAL for each in alert.upcoming):
        while len(answers) > 1 and len(f"Next: {', '.join(answers)}.") > room:
            answers.pop()
        return f"Next: {', '.join(answers)}."
    if any(each.observed > 1 for each in select_reactions(alert.windows)):
        return f"Next: {', '.join(answers) or 'a final update after four more sessions'}."
    final = ", ".join(answers) or "and a final one after five more sessions"
    return f"Next: an update after the next settlement, {final}."


def _list_answers(alert: Alert) -> Iterator[str]:
    """Each stage with the times of its answers; a day is written only if it changes."""
    told: date | None = None
    ordered = sorted(alert.upcoming, key=lambda each: (each.at, each.stage.rank))
    for stage, group in groupby(ordered, key=lambda each: each.stage):
        times = []
        for each in group:
            day = each.at.astimezone(UTC).date()
            times.append(_format_time(each, is_new_day=day != told))
            told = day
        has_gap = stage is Stage.REOPEN and alert.find_test(stage) is not None
        name = "re-open + 60 min" if has_gap else _STAGE_NAMES.get(stage, stage)
        yield f"{name} {join_with_and(times)}" + ("" if stage is Stage.FINAL else " UTC")


def _format_time(upcoming: Upcoming, *, is_new_day: bool) -> str:
    day = figures.format_day(upcoming.at.astimezone(UTC).date())
    if upcoming.stage is Stage.FINAL:
        return day
    time = figures.format_time(upcoming.at)
    return f"{day} {time}" if is_new_day else time
