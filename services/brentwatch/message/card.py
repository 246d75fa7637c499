"""The card of an alert: six lines, each of which answers one question of a trader.

What happened; how far the price moved; how sure that is; how soon it moved, and what else was going on; what
comes next; how to check it.
"""

from collections.abc import Iterator

from brentwatch.core.domain import (
    ON_SIMULATED_BARS,
    PARTIAL_HISTORY,
    Alert,
    Confounder,
    Verdict,
    is_derived_only,
)
from brentwatch.core.domain.alerts import CRITICAL_SHARE
from brentwatch.core.intraday.minutes import BUDGET, HOUR, SESSIONS_A_YEAR
from brentwatch.message import alert_state, event_lines, figures, phrases
from brentwatch.message.details import normal_range
from brentwatch.message.findings import select_reactions
from brentwatch.message.foreign import clean, cut_text

LINE_CHARACTERS = 200
"""Of a line of the card, in code points. Readers take longer ones: older versions wrote 300."""

_ROOM_FOR_A_TITLE = 24
_ROOM_FOR_A_PLACE = 30
_LONGEST_HEADLINE, _SHORTEST_HEADLINE = 100, 12
_ROOM_FOR_OTHER_NEWS = 50
_SHOWN_SESSIONS = 2
_MEASURED_AT = 0.01
"""The level at which calibrations count false alarms."""

_SHORT_VERDICTS = {Verdict.CAUTIOUS: "found wrong less often than that on own bars"}


def write_card_lines(alert: Alert) -> list[str]:
    """The lines, at most six."""
    return [
        _write_event(alert),
        _write_move(alert),
        _write_certainty(alert),
        _write_lead(alert),
        _write_next(alert),
        f"Check: brentwatch alerts show {alert.alert_id}",
    ]


def _write_event(alert: Alert) -> str:
    """What happened where, and the barrels at risk; the headline is quoted, with who vouches for it."""
    if alert_state.has_lost_events(alert):
        return "Every event of this alert was withdrawn; the price move stands."
    if not alert.events_total:
        return "No event is known: the move is unexplained."
    if not alert.events:
        return f"{figures.format_count(alert.events_total, 'event')}, none of them listed."
    event = (alert_state.select_events_before(alert) or alert.events)[0]
    what = event_lines.describe_what_and_where(event, _ROOM_FOR_A_PLACE)
    head, others = f"{what} · {_describe_risk(alert)} · ", _count_others(alert)
    quotes_and_source = len(f'"" ({event_lines.describe_source(event)})')
    room = LINE_CHARACTERS - len(head) - len(others) - quotes_and_source
    said = event_lines.quote_headline(event, max(_SHORTEST_HEADLINE, min(_LONGEST_HEADLINE, room)))
    return f"{head}{said}{others}"


def _describe_risk(alert: Alert) -> str:
    known = [each for each in alert.events if each.exposure is not None]
    if alert.exposure is None or not known:
        return "barrels at risk unknown"
    return f"{event_lines.describe_barrels(event_lines.find_highest_exposed(known))} at risk"


def _count_others(alert: Alert) -> str:
    others = alert.events_total - 1
    return f", and {figures.format_count(others, 'other event')}" if others > 0 else ""


def _write_move(alert: Alert) -> str:
    """How far the price moved in all, its abnormal part with its range, and the normal range."""
    found = alert.headline
    title = cut_text(clean(alert.title), _ROOM_FOR_A_TITLE)
    span = phrases.format_short_range(*normal_range(found))
    name = alert_state.name_move(alert)
    return (
        f"{title} {_format_whole_move(alert)}, {_describe_period(alert)}. {name} "
        f"{phrases.format_short_percent(found.car)}, 95 % range "
        f"{phrases.format_short_range(found.low, found.high)}; normal range {span}."
    )


def _format_whole_move(alert: Alert) -> str:
    move = alert.move
    if is_derived_only(alert):
        return phrases.format_move(alert)
    change = "" if move.log_return is None else f"{phrases.format_move(alert)}, "
    before, after = (phrases.format_short_price(each) for each in (move.previous_close, move.close))
    return f"{change}{phrases.format_short_dollars(move.change)} ({before} to {after})"


def _describe_period(alert: Alert) -> str:
    within = alert.within
    if within is None:
        return f"session {figures.format_day(alert.session, year=True)}"
    start, end = figures.format_time(within.begins_at), figures.format_time(within.ends_at)
    return f"{figures.format_day(alert.session, year=True)}, {start} to {end} UTC"


