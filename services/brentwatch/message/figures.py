"""Figures as a trader reads them: percent and dollars with their sign, and no digit that is not known.

Log fractions become simple percent here and nowhere else. Short forms do not write out what is huge, and give
prices only where they may be shown.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from brentwatch.core.domain import Alert, AlertTest, Found, GivenAlert, Move, MoveFound, is_derived_only

MINUS = "\N{MINUS SIGN}"
"""As wide as the plus; a hyphen gets lost in front of a figure."""

SMALLEST_P = 0.002
"""No p is printed below it: the tail of a model is not known that well."""

# Names of its own: those of `strftime` change with the machine's locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LARGEST_PERCENT = 100_000.0
_LARGEST_PRICE = 10_000_000.0
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def format_percent(log_return: float) -> str:
    """A log fraction as simple percent, exp(x) - 1, with its sign: "+1.3 %"."""
    return f"{_format_signed(convert_to_percent(log_return), 1)} %"


def convert_to_percent(log_return: float) -> float:
    """A log fraction as simple percent, a number: 100 (exp(x) - 1); infinite where no number holds it."""
    try:
        return 100.0 * math.expm1(log_return)
    except OverflowError:
        return math.inf


def format_axis_percent(value: float) -> str:
    """A mark of an axis in simple percent: "+5 %", "0 %"."""
    return f"{_format_signed(value, 0 if value == round(value) else 1)} %" if value else "0 %"


def format_percent_range(low: float, high: float) -> str:
    """Two log fractions as a range of simple percent: "+3.1 to +5.8 %"."""
    return f"{format_percent(low).removesuffix(' %')} to {format_percent(high)}"


def format_size(log_return: float) -> str:
    """A log fraction at or above zero as the size of a rise, without a sign: "6.1 %"."""
    return f"{convert_to_percent(log_return):.1f} %"


def format_dollars(usd: float) -> str:
    """A change in USD/bbl with its sign: "+7.15 USD/bbl"."""
    return f"{_format_signed(usd, 2)} USD/bbl"


def format_price(usd: float) -> str:
    """A price without its unit, which may be below zero: "68.42"."""
    return f"{usd:.2f}".replace("-", MINUS)


def _format_signed(value: float, digits: int) -> str:
    """With the sign of the value itself, also where it rounds to zero; "±" is zero and nothing else."""
    sign = "+" if value > 0.0 else MINUS if value < 0.0 else "±"
    return f"{sign}{abs(value):,.{digits}f}"


def format_p_number(p: float, smallest: float = SMALLEST_P) -> str:
    """A p with two digits that count: "0.47", "0.048", "0.0055", and "< 0.002" below `smallest`."""
    if p < smallest:
        return f"< {format_level(smallest)}"
    return f"{p:.{2 if p >= 0.1 else 3 if p >= 0.01 else 4}f}"


def format_p_value(p: float, smallest: float = SMALLEST_P) -> str:
    """A p as people read it: "p = 0.47", "p = 0.0055", and "p < 0.002" below `smallest`."""
    number = format_p_number(p, smallest)
    return f"p {number}" if number.startswith("<") else f"p = {number}"


def format_level(share: float) -> str:
    """A level as it was set: "0.01"."""
    return f"{share:.6f}".rstrip("0").rstrip(".")


def choose_estimate(test: AlertTest) -> tuple[GivenAlert, str]:
    """The estimate and its range, of a test that opened an alert given that it did, and words that say so."""
    if test.given_alert is not None:
        return test.given_alert, " given that it alerted"
    return GivenAlert(test.estimate, test.range.low, test.range.high), ""


def format_estimate(found: Found | MoveFound, told_p: Callable[[float], str] = format_p_value) -> str:
    """Estimate, range, p, in this order: "+11.1 %, 95 % range +6.9 to +15.3 %, p < 0.002"."""
    estimate = found.car if isinstance(found, Found) else found.move
    span = format_percent_range(found.low, found.high)
    return f"{format_percent(estimate)}, 95 % range {span}, {told_p(found.p)}"


def format_barrels(kbd: float) -> str:
    """Thousand barrels a day: "1.8 mb/d", below 100 as "85 kb/d"."""
    if round(kbd) >= 100:
        return f"{kbd / 1000.0:.1f} mb/d"
    return f"{kbd:.0f} kb/d" if kbd >= 1.0 or kbd == 0.0 else "under 1 kb/d"


def format_exposure(weight: float | None) -> str:
    """A weight from 0 to 1: "0.65"; unknown is never zero."""
    if weight is None:
        return "exposure unknown"
    return f"{weight:.2f}" if weight >= 0.005 or weight == 0.0 else "under 0.01"


def format_day(session: date, *, year: bool = False) -> str:
    """A session's date: "Mon 16 Sep", with its year "Mon 16 Sep 2019"."""
    return f"{_DAYS[session.weekday()]} {format_short_day(session)}" + (f" {session.year}" if year else "")


