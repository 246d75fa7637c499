"""The figures and phrases of an alert's text: the move, its place, when it was, what is new."""

import re

from brentwatch.core.domain import Alert, Cause, Direction, EventClass, EventRef, is_derived_only
from brentwatch.core.intraday.clock import BAR
from brentwatch.core.intraday.minutes import SMALLEST_TOLD
from brentwatch.message import alert_state, figures
from brentwatch.message.figures import MINUS, SMALLEST_P, convert_to_percent, format_percent_range
from brentwatch.message.findings import AFTER_LEVEL, find_aftermath, select_reactions
from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.countries import country_name

UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"

_LARGEST_PERCENT = 100_000.0
_LARGEST_PRICE = 10_000_000.0
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def format_short_percent(log_return: float) -> str:
    """A log fraction as simple percent with its sign: "+11.7 %"; what is huge is not written out."""
    if convert_to_percent(log_return) >= _LARGEST_PERCENT:
        return "more than +99,999 %"
    return figures.format_percent(log_return)


def format_short_range(low: float, high: float) -> str:
    """Two log fractions as a range of simple percent: "+3.1 to +5.8 %"."""
    if convert_to_percent(high) >= _LARGEST_PERCENT:
        return f"{format_short_percent(low)} to {format_short_percent(high)}"
    return format_percent_range(low, high)


def format_short_dollars(usd: float) -> str:
    """A change in USD/bbl with its sign: "+7.17 USD/bbl"."""
    if abs(usd) < _LARGEST_PRICE:
        return figures.format_dollars(usd)
    return f"{'+' if usd > 0.0 else MINUS}{abs(usd):.1e} USD/bbl"


def format_short_price(usd: float) -> str:
    """A price without its unit: "68.42"."""
    return figures.format_price(usd) if abs(usd) < _LARGEST_PRICE else f"{usd:.1e}".replace("-", MINUS, 1)


def spell_number(number: int) -> str:
    """A small number as a word: "two"; above ten as figures."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def join_with_and(parts: list[str]) -> str:
    """Parts as one phrase: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


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
"""Those whose name is too long for a phone, or does not read as English."""


def cut_title(alert: Alert) -> str:
    """The instrument as people call it, at the length that a phone has room for: "Brent" of "Brent spot"."""
    return cut_text(_KIND.sub("", clean(alert.title)), _ROOM_FOR_A_TITLE) or "Price"


def choose_arrow(alert: Alert) -> str:
    """The direction of the price, as one character."""
    change = alert.move.log_return
    if change is None and not is_derived_only(alert):
        change = alert.move.change
    is_up = change > 0.0 if change else alert.direction is Direction.UP
    return UP if is_up else DOWN


def format_move(alert: Alert) -> str:
    """What the price did: "+11.7 %"; in dollars where a price is zero or below."""
    if alert.move.log_return is not None:
        return format_short_percent(alert.move.log_return)
    return "no percentage" if is_derived_only(alert) else format_short_dollars(alert.move.change)


def format_alert_p(alert: Alert) -> str:
    """The p of the test that opened the alert: "p = 0.0028"."""
    return figures.format_p_value(alert.p, find_smallest_p(alert))


def find_smallest_p(alert: Alert) -> float:
    """No p of the alert is printed below it."""
    return SMALLEST_P if alert.within is None else SMALLEST_TOLD


def describe_occasion(alert: Alert, room: int) -> str:
    """What the move came after, in a few words: "Abqaiq attack", "no known event", "no longer abnormal"."""
    if not alert.below_level:
        return alert_state.explain_no_alert(alert)
    if alert_state.has_lost_events(alert):
        return "all events withdrawn, the move stands"
    if not alert.events_total:
        return "no known event"
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
    """How many events there are beside the one that is named: "and 2 more"; empty where there is none."""
    earlier = alert_state.select_events_before(alert)
    count = alert.events_total if alert.within is None else len(earlier)
    return f"and {count - 1} more" if earlier and count > 1 and not alert_state.is_withdrawn(alert) else ""


def describe_news(alert: Alert) -> str:
    """Why a revision was published, as a clause; empty for the first one."""
    if alert.revision == 1:
        return ""
    if alert.cause is Cause.EVENT_WITHDRAWN and alert_state.has_lost_events(alert):
        return "last event withdrawn"
    return _NEWS.get(alert.cause) or describe_window_news(alert)


def describe_window_news(alert: Alert) -> str:
    """The longest further window that is complete: "+7.3 % over two sessions"."""
    further = alert.windows if alert.within is not None else select_reactions(alert.windows)
    if not further:
        return "a further window is complete"
    found = max(further, key=lambda each: each.observed)
    if alert.within is not None:
        minutes = found.planned * int(BAR.total_seconds()) // 60
        return f"{format_short_percent(found.total)} in {minutes} minutes"
    return f"{format_short_percent(found.total)} over {spell_number(found.observed)} sessions"


def describe_later_move(alert: Alert) -> str:
    """What the price did after the first session, by its own test; empty where nothing is known of it yet."""
    if alert.within is not None or not (found := find_aftermath(alert.windows)):
        return ""
    (after,) = found
    if after.p > AFTER_LEVEL:
        return "no further abnormal move after the first session"
    verb = "extended" if after.car * alert.headline.car > 0.0 else "faded"
    return (
        f"the move {verb} after the first session ({format_short_percent(after.total)}, "
        f"{figures.format_p_value(after.p)})"
    )
