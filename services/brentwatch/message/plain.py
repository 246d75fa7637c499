"""Figures in the words of an alert: with a leading zero, and short whatever their size."""

from __future__ import annotations

from brentwatch.message import figures
from brentwatch.message.figures import MINUS, SMALLEST_P, convert_to_percent, format_percent_range

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
