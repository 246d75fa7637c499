"""Series and prices that tests of prices share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from brentwatch.core.domain import SERIES
from brentwatch.core.sessions import table

SPOT, FRONT = SERIES["brent-spot"], SERIES["brent-front"]
FRONT_BARS = replace(FRONT, name="brent-front-5m", interval="5m", delay=timedelta(minutes=15))

MONDAY = date(2024, 1, 8)
WEEK = {MONDAY + timedelta(days=day): 76.0 + day for day in range(5)}
"""Five sessions of prices, Monday 8 to Friday 12 January 2024."""

NOW = datetime(2024, 1, 17, 21, tzinfo=UTC)


def ordinary(calendar: str, last: date, count: int) -> dict[date, float]:
    """Prices of so many sessions up to `last`: a seeded walk of 1.5 % a day around 80 USD/bbl."""
    chance, price, found = Random(7), 80.0, dict[date, float]()
    for session in newest_sessions(calendar, last, count):
        price *= 1 + chance.gauss(0, 0.015)
        found[session] = round(price, 2)
    return found


def newest_sessions(calendar: str, last: date, count: int) -> list[date]:
    """So many sessions up to `last`, oldest first."""
    days, day = list[date](), last - timedelta(days=2 * count)
    while (day := table.load(calendar).find_on_or_after(day)) <= last:
        days.append(day)
        day += timedelta(days=1)
    return days[-count:]
