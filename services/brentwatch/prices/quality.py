"""Flags what is unusual about a bar, by the bars before it. No bar is dropped: a jump may be the news."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from statistics import median

from brentwatch.core.domain import Bar
from brentwatch.core.domain.bars import (
    DUPLICATE,
    GAP,
    JUMP,
    NO_RETURN,
    NO_VOLUME,
    OFF_CALENDAR,
    ROLL,
    STUCK,
    UNIT,
)

_MOST_SIGMAS = 10.0
_YEAR = 250
_FEWEST_RETURNS = 20
_MAD_TO_SIGMA = 1.4826
"""The median size of normal noise is 1 / 1.4826 of its standard deviation."""
_SAME_IN_A_ROW = 3
_RECENT = 20
_HUNDRED = (50.0, 200.0)
"""A ratio of prices that must be a factor of 100: no price has doubled or halved within 20 sessions."""


def inspect_bars(
    bars: Sequence[Bar],
    before: Sequence[float] = (),
    *,
    last: Sequence[date] = (),
    follows: Callable[[date, date], bool] = lambda _, __: True,
    expected: Callable[[date], bool] = lambda _: True,
    rolls: Callable[[date | None, date, date], object] = lambda _, __, ___: None,
) -> tuple[Bar, ...]:
    """The bars, one for each close, oldest first, with what is unusual about each.

    Args:
        bars: as the provider gave them, oldest first.
        before: the closes (USD/bbl) before the first of them, oldest first.
        last: the sessions of the newest two of those (or fewer), oldest first.
        follows: whether nothing is missing between a session and a later one.
        expected: whether the calendar has a session on a day.
        rolls: whether a return may be a splice, from the session before the last (None if unknown), the last,
            and its own.
    """
    closes, kept = list(before[-_YEAR - 1 :]), list[Bar]()
    earlier, newest = (None, None, *last)[-2:]
    for bar, times in _merge_repeats(bars):
        found = [DUPLICATE] if times > 1 else []
        if newest is not None and newest != bar.session and not follows(newest, bar.session):
            found.append(GAP)
        if not expected(bar.session):
            found.append(OFF_CALENDAR)
        if newest is not None and rolls(earlier, newest, bar.session):
            found.append(ROLL)
        kept.append(replace(bar, quality=(*found, *_inspect_price(bar, closes))))
        closes = [*closes[-_YEAR:], bar.close]
        earlier, newest = newest, bar.session
    return tuple(kept)


def _merge_repeats(bars: Sequence[Bar]) -> Iterator[tuple[Bar, int]]:
    """The last bar of each close, and how many there were."""
    counts: dict[object, int] = {}
    chosen: dict[object, Bar] = {}
    for bar in bars:
        counts[bar.closes_at] = counts.get(bar.closes_at, 0) + 1
        chosen[bar.closes_at] = bar
    return ((bar, counts[at]) for at, bar in chosen.items())


def _inspect_price(bar: Bar, closes: Sequence[float]) -> Iterator[str]:
    if bar.close <= 0 or (closes and closes[-1] <= 0):
        yield NO_RETURN
    if _is_jump(closes, bar.close):
        yield JUMP
    if len(closes) >= _SAME_IN_A_ROW - 1 and {*closes[1 - _SAME_IN_A_ROW :], bar.close} == {bar.close}:
        yield STUCK
    if bar.volume == 0:
        yield NO_VOLUME
    if _is_unit(closes, bar.close):
        yield UNIT


def _is_jump(closes: Sequence[float], close: float) -> bool:
    if not closes or closes[-1] <= 0 or close <= 0:
        return False
    returns = [math.log(b / a) for a, b in pairwise(closes) if a > 0 and b > 0]
    if len(returns) < _FEWEST_RETURNS:
        return False
    sigma = _MAD_TO_SIGMA * median(map(abs, returns))
    return sigma > 0 and abs(math.log(close / closes[-1])) > _MOST_SIGMAS * sigma


def _is_unit(closes: Sequence[float], close: float) -> bool:
    usual = median(closes[-_RECENT:]) if closes else 0.0
    if usual <= 0 or close <= 0:
        return False
    ratio = max(close / usual, usual / close)
    return _HUNDRED[0] < ratio < _HUNDRED[1]
