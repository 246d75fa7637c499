"""Figures where room is short: what is huge is not written out; prices only where they may be shown."""

from brentwatch.core.domain import Alert, Move, is_derived_only
from brentwatch.message import figures
from brentwatch.message.figures import MINUS, convert_to_percent, format_percent_range

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


def format_short_size(log_return: float) -> str:
    """The size of a move, a log fraction at or above zero, without a sign: "7.0 %"."""
    if convert_to_percent(log_return) >= _LARGEST_PERCENT:
        return "more than 99,999 %"
    return figures.format_size(log_return)


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
    """A small number as a word: "two"; above ten as figures."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def join_with_and(parts: list[str]) -> str:
    """Parts as one phrase: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