def format_short_day(session: date) -> str:
    """Where room is short: "16 Sep"."""
    return f"{session.day} {_MONTHS[session.month - 1]}"


def format_utc(instant: datetime, *, year: bool = False) -> str:
    """An aware instant in UTC: "Sat 14 Sep 00:45 UTC"."""
    moment = instant.astimezone(UTC)
    return f"{format_day(moment.date(), year=year)} {moment:%H:%M} UTC"


def format_weekday_time(instant: datetime) -> str:
    """An aware instant in UTC that is a few days from the session: "Sun 22:05 UTC"."""
    moment = instant.astimezone(UTC)
    return f"{_DAYS[moment.weekday()]} {moment:%H:%M} UTC"


def format_time(instant: datetime) -> str:
    """The time of day of an aware instant in UTC, without its zone: "00:45"."""
    return f"{instant.astimezone(UTC):%H:%M}"


def format_duration(duration: timedelta) -> str:
    """How long something took: "18 minutes", from two hours on "62.8 h", from five days on "7.0 days"."""
    minutes = duration.total_seconds() / 60.0
    if minutes < 120.0:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60.0:.1f} h" if minutes < 7200.0 else f"{minutes / 1440.0:,.1f} days"


def format_count(count: int, noun: str) -> str:
    """A number and its noun: "1 event", "1,500 events"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def format_short_percent(log_return: float) -> str:
    """A log fraction as simple percent with its sign: "+11.7 %"; what is huge is not written out."""
    if convert_to_percent(log_return) >= _LARGEST_PERCENT:
        return "more than +99,999 %"
    return format_percent(log_return)


def format_short_range(low: float, high: float) -> str:
    """Two log fractions as a range of simple percent: "+3.1 to +5.8 %"."""
    if convert_to_percent(high) >= _LARGEST_PERCENT:
        return f"{format_short_percent(low)} to {format_short_percent(high)}"
    return format_percent_range(low, high)


def format_short_dollars(usd: float) -> str:
    """A change in USD/bbl with its sign: "+7.17 USD/bbl"."""
    if abs(usd) < _LARGEST_PRICE:
        return format_dollars(usd)
    return f"{'+' if usd > 0.0 else MINUS}{abs(usd):.1e} USD/bbl"


def format_short_price(usd: float) -> str:
    """A price without its unit: "68.42"."""
    return format_price(usd) if abs(usd) < _LARGEST_PRICE else f"{usd:.1e}".replace("-", MINUS, 1)


def format_short_size(log_return: float) -> str:
    """The size of a move, a log fraction at or above zero, without a sign: "7.0 %"."""
    if convert_to_percent(log_return) >= _LARGEST_PERCENT:
        return "more than 99,999 %"
    return format_size(log_return)


def format_move(move: Move, alert: Alert) -> str:
    """What the price did: "+11.7 %"; in dollars where a price is zero or below."""
    if move.log_return is not None:
        return format_short_percent(move.log_return)
    return "no percentage" if is_derived_only(alert) else format_short_dollars(move.change)


def format_whole_move(move: Move, alert: Alert) -> str:
    """The move in percent and dollars, and the prices: "+11.6 %, +7.17 USD/bbl (61.25 to 68.42)"."""
    if is_derived_only(alert):
        return format_move(move, alert)
    change = "" if move.log_return is None else f"{format_move(move, alert)}, "
    before, after = (format_short_price(each) for each in (move.previous_close, move.close))
    return f"{change}{format_short_dollars(move.change)} ({before} to {after})"


def format_frequency(p: float) -> str:
    """How rare it is, 1 / p to two digits: "1,100"."""
    return f"{float(f'{1.0 / p:.2g}'):,.0f}"


def spell_number(number: int) -> str:
    """A small number as a word: "two"; above ten as"""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def join_with_and(parts: list[str]) -> str:
    """Parts as one phrase: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
