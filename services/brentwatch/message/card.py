"""The card of an alert: six lines, each of which answers one question of a trader.

What happened; how far the price moved; how sure that is; how soon it moved, and what else happened; what
comes next; what followed past events like it, and how to check it. Before there is a test: when trade
re-opens, and how many heads-ups became abnormal.
"""

from collections.abc import Iterator

from brentwatch.core.domain import PARTIAL_HISTORY, Alert, AlertTest, BreakKind, Confounder, EventRef, Stage
from brentwatch.message import alert_state, certainty, event_lines, figures, outcomes, phrases
from brentwatch.message.analogues import add_analogue_sentence
from brentwatch.message.figures import (
    format_short_percent,
    format_short_range,
    format_whole_move,
    join_with_and,
)
from brentwatch.message.foreign import add_fitting, clean, cut_text
from brentwatch.message.heads_up import describe_no_test, describe_record

LINE_CHARACTERS = 200
"""The length of a line of the card, in code points. Readers take longer ones: older versions wrote 300."""

_ROOM_FOR_A_TITLE = 24
_ROOM_FOR_A_PLACE = 30
_LONGEST_HEADLINE, _SHORTEST_HEADLINE = 100, 12
_ROOM_FOR_OTHER_NEWS = 50
_SHOWN_SESSIONS = 2


def write_card_lines(alert: Alert) -> list[str]:
    """The lines, at most six."""
    return [
        _write_event(alert),
        _write_move(alert),
        _write_certainty(alert),
        _write_lead(alert),
        _write_next(alert),
        add_analogue_sentence(alert, f"Check: brentwatch alerts show {alert.alert_id}", LINE_CHARACTERS),
    ]


def _write_event(alert: Alert) -> str:
    """What happened where, the barrels at risk, the headline in quotes and its source."""
    if alert_state.has_lost_events(alert):
        stands = "; the price move stands" if alert.tests else ""
        return f"Every event of this alert was withdrawn{stands}."
    if not alert.events_total:
        return "No event is known: the move is unexplained."
    if alert_state.has_only_singles(alert):
        return f"No confirmed event is known, only {figures.format_count(alert.singles, 'single report')}."
    if not alert.events:
        return f"{figures.format_count(alert.events_total, 'event')}, none of them listed."
    event = (alert_state.select_events_before(alert) or alert.events)[0]
    what = event_lines.describe_what_and_where(event, _ROOM_FOR_A_PLACE)
    head, others = f"{what} · {_describe_barrels(alert, event)} · ", _count_others(alert)
    quotes_and_source = len(f'"" ({event_lines.describe_source(event)})')
    room = LINE_CHARACTERS - len(head) - len(others) - quotes_and_source
    said = event_lines.quote_headline(event, max(_SHORTEST_HEADLINE, min(_LONGEST_HEADLINE, room)))
    return f"{head}{said}{others}"


def describe_risk(alert: Alert) -> str:
    """The barrels at risk of the event that is named, with their country; empty if there is none."""
    event = next(iter(alert_state.select_events_before(alert)), None)
    if event is None:
        return ""
    if event.exposure is None:
        return _describe_barrels(alert, event)
    return f"{event_lines.describe_owned_barrels(event)} at risk"


def _describe_barrels(alert: Alert, event: EventRef) -> str:
    """The barrels of the event that is named, or of the one with the highest exposure if they are unknown."""
    if event.exposure is None:
        known = [each for each in alert.events if each.exposure is not None]
        if alert.exposure is None or not known:
            return "barrels at risk unknown"
        event = event_lines.find_highest_exposed(known)
    return f"{event_lines.describe_barrels(event)} at risk"


def _count_others(alert: Alert) -> str:
    others = alert.events_total - alert.singles - 1
    counts = [figures.format_count(others, "other event")] if others > 0 else []
    counts += [figures.format_count(alert.singles, "single report")] if alert.singles else []
    return f", and {' and '.join(counts)}" if counts else ""


def _write_move(alert: Alert) -> str:
    """How far the price moved in all, its abnormal part with its range, and the normal range."""
    test = alert.lead
    if test is None:
        return describe_no_test(alert)
    line = f"{_describe_whole_move(alert, test)} {alert_state.name_move(test)} {_describe_estimate(test)}"
    normal = f"; normal range {format_short_range(test.normal.low, test.normal.high)}"
    return add_fitting(line, [normal], LINE_CHARACTERS - 1) + "."


def _describe_whole_move(alert: Alert, test: AlertTest) -> str:
    moved, window = format_whole_move(test.move, alert), test.window
    title = cut_text(clean(alert.title), _ROOM_FOR_A_TITLE)
    day = figures.format_day(alert.session, year=True)
    match test.stage:
        case Stage.REOPEN:
            return f"{outcomes.describe_gap_span(test)}: {moved} {outcomes.describe_last_trade(test)}."
        case Stage.PROVISIONAL:
            return f"Provisional, from the last bar before the settlement: {moved}."
        case Stage.WITHIN:
            start, end = figures.format_time(window.begins_at), figures.format_time(window.ends_at)
            return f"{title} {moved}, {day}, {start} to {end} UTC."
        case _:
            return f"{title} {moved}, session {day}."


def _describe_estimate(test: AlertTest) -> str:
    """The estimate with its range; given that it alerted, if it did."""
    effect, given = figures.choose_estimate(test)
    span = format_short_range(effect.low, effect.high)
    return f"{format_short_percent(effect.estimate)}, 95 % range {span}{given}"


