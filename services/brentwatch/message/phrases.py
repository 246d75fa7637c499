"""The figures and phrases of an alert's text: the move, the events before it, what is new."""

from collections.abc import Sequence

from brentwatch.core.domain import Alert, Cause, EventRef, Severity
from brentwatch.core.intraday.minutes import SMALLEST_TOLD
from brentwatch.message import figures
from brentwatch.message.figures import (
    MINUS,
    SMALLEST_P,
    convert_to_percent,
    format_count,
    format_day,
    format_percent_range,
)
from brentwatch.message.findings import AFTER_LEVEL, find_aftermath, select_reactions
from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.countries import country_name

_LARGEST_PERCENT = 100_000.0
_LARGEST_PRICE = 10_000_000.0
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def format_p_equation(p: float, smallest: float = SMALLEST_P) -> str:
    """A p with two digits that count: "p = 0.47", "p = 0.0055", and "p < 0.002" below `smallest`."""
    if p < smallest:
        return f"p < {format_share(smallest)}"
    return f"p = {p:.{2 if p >= 0.1 else 3 if p >= 0.01 else 4}f}"


def format_share(value: float) -> str:
    """A level or a share as it was set: "0.01"."""
    return f"{value:g}"


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


_ROOM_FOR_A_TITLE = 20
_NAMED_COUNTRIES = 2
_WITH_ARTICLE = ("United ", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives")
_NEWS = {
    Cause.EVENT_JOINED: "event added",
    Cause.EVENT_UPDATED: "event updated",
    Cause.EVENT_WITHDRAWN: "event withdrawn",
    Cause.PRICE_REVISION: "price corrected",
}


def cut_title(alert: Alert) -> str:
    """The instrument as people call it, at the length that a phone has room for."""
    return cut_text(clean(alert.title), _ROOM_FOR_A_TITLE) or "Price"


def format_move(alert: Alert) -> str:
    """What the price did: "+11.7 %"; in dollars where a price is zero or below."""
    change = alert.move.log_return
    return format_short_dollars(alert.move.change) if change is None else format_short_percent(change)


def describe_time(alert: Alert) -> str:
    """The session, and the window within it: "on Mon 16 Sep", "in 15 minutes on Wed 15 May"."""
    window = "" if alert.within is None else f"in {alert.within.minutes} minutes "
    return f"{window}on {format_day(alert.session)}"


def format_alert_p(alert: Alert) -> str:
    """The p of the test that opened the alert: "p = 0.0028"."""
    return format_p_equation(alert.p, SMALLEST_P if alert.within is None else SMALLEST_TOLD)


def is_withdrawn(alert: Alert) -> bool:
    """True where the alert had events and none is left: without any it would have been `info` throughout."""
    no_events = alert.events_total == 0
    return no_events and (alert.severity is not Severity.INFO or alert.within is not None)


def describe_events_before(alert: Alert) -> tuple[str, ...]:
    """What the move came after, the longest form first: " after 2 events in Iran", " after 2 events"."""
    earlier = select_events_before(alert)
    unlisted = max(0, alert.events_total - len(alert.events))
    if is_withdrawn(alert):
        return ("" if alert.cause is Cause.EVENT_WITHDRAWN else "; its events were withdrawn",)
    if not alert.events_total:
        return (", no event is known",)
    count = alert.events_total if alert.within is None else len(earlier)
    if not count:
        return (" after an event that is not listed" if unlisted else " after an event that was withdrawn",)
    short = f" after {format_count(count, 'event')}"
    where = _name_countries(earlier, among=unlisted > 0 and alert.within is None)
    return f"{short}{where}", f" after {'events' if count > 1 else 'an event'}{where}", short


def select_events_before(alert: Alert) -> list[EventRef]:
    """The listed events that the move came after: of a window those that were known when it began."""
    within = alert.within
    return [each for each in alert.events if within is None or each.known_at <= within.begins_at]


def _name_countries(events: Sequence[EventRef], *, among: bool) -> str:
    """The countries of the events; `among` others where not all events are listed."""
    codes = list(dict.fromkeys(each.country for each in events))
    if not codes:
        return ""
    names = [name_country(code) for code in codes[:_NAMED_COUNTRIES]]
    more = len(codes) - len(names)
    if more:
        names = [*names[:1], f"{more + 1} other countries"]
    return f", {join_with_and(names)} among the places" if among else f" in {join_with_and(names)}"


def name_country(code: str) -> str:
    """The name of a country as it stands after "in"."""
    name = country_name(clean(code))
    return f"the {name}" if name.startswith(_WITH_ARTICLE) else name


def describe_news(alert: Alert) -> str:
    """Why a revision was published, as a clause; empty for the first one."""
    if alert.revision == 1:
        return ""
    news = _NEWS.get(alert.cause) or describe_window_news(alert)
    if alert.cause is Cause.EVENT_WITHDRAWN and is_withdrawn(alert):
        news = "last event withdrawn"
    return news if alert.below_level else f"{news}, {explain_no_alert(alert)}"


def describe_window_news(alert: Alert) -> str:
    """The longest further window that is complete: "+7.3 % over two sessions"."""
    further = alert.windows if alert.within is not None else select_reactions(alert.windows)
    if not further:
        return "a further window is complete"
    found = max(further, key=lambda each: each.observed)
    if alert.within is not None:
        return f"{format_short_percent(found.total)} in {found.planned * 5} minutes"
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
        f"{format_p_equation(after.p)})"
    )


def explain_no_alert(alert: Alert) -> str:
    """Why the prices as they are now would not open the alert."""
    if alert.p > alert.level:
        return "no longer abnormal"
    return "no test is possible"
