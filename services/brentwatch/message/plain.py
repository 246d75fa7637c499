"""Figures in the words of an alert: with a leading zero, and short whatever their size."""

from __future__ import annotations

from brentwatch.message import figures
from brentwatch.message.figures import MINUS, SMALLEST_P, percent_range, simple

_LARGEST_PERCENT = 100_000.0
_LARGEST_PRICE = 10_000_000.0
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def p_equals(p: float, smallest: float = SMALLEST_P) -> str:
    """A p with two digits that count: "p = 0.47", "p = 0.0055", and "p < 0.002" below `smallest`."""
    if p < smallest:
        return f"p < {share(smallest)}"
    return f"p = {p:.{2 if p >= 0.1 else 3 if p >= 0.01 else 4}f}"


def share(value: float) -> str:
    """A level or a share as it was set: "0.01"."""
    return f"{value:g}"


def percent(log_return: float) -> str:
    """A log fraction as simple percent with its sign: "+11.7 %"; what is huge is not written out."""
    if simple(log_return) >= _LARGEST_PERCENT:
        return "more than +99,999 %"
    return figures.percent(log_return)


def percent_between(low: float, high: float) -> str:
    """Two log fractions as a range of simple percent: "+3.1 to +5.8 %"."""
    if simple(high) >= _LARGEST_PERCENT:
        return f"{percent(low)} to {percent(high)}"
    return percent_range(low, high)


def dollars(usd: float) -> str:
    """A change in USD/bbl with its sign: "+7.17 USD/bbl"."""
    if abs(usd) < _LARGEST_PRICE:
        return figures.dollars(usd)
    return f"{'+' if usd > 0.0 else MINUS}{abs(usd):.1e} USD/bbl"


def price(usd: float) -> str:
    """A price without its unit: "68.42"."""
    return figures.price(usd) if abs(usd) < _LARGEST_PRICE else f"{usd:.1e}".replace("-", MINUS, 1)


def in_words(number: int) -> str:
    """A small number as a word: "two"; above ten as figures."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def listed(parts: list[str]) -> str:
    """Parts as one phrase: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
