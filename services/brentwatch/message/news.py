"""What every part of an alert's text says of the same thing: the move, the events before it, what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.alerts import Cause, Severity
from brentwatch.core.intraday.windows import SMALLEST_TOLD
from brentwatch.message.figures import SMALLEST_P, counted, day
from brentwatch.message.findings import AFTER_LEVEL, aftermath, reactions
from brentwatch.message.foreign import clean, clipped
from brentwatch.message.plain import dollars, in_words, listed, p_equals, percent
from brentwatch.wire.countries import country_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.study import EventRef

_ROOM_FOR_A_TITLE = 20
_NAMED_COUNTRIES = 2
_WITH_ARTICLE = ("United ", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives")
_NEWS = {
    Cause.EVENT_JOINED: "event added",
    Cause.EVENT_UPDATED: "event updated",
    Cause.EVENT_WITHDRAWN: "event withdrawn",
    Cause.PRICE_REVISION: "price corrected",
}


def title(alert: Alert) -> str:
    """The instrument as people call it, at the length that a phone has room for."""
    return clipped(clean(alert.title), _ROOM_FOR_A_TITLE) or "Price"


def move(alert: Alert) -> str:
    """What the price did: "+11.7 %"; in dollars where a price is zero or below."""
    change = alert.move.log_return
    return dollars(alert.move.change) if change is None else percent(change)


def when(alert: Alert) -> str:
    """The session, and the window within it: "on Mon 16 Sep", "in 15 minutes on Wed 15 May"."""
    window = "" if alert.within is None else f"in {alert.within.minutes} minutes "
    return f"{window}on {day(alert.session)}"


def told_p(alert: Alert) -> str:
    """The p of the test that opened the alert: "p = 0.0028"."""
    return p_equals(alert.p, SMALLEST_P if alert.within is None else SMALLEST_TOLD)


def is_withdrawn(alert: Alert) -> bool:
    """True where the alert had events and none is left: without any it would have been `info` throughout."""
    no_events = alert.events_total == 0
    return no_events and (alert.severity is not Severity.INFO or alert.within is not None)


def after_what(alert: Alert) -> tuple[str, ...]:
    """What the move came after, the longest form first: " after 2 events in Iran", " after 2 events"."""
    earlier = events_before(alert)
    unlisted = max(0, alert.events_total - len(alert.events))
    if is_withdrawn(alert):
        return ("" if alert.cause is Cause.EVENT_WITHDRAWN else "; its events were withdrawn",)
    if not alert.events_total:
        return (", no event is known",)
    count = alert.events_total if alert.within is None else len(earlier)
    if not count:
        return (" after an event that is not listed" if unlisted else " after an event that was withdrawn",)
    short = f" after {counted(count, 'event')}"
    where = _where(earlier, among=unlisted > 0 and alert.within is None)
    return f"{short}{where}", f" after {'events' if count > 1 else 'an event'}{where}", short


def events_before(alert: Alert) -> list[EventRef]:
    """The listed events that the move came after: of a window those that were known when it began."""
    within = alert.within
    return [each for each in alert.events if within is None or each.known_at <= within.begins_at]


def _where(events: Sequence[EventRef], *, among: bool) -> str:
    """The countries of the events; `among` others where not all events are listed."""
    codes = list(dict.fromkeys(each.country for each in events))
    if not codes:
        return ""
    names = [country(code) for code in codes[:_NAMED_COUNTRIES]]
    more = len(codes) - len(names)
    if more:
        names = [*names[:1], f"{more + 1} other countries"]
    return f", {listed(names)} among the places" if among else f" in {listed(names)}"


def country(code: str) -> str:
    """The name of a country as it stands after "in"."""
    name = country_name(clean(code))
    return f"the {name}" if name.startswith(_WITH_ARTICLE) else name


def what_is_new(alert: Alert) -> str:
    """Why a revision was published, as a clause; empty for the first one."""
    if alert.revision == 1:
        return ""
    news = _NEWS.get(alert.cause) or window_news(alert)
    if alert.cause is Cause.EVENT_WITHDRAWN and is_withdrawn(alert):
        news = "last event withdrawn"
    return news if alert.below_level else f"{news}, {no_longer(alert)}"


def window_news(alert: Alert) -> str:
    """The longest further window that is complete: "+7.3 % over two sessions"."""
    further = alert.windows if alert.within is not None else reactions(alert.windows)
    if not further:
        return "a further window is complete"
    found = max(further, key=lambda each: each.observed)
    if alert.within is not None:
        return f"{percent(found.total)} in {found.planned * 5} minutes"
    return f"{percent(found.total)} over {in_words(found.observed)} sessions"


def afterwards(alert: Alert) -> str:
    """What the price did after the first session, by its own test; empty where nothing is known of it yet."""
    if alert.within is not None or not (found := aftermath(alert.windows)):
        return ""
    (after,) = found
    if after.p > AFTER_LEVEL:
        return "no further abnormal move after the first session"
    verb = "extended" if after.car * alert.headline.car > 0.0 else "faded"
    return f"the move {verb} after the first session ({percent(after.total)}, {p_equals(after.p)})"


def no_longer(alert: Alert) -> str:
    """Why the prices as they are now would not open the alert."""
    if alert.p > alert.level:
        return "no longer abnormal"
    return "no test is possible"
