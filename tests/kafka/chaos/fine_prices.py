"""Made-up bars of five minutes: whole sessions of warm-up, then a few bars a poll, with what goes wrong.

A bar may be missing for good, come once the series was complete past it, or come again with another price.
The price jumps over a break, in the first hour after it, or later in a session, with news right before; and
what a session settles at is the last bar before the settlement, or another price.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING

from tests.core.intraday_desk import DELAY, fine
from tests.kafka.chaos.prices import WARMUP

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import PriceUpdate
from brentwatch.core.intraday.clock import BAR, SETTLEMENT, SLOTS, time_of
from brentwatch.core.sessions.globex import Globex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from tests.kafka.chaos.prices import Market

    from brentwatch.core.domain import Bar
    from brentwatch.core.domain.arrays import Floats

PAST = 45
"""Sessions of warm-up: a few more than a test wants."""

JUMP = 0.08
JUMP_SLOTS = (0, 200, 2, None)
"""The slots in which prices jump, in turn; None: in that session they do not."""

ANOTHER_SETTLEMENT, DIFFERENCE = 3, 0.05
"""Every so many sessions settle that far from the last bar: what the provisional test said does not hold."""

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
    calendar = Globex()
    for session, prices in _prices(trading).items():
        hours = calendar.hours(session)
        for slot in range(SLOTS):
            opens_at = time_of(session, slot)
            if hours.opens_at <= opens_at < hours.closes_at and opens_at + BAR + DELAY <= trading.closes[-1]:
                price = round(float(prices[slot]), 2)
                yield fine(session, slot, price, price if slot == 0 else None)


def settlements(trading: Market) -> dict[date, float]:
    """What the sessions of the bars settle at."""
    prices = {session: float(closes[SETTLEMENT]) for session, closes in _prices(trading).items()}
    for number, session in enumerate(trading.sessions[WARMUP:]):
        if number % ANOTHER_SETTLEMENT == 0:
            prices[session] *= math.exp(DIFFERENCE)
    return prices


def news(trading: Market) -> list[datetime]:
    """When something is known of each jump: in the bar before it, or while trade is closed."""
    tested = enumerate(trading.sessions[WARMUP:])
    jumps = ((session, JUMP_SLOTS[number % len(JUMP_SLOTS)]) for number, session in tested)
    return [time_of(session, slot) - BAR / 2 for session, slot in jumps if slot is not None]


def _prices(trading: Market) -> dict[date, Floats]:
    """The closes of each session by slot; a jump lasts."""
    sessions, chance, level = trading.sessions[WARMUP - PAST :], Random(trading.seed), 1.0
    found: dict[date, Floats] = {}
    for number, (session, closes) in enumerate(
        zip(sessions, simulate(len(sessions), trading.seed).closes, strict=True)
    ):
        found[session] = level * closes
        slot = JUMP_SLOTS[(number - PAST) % len(JUMP_SLOTS)]
        if number >= PAST and slot is not None:
            jump = math.exp(chance.choice((-JUMP, JUMP)))
            found[session][slot:] *= jump
            level *= jump
    return found


def _revised(bar: Bar, chance: Random) -> Bar:
    return replace(bar, close=round(bar.close * chance.uniform(0.99, 1.01), 2))


def _update(
    series: str, bars: Sequence[Bar], through: datetime | None = None, *, warmup: bool = False
) -> PriceUpdate:
    end = through or bars[-1].closes_at
    return PriceUpdate(
        series=series, bars=tuple(bars), complete_through=end, known_at=end + DELAY, warmup=warmup
    )
