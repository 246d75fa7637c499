"""The six lines of an alert's card; each answers one question of a trader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.own_calibration import ON_SIMULATED_BARS
from brentwatch.core.domain.study import PARTIAL_HISTORY
from brentwatch.core.intraday.windows import BUDGET, HOUR
from brentwatch.core.monitor.intraday.budget import SESSIONS_A_YEAR
from brentwatch.message.events import (
    KINDS,
    barrels_and_country,
    headline,
    highest_exposed,
    voucher,
    what_and_where,
)
from brentwatch.message.figures import counted, day, utc
from brentwatch.message.findings import reactions
from brentwatch.message.foreign import clean, clipped
from brentwatch.message.measures import normal_range
from brentwatch.message.news import afterwards, events_before, is_withdrawn, no_longer, told_p, what_is_new
from brentwatch.message.plain import dollars, listed, percent, percent_between, price, share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.confounders import Confounder
    from brentwatch.core.domain.study import Within

_ROOM_FOR_A_TITLE = 40
_ROOM_FOR_A_HEADLINE = 120
_ROOM_FOR_OTHER_NEWS = 100
_SHOWN = 2


def card_lines(alert: Alert) -> list[str]:
    """What moved; how sure that is; what happened; what is at risk; what else happened; what comes next."""
    return [
        _move_line(alert),
        _certainty_line(alert),
        _event_line(alert),
        _risk_line(alert),
        _also_line(alert),
        _next_line(alert),
    ]


def _move_line(alert: Alert) -> str:
    move = alert.move
    title = clipped(clean(alert.title), _ROOM_FOR_A_TITLE)
    change = "" if move.log_return is None else f" {percent(move.log_return)}"
    without = ", no percentage: a price is zero or below" if move.log_return is None else ""
    moved = f"{title}{change} ({dollars(move.change)}{without})"
    return f"{_update(alert)}{moved} {_prices(alert)}.{_since(alert)}"


def _update(alert: Alert) -> str:
    news = what_is_new(alert)
    return f"Update {alert.revision}: {news}. " if news else ""


def _prices(alert: Alert) -> str:
    """From which price to which."""
    move, within = alert.move, alert.within
    if within is None:
        before, after = f"close of {day(move.previous_session)}", f"close of {day(move.session)}"
        return f"from {price(move.previous_close)} ({before}) to {price(move.close)} USD/bbl ({after})"
    window = f"from {_clock(within.begins_at)} to {_clock(within.ends_at)} UTC on {day(alert.session)}"
    return f"{window}: {price(move.previous_close)} to {price(move.close)} USD/bbl"


def _since(alert: Alert) -> str:
    after = afterwards(alert)
    return f" {after[:1].upper()}{after[1:]}." if after else ""


def _certainty_line(alert: Alert) -> str:
    """p, how often an alert at this level is false, and what the price does when nothing happens."""
    level = f"alert level {share(alert.level)}"
    against = level if alert.below_level else f"{level}: {no_longer(alert)}"
    return f"{told_p(alert)}, {against}. {_false_alarms(alert)}. {_normal_range(alert)}."


def _false_alarms(alert: Alert) -> str:
    if alert.within is not None:
        rate = f"At most {_a_year(BUDGET)} from tests during trading hours"
        return f"{rate} ({_calibrated_during(alert.within)})"
    calibration = alert.calibration
    if calibration is None:
        return f"About {_a_year(alert.level)} at this level (uncalibrated: not measured on this series)"
    measured = f"measured on {calibration.n:,} sessions"
    if alert.level == 0.01:  # the level at which it was measured
        measured += f": {SESSIONS_A_YEAR * calibration.size_01:.1f}"
    return f"About {_a_year(alert.level)} at this level ({measured})"


def _a_year(level: float) -> str:
    alarms = SESSIONS_A_YEAR * level
    return f"{alarms:.1f} false alarms a year" if alarms >= 0.1 else "0.1 false alarms a year or fewer"


def _calibrated_during(within: Within) -> str:
    own = None if within.answered is None else within.answered.own_calibration
    return ON_SIMULATED_BARS if own is None else str(own)


def _normal_range(alert: Alert) -> str:
    span = percent_between(*normal_range(alert.headline))
    what = "Normal range (95 %)" if alert.within is None else "Normal range at that hour (95 %)"
    return f"{what}: {span}"


def _event_line(alert: Alert) -> str:
    if is_withdrawn(alert):
        return "What happened: every event of this alert was withdrawn; the price move stands."
    if not alert.events_total:
        return "What happened: no event is known, the move is unexplained."
    if not alert.events:
        return f"What happened: {counted(alert.events_total, 'event')}, none of them listed."
    event = (events_before(alert) or alert.events)[0]
    has_headline = bool(clean(event.summary))
    said = f": {headline(event, _ROOM_FOR_A_HEADLINE)}" if has_headline else f" ({voucher(event)})"
    others = alert.events_total - 1
    more = f" Also {counted(others, 'other event')}." if others > 0 else ""
    if later := len(alert.events) - len(events_before(alert)):
        more += f" {counted(later, 'event')} became known after the window had begun."
    return f"What happened: {what_and_where(event)}, known {utc(event.known_at)}{said}.{more}"


def _risk_line(alert: Alert) -> str:
    if alert.exposure is None:
        return "Barrels at risk: unknown."
    weight = f"{alert.exposure:.2f}" if alert.exposure >= 0.005 else "under 0.01"
    exposure = f"exposure {weight} on a scale of 0 to 1"
    known = [each for each in alert.events if each.exposure is not None]
    if not known:
        return f"Barrels at risk: unknown ({exposure})."
    return f"Barrels at risk: {barrels_and_country(highest_exposed(known))} ({exposure})."


def _also_line(alert: Alert) -> str:
    """What else could have moved the price; it is listed, and nothing is taken off for it."""
    news = _first_of([_other_news(each) for each in alert.confounders], "more item")
    near = _first_of([day(each) for each in alert.overlaps], "more session")
    parts = [", ".join(news)] if news else []
    parts += [f"events of {listed(near)} are close enough to overlap"] if near else []
    return f"Also: {'; '.join(parts)}." if parts else "Also: nothing else is listed for this session."


def _first_of(parts: list[str], noun: str) -> list[str]:
    more = len(parts) - _SHOWN
    return [*parts[:_SHOWN], counted(more, noun)] if more > 0 else parts


def _other_news(confounder: Confounder) -> str:
    told = clipped(clean(confounder.text).removesuffix("."), _ROOM_FOR_OTHER_NEWS)
    return f"{KINDS[confounder.kind]} ({told})"


def _next_line(alert: Alert) -> str:
    return " ".join([_next(alert), _data(alert), *_warnings(alert)])


def _next(alert: Alert) -> str:
    if alert.within is not None:
        settlement = f"the settlement at {utc(alert.within.settles_at)}, which has its own test"
        told = {each.planned for each in (alert.headline, *alert.windows)}
        hour = "" if HOUR.bars in told else "the window of 60 minutes, if trading goes on so long, then "
        return f"Next: {hour}{settlement}."
    observed = max((each.observed for each in reactions(alert.windows)), default=1)
    match observed:
        case 1:
            return "Next: an update after the next settlement, and a final one after five more sessions."
        case 6:
            return "Final, unless a late event or a price correction arrives."
        case _:
            return "Next: a final update after four more sessions."


def _data(alert: Alert) -> str:
    series = f"Data: {clipped(clean(alert.series), _ROOM_FOR_A_TITLE)}"
    if alert.within is not None:
        answered = alert.within.answered
        through = "" if answered is None else f" through {utc(answered.data_through)}"
        return f"{series}, 5-minute bars{through}."
    as_of = f", newest data {utc(alert.known_at)}" if alert.known_at > alert.settled_at else ""
    return f"{series}, settled {utc(alert.settled_at, year=True)}{as_of}."


def _warnings(alert: Alert) -> Iterator[str]:
    if "known_at_assumed" in alert.move.quality:
        yield "Backtest assumption: price known at settlement."
    if PARTIAL_HISTORY in alert.flags:
        yield "Partial history: the oldest records are missing."


def _clock(instant: datetime) -> str:
    return utc(instant)[-9:].removesuffix(" UTC")