def _write_certainty(alert: Alert) -> str:
    """In words, then p against the alert level, then how often an alert at this level is false."""
    p = f"{phrases.format_alert_p(alert)}, alert level {figures.format_level(alert.level)}"
    if not alert.below_level:
        return f"{alert_state.explain_no_alert(alert).capitalize()} ({p})."
    return f"{_describe_rarity(alert)} ({p}). {_describe_false_alarms(alert)}."


def _describe_rarity(alert: Alert) -> str:
    """How many normal sessions, or windows within them, move as much: 1 / p, to two digits."""
    smallest = phrases.find_smallest_p(alert)
    what = "normal session" if alert.within is None else "normal window"
    if alert.p < smallest:
        return f"Very rare: fewer than 1 {what} in {1.0 / smallest:,.0f} moves this much"
    word = "Very rare" if alert.p <= CRITICAL_SHARE * alert.level else "Rare"
    return f"{word}: about 1 {what} in {float(f'{1.0 / alert.p:.2g}'):,.0f} moves this much"


def _describe_false_alarms(alert: Alert) -> str:
    if alert.within is not None:
        own = None if alert.within.answered is None else alert.within.answered.own_calibration
        measured = ON_SIMULATED_BARS if own is None else _SHORT_VERDICTS.get(own.verdict, own.verdict)
        return f"At most {_format_yearly(BUDGET)} from such tests, {measured}"
    calibration = alert.calibration
    if calibration is None:
        return f"About {_format_yearly(alert.level)} at this level, not measured on this series"
    if alert.level == _MEASURED_AT:
        return f"About {_format_yearly(calibration.size_01)} at this level, as measured"
    return f"About {_format_yearly(alert.level)} at this level"


def _format_yearly(level: float) -> str:
    alarms = SESSIONS_A_YEAR * level
    return f"{alarms:.1f} false alarms a year" if alarms >= 0.1 else "0.1 false alarms a year or fewer"


def _write_lead(alert: Alert) -> str:
    """How soon after the news the move was, and what else could have moved the price: listed, no more."""
    news = [_describe_confounder(each) for each in alert.confounders[:1]]
    if more := len(alert.confounders) - 1:
        news += [figures.format_count(more, "more item")] if more > 0 else []
    near = [figures.format_short_day(each) for each in alert.overlaps[:_SHOWN_SESSIONS]]
    if (more := len(alert.overlaps) - _SHOWN_SESSIONS) > 0:
        near.append(figures.format_count(more, "more session"))
    also = [*news, *([f"events of {phrases.join_with_and(near)} overlap"] if near else [])]
    return f"{_describe_lead(alert)}Other news listed: {', '.join(also) or 'none'}."


def _describe_confounder(confounder: Confounder) -> str:
    told = cut_text(clean(confounder.text).removesuffix("."), _ROOM_FOR_OTHER_NEWS)
    return f"{event_lines.KINDS[confounder.kind]} ({told})"


def _describe_lead(alert: Alert) -> str:
    """From the event that the card names to the end of what was tested; empty where there is no event."""
    event = next(iter(alert_state.select_events_before(alert)), None)
    if event is None:
        return ""
    what = "Settled" if alert.within is None else "Window ended"
    end = alert.settled_at if alert.within is None else alert.within.ends_at
    if alert_state.has_no_hour(event):
        day = figures.format_day(event.known_at.date())
        return f"{what} {figures.format_utc(end)}; news of {day}, time of day unknown. "
    return (
        f"{what} {figures.format_duration(end - event.known_at)} after the news of "
        f"{figures.format_utc(event.known_at)}. "
    )


def _write_next(alert: Alert) -> str:
    """What is new in a revision, what comes next, and what to know of the data."""
    news = phrases.describe_news(alert)
    update = [f"Update {alert.revision}: {news}."] if news else []
    later = phrases.describe_later_move(alert)
    course = [f"{later[:1].upper()}{later[1:]}."] if later else []
    return " ".join([*update, *course, _describe_next(alert), *_list_warnings(alert)])


def _describe_next(alert: Alert) -> str:
    if alert.within is not None:
        told = {each.planned for each in (alert.headline, *alert.windows)}
        hour = "" if HOUR.bars in told else "the window of 60 minutes, then "
        return (
            f"Next: {hour}the settlement at {figures.format_utc(alert.within.settles_at)}, with its own test."
        )
    observed = max((each.observed for each in select_reactions(alert.windows)), default=1)
    match observed:
        case 1:
            return "Next: an update after the next settlement, and a final one after five more sessions."
        case 6:
            return "Final, unless a late event or a price correction arrives."
        case _:
            return "Next: a final update after four more sessions."


def _list_warnings(alert: Alert) -> Iterator[str]:
    if "known_at_assumed" in alert.move.quality:
        yield "Backtest: price known at settlement."
    if PARTIAL_HISTORY in alert.flags:
        yield "Partial history."
