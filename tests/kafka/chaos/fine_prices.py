"""Made-up bars of five minutes: whole sessions of warm-up, then a few bars a poll, with what goes wrong.

A bar may be missing for good, come once the series was complete past it, or come again with another price.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from tests.core.intraday_desk import DELAY, fine
from tests.kafka.chaos.prices import WARMUP

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import PriceUpdate
from brentwatch.core.intraday.clock import BAR, SLOTS, time_of
from brentwatch.core.sessions.globex import Globex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tests.kafka.chaos.prices import Market

    from brentwatch.core.domain import Bar

PAST = 45
"""Sessions of warm-up: a few more than a test wants."""

JUMP, JUMP_SLOT, JUMP_DAYS = 0.06, 2, (0, 2, 4)
"""In the third bar on Monday, Wednesday and Friday: news of the break has opened a test with the first."""

MISSING, LATE, REVISED = 0.01, 0.02, 0.02
MOST_AT_ONCE = 3


def fine_updates(trading: Market, series: str, revised: float) -> Iterator[tuple[float, PriceUpdate]]:
    """When to write what, at places in the time of the load; `revised` adds to the polls with a revision."""
    chance = Random(f"{trading.seed} {series} {revised}")
    expected = list(bars(trading))
    seen = [bar.closes_at + DELAY <= trading.closes[WARMUP - 1] for bar in expected].count(True)
    for _, session in groupby(expected[:seen], key=lambda bar: bar.session):
        yield 0.0, _update(series, list(session), warmup=True)
    while seen < len(expected):
        polled = expected[seen : seen + chance.randrange(1, MOST_AT_ONCE + 1)]
        seen += len(polled)
        through = polled[-1].closes_at
        at = trading.place(through + DELAY)
        late = [bar for bar in polled if chance.random() < LATE]
        told = [bar for bar in polled if bar not in late and chance.random() >= MISSING]
        if chance.random() < REVISED + revised:
            told.append(_revised(expected[seen - chance.randrange(1, 12)], chance))
        yield at, _update(series, told, through)
        if late:
            yield at, _update(series, late, through)


def bars(trading: Market) -> Iterator[Bar]:
    """The bars that can be seen before the last session settles."""
    sessions, calendar = trading.sessions[WARMUP - PAST :], Globex()
    closes = simulate(len(sessions), trading.seed).closes
    chance = Random(trading.seed)
    for number, session in enumerate(sessions):
        hours, prices = calendar.hours(session), closes[number]
        if number >= PAST and session.weekday() in JUMP_DAYS:
            prices[JUMP_SLOT:] *= np.exp(chance.choice((-JUMP, JUMP)))
        for slot in range(SLOTS):
            opens_at = time_of(session, slot)
            if hours.opens_at <= opens_at < hours.closes_at and opens_at + BAR + DELAY <= trading.closes[-1]:
                price = round(float(prices[slot]), 2)
                yield fine(session, slot, price, price if slot == 0 else None)


def _revised(bar: Bar, chance: Random) -> Bar:
    return replace(bar, close=round(bar.close * chance.uniform(0.99, 1.01), 2))


def _update(
    series: str, bars: Sequence[Bar], through: datetime | None = None, *, warmup: bool = False
) -> PriceUpdate:
    end = through or bars[-1].closes_at
    return PriceUpdate(
        series=series, bars=tuple(bars), complete_through=end, known_at=end + DELAY, warmup=warmup
    )