def _write_certainty(alert: Alert) -> str:
    """In words, then p against the alert level, then how often an alert at this level is false."""
    test = alert.lead
    if test is None:
        return describe_record(alert)
    p = f"{outcomes.format_test_p(test)}, alert level {figures.format_level(test.level)}"
    if test.is_abnormal:
        return f"{certainty.describe_rarity(test)} ({p}). {certainty.describe_false_alarms(alert, test)}."
    if alert.severity is not None:
        return f"{alert_state.explain_no_alert(alert).capitalize()} ({p})."
    return f"{certainty.describe_calm(test)} ({p}); {certainty.describe_detectable(test)}."


def _write_lead(alert: Alert) -> str:
    """How soon after the news the move was, the evidence of its story, and the other news that is listed."""
    line, story = " ".join([*_list_leads(alert)]), event_lines.describe_first_story(alert)
    news = (_list_other_news(alert), _count_other_news(alert))
    for told in (*(f"{story} {each}" for each in news), *news):
        if len(f"{line} {told}") <= LINE_CHARACTERS:
            break
    line = f"{line} {told.strip()}".strip()
    test = alert.lead
    is_weekend = test is not None and test.break_kind is BreakKind.WEEKEND and test.is_abnormal
    ask = is_weekend and alert.find_test(Stage.SETTLEMENT) is None
    return add_fitting(line, [f" {certainty.GAVE_BACK}."] if ask else [], LINE_CHARACTERS)


def _list_other_news(alert: Alert) -> str:
    news = [_describe_confounder(each) for each in alert.confounders[:1]]
    if more := len(alert.confounders) - 1:
        news += [figures.format_count(more, "more item")] if more > 0 else []
    near = [figures.format_short_day(each) for each in alert.overlaps[:_SHOWN_SESSIONS]]
    if (more := len(alert.overlaps) - _SHOWN_SESSIONS) > 0:
        near.append(figures.format_count(more, "more session"))
    also = [*news, *([f"events of {join_with_and(near)} overlap"] if near else [])]
    return f"Other news listed: {', '.join(also) or 'none'}."


def _count_other_news(alert: Alert) -> str:
    counts = [(len(alert.confounders), "item"), (len(alert.overlaps), "session with overlapping event")]
    told = join_with_and([figures.format_count(*each) for each in counts if each[0]])
    return f"Other news: {told or 'none'}."


def _describe_confounder(confounder: Confounder) -> str:
    told = cut_text(clean(confounder.text).removesuffix("."), _ROOM_FOR_OTHER_NEWS)
    return f"{event_lines.KINDS[confounder.kind]} ({told})"


def _list_leads(alert: Alert) -> Iterator[str]:
    """The time from the event that the card names to the price; the gap before a window."""
    event, test = next(iter(alert_state.select_events_before(alert)), None), alert.lead
    if event is not None and test is None:
        yield f"News known {_format_news_time(event)}."
    elif event is not None and test is not None:
        yield _describe_lead(test, event)
    if test is not None and outcomes.has_gap_before(test):
        told = outcomes.describe_gap_before(test, alert)
        yield f"{told[:1].upper()}{told[1:]}."


def _format_news_time(event: EventRef) -> str:
    if alert_state.has_no_hour(event):
        return f"{figures.format_day(event.known_at.date())}, time of day unknown"
    return figures.format_utc(event.known_at)


_ANSWERED = {
    Stage.REOPEN: "Re-opened",
    Stage.WITHIN: "Window ended",
    Stage.PROVISIONAL: "Last bar ended",
}


def _describe_lead(test: AlertTest, event: EventRef) -> str:
    what = _ANSWERED.get(test.stage, "Settled")
    end = alert_state.find_first_price(test) if test.stage is Stage.REOPEN else test.window.ends_at
    if alert_state.has_no_hour(event):
        return f"{what} {figures.format_utc(end)}; news of {_format_news_time(event)}."
    lead = figures.format_duration(end - event.known_at)
    return f"{what} {lead} after the news of {_format_news_time(event)}."


def _write_next(alert: Alert) -> str:
    """What is new in a revision, what comes next, and what to know of the data."""
    news = phrases.describe_news(alert)
    update = f"Update {alert.revision}: {news}. " if news else ""
    course = "".join(f"{each[:1].upper()}{each[1:]}. " for each in _list_courses(alert) if each != news)
    warnings = "".join(f" {each}" for each in _list_warnings(alert))
    room = LINE_CHARACTERS - len(update) - len(course) - len(warnings)
    return f"{update}{course}{phrases.describe_next(alert, room)}{warnings}"


def _list_courses(alert: Alert) -> Iterator[str]:
    """The result of the session next to an earlier test, or what the price did after it."""
    calm = outcomes.find_calm_session(alert)
    if calm is not None:
        yield f"{outcomes.describe_outcome(calm, alert)}{outcomes.describe_contrast(alert)}"
    elif alert.severity is not None and (later := phrases.describe_later_move(alert)):
        yield later


def _list_warnings(alert: Alert) -> Iterator[str]:
    if any("known_at_assumed" in each.move.quality for each in alert.tests):
        yield "Backtest: price known at settlement."
    if PARTIAL_HISTORY in alert.flags:
        yield "Partial history."
