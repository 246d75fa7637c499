"""The words that travel with an alert: one line for a lock screen, and a card of at most six lines.

Every channel sends these words, and they are made here alone: from the alert, and from nothing else, so that
the same alert has the same words live and in a replay. Each line of the card answers one question of a
trader.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from brentwatch.core.domain import ON_SIMULATED_BARS, PARTIAL_HISTORY, Alert, Confounder, Within
from brentwatch.core.errors import STOPPING
from brentwatch.core.intraday.minutes import BUDGET, HOUR, SESSIONS_A_YEAR
from brentwatch.message import event_lines, phrases
from brentwatch.message.details import normal_range
from brentwatch.message.figures import format_count, format_day, format_utc
from brentwatch.message.findings import select_reactions
from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.published import CARD_LINE_CHARACTERS, CARD_LINES, LOCK_SCREEN_CHARACTERS, AlertText


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
    moved = (
        f"{alert.severity.upper()} {phrases.cut_title(alert)} {phrases.format_move(alert)} "
        f"{phrases.describe_time(alert)}"
    )
    p = f" ({phrases.format_alert_p(alert)})"
    if alert.revision == 1:
        room = LOCK_SCREEN_CHARACTERS - len(moved) - len(p)
        return f"{moved}{_choose_fitting(phrases.describe_events_before(alert), room)}{p}"
    head = f"UPDATE {alert.revision}: {moved}{p}"
    room = LOCK_SCREEN_CHARACTERS - len(head)
    news = _choose_fitting((f"; {phrases.describe_news(alert)}",), room)
    return f"{head}{_choose_fitting(phrases.describe_events_before(alert), room - len(news))}{news}"


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


_ROOM_FOR_A_TITLE = 40
_ROOM_FOR_A_HEADLINE = 120
_ROOM_FOR_OTHER_NEWS = 100
_SHOWN = 2


def write_card_lines(alert: Alert) -> list[str]:
    """What moved; how sure that is; what happened; what is at risk; what else happened; what comes next."""
    return [
        _write_move(alert),
        _write_certainty(alert),
        _write_event(alert),
        _write_risk(alert),
        _write_other_causes(alert),
        _write_next(alert),
    ]


def _write_move(alert: Alert) -> str:
    move = alert.move
    title = cut_text(clean(alert.title), _ROOM_FOR_A_TITLE)
    change = "" if move.log_return is None else f" {phrases.format_short_percent(move.log_return)}"
    without = ", no percentage: a price is zero or below" if move.log_return is None else ""
    moved = f"{title}{change} ({phrases.format_short_dollars(move.change)}{without})"
    return f"{_describe_update(alert)}{moved} {_describe_prices(alert)}.{_describe_later_move(alert)}"


def _describe_update(alert: Alert) -> str:
    news = phrases.describe_news(alert)
    return f"Update {alert.revision}: {news}. " if news else ""


def _describe_prices(alert: Alert) -> str:
    """From which price to which."""
    move, within = alert.move, alert.within
    if within is None:
        before, after = (
            f"close of {format_day(move.previous_session)}",
            f"close of {format_day(move.session)}",
        )
        return (
            f"from {phrases.format_short_price(move.previous_close)} ({before}) to "
            f"{phrases.format_short_price(move.close)} "
            f"USD/bbl ({after})"
        )
    window = (
        f"from {_format_time(within.begins_at)} to {_format_time(within.ends_at)} UTC on "
        f"{format_day(alert.session)}"
    )
    return (
        f"{window}: {phrases.format_short_price(move.previous_close)} to "
        f"{phrases.format_short_price(move.close)} USD/bbl"
    )


def _describe_later_move(alert: Alert) -> str:
    after = phrases.describe_later_move(alert)
    return f" {after[:1].upper()}{after[1:]}." if after else ""


def _write_certainty(alert: Alert) -> str:
    """p, how often an alert at this level is false, and what the price does when nothing happens."""
    level = f"alert level {phrases.format_share(alert.level)}"
    against = level if alert.below_level else f"{level}: {phrases.explain_no_alert(alert)}"
    return (
        f"{phrases.format_alert_p(alert)}, {against}. {_describe_false_alarms(alert)}. "
        f"{_format_normal_range(alert)}."
    )


def _describe_false_alarms(alert: Alert) -> str:
    if alert.within is not None:
        rate = f"At most {_format_yearly_alarms(BUDGET)} from tests during trading hours"
        return f"{rate} ({_describe_calibration(alert.within)})"
    calibration = alert.calibration
    if calibration is None:
        return (
            f"About {_format_yearly_alarms(alert.level)} at this level (uncalibrated: not measured on this "
            "series)"
        )
    measured = f"measured on {calibration.n:,} sessions"
    if alert.level == 0.01:  # the level at which it was measured
        measured += f": {SESSIONS_A_YEAR * calibration.size_01:.1f}"
    return f"About {_format_yearly_alarms(alert.level)} at this level ({measured})"


def _format_yearly_alarms(level: float) -> str:
    alarms = SESSIONS_A_YEAR * level
    return f"{alarms:.1f} false alarms a year" if alarms >= 0.1 else "0.1 false alarms a year or fewer"


def _describe_calibration(within: Within) -> str:
    own = None if within.answered is None else within.answered.own_calibration
    return ON_SIMULATED_BARS if own is None else str(own)


def _format_normal_range(alert: Alert) -> str:
    span = phrases.format_short_range(*normal_range(alert.headline))
    what = "Normal range (95 %)" if alert.within is None else "Normal range at that hour (95 %)"
    return f"{what}: {span}"


def _write_event(alert: Alert) -> str:
    if phrases.is_withdrawn(alert):
        return "What happened: every event of this alert was withdrawn; the price move stands."
    if not alert.events_total:
        return "What happened: no event is known, the move is unexplained."
    if not alert.events:
        return f"What happened: {format_count(alert.events_total, 'event')}, none of them listed."
    event = (phrases.select_events_before(alert) or alert.events)[0]
    has_headline = bool(clean(event.summary))
    said = (
        f": {event_lines.quote_headline(event, _ROOM_FOR_A_HEADLINE)}"
        if has_headline
        else f" ({event_lines.describe_source(event)})"
    )
    others = alert.events_total - 1
    more = f" Also {format_count(others, 'other event')}." if others > 0 else ""
    if later := len(alert.events) - len(phrases.select_events_before(alert)):
        more += f" {format_count(later, 'event')} became known after the window had begun."
    return (
        f"What happened: {event_lines.describe_what_and_where(event)}, known "
        f"{format_utc(event.known_at)}{said}.{more}"
    )


def _write_risk(alert: Alert) -> str:
    if alert.exposure is None:
        return "Barrels at risk: unknown."
    weight = f"{alert.exposure:.2f}" if alert.exposure >= 0.005 else "under 0.01"
    exposure = f"exposure {weight} on a scale of 0 to 1"
    known = [each for each in alert.events if each.exposure is not None]
    if not known:
        return f"Barrels at risk: unknown ({exposure})."
    return (
        "Barrels at risk: "
        f"{event_lines.format_barrels_and_country(event_lines.find_highest_exposed(known))} ({exposure})."
    )


def _write_other_causes(alert: Alert) -> str:
    """What else could have moved the price; it is listed, and nothing is taken off for it."""
    news = _select_first([_format_confounder(each) for each in alert.confounders], "more item")
    near = _select_first([format_day(each) for each in alert.overlaps], "more session")
    parts = [", ".join(news)] if news else []
    parts += [f"events of {phrases.join_with_and(near)} are close enough to overlap"] if near else []
    return f"Also: {'; '.join(parts)}." if parts else "Also: nothing else is listed for this session."


def _select_first(parts: list[str], noun: str) -> list[str]:
    more = len(parts) - _SHOWN
    return [*parts[:_SHOWN], format_count(more, noun)] if more > 0 else parts


def _format_confounder(confounder: Confounder) -> str:
    told = cut_text(clean(confounder.text).removesuffix("."), _ROOM_FOR_OTHER_NEWS)
    return f"{event_lines.KINDS[confounder.kind]} ({told})"


def _write_next(alert: Alert) -> str:
    return " ".join([_describe_next(alert), _describe_data(alert), *_list_warnings(alert)])


def _describe_next(alert: Alert) -> str:
    if alert.within is not None:
        settlement = f"the settlement at {format_utc(alert.within.settles_at)}, which has its own test"
        told = {each.planned for each in (alert.headline, *alert.windows)}
        hour = "" if HOUR.bars in told else "the window of 60 minutes, if trading goes on so long, then "
        return f"Next: {hour}{settlement}."
    observed = max((each.observed for each in select_reactions(alert.windows)), default=1)
    match observed:
        case 1:
            return "Next: an update after the next settlement, and a final one after five more sessions."
        case 6:
            return "Final, unless a late event or a price correction arrives."
        case _:
            return "Next: a final update after four more sessions."


def _describe_data(alert: Alert) -> str:
    series = f"Data: {cut_text(clean(alert.series), _ROOM_FOR_A_TITLE)}"
    if alert.within is not None:
        answered = alert.within.answered
        through = "" if answered is None else f" through {format_utc(answered.data_through)}"
        return f"{series}, 5-minute bars{through}."
    as_of = f", newest data {format_utc(alert.known_at)}" if alert.known_at > alert.settled_at else ""
    return f"{series}, settled {format_utc(alert.settled_at, year=True)}{as_of}."


def _list_warnings(alert: Alert) -> Iterator[str]:
    if "known_at_assumed" in alert.move.quality:
        yield "Backtest assumption: price known at settlement."
    if PARTIAL_HISTORY in alert.flags:
        yield "Partial history: the oldest records are missing."


def _format_time(instant: datetime) -> str:
    return format_utc(instant)[-9:].removesuffix(" UTC")
