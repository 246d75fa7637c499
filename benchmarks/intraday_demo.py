"""Makes the prices of the bundled history `intraday-demo`: simulated, with moves added by hand.

    python -m benchmarks.intraday_demo

Prices come from the simulated market of `core/calibration/simulator`, which has no news; MOVES adds the
effects of news. The events and `history.toml` are written by hand. The files are the same each time; a test
in `tests/history` fails if they differ.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import BRENT_FRONT
from brentwatch.core.intraday.clock import SETTLEMENT, slot_of, time_of
from brentwatch.core.sessions.globex import Globex
from brentwatch.history.intraday_files import BARS
from brentwatch.history.manifest import PRICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from brentwatch.core.calibration.simulator import Simulated

FOLDER = Path(__file__).parents[1] / "services/brentwatch/history/data/intraday-demo"
FIRST, DAYS, SEED = date(2018, 1, 1), 1_665, 42
FIRST_WITH_BARS = date(2024, 3, 13)
"""The first session, as in a feed of sixty calendar days of bars just before the story."""
FIRST_OF_STORY = date(2024, 5, 13)

MOVES: Mapping[datetime, float] = {
    datetime(2024, 5, 12, 22, 0, tzinfo=UTC): 0.012,
    datetime(2024, 5, 14, 13, 50, tzinfo=UTC): 0.024,
    datetime(2024, 5, 14, 14, 15, tzinfo=UTC): 0.009,
    datetime(2024, 5, 16, 12, 10, tzinfo=UTC): 0.026,
}
"""Moves as log fractions, by the beginning of their bar; at the first bar of a session, before that bar."""


def main() -> int:
    """Rewrite the files and print their lengths."""
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
        print(f"{name}: {len(data.splitlines()) - 1:,} rows")
    return 0


def files() -> dict[str, bytes]:
    """The price files by their names."""
    calendar, market = Globex(), simulate(DAYS, SEED, first=FIRST)
    kept = [at for at, day in enumerate(market.sessions) if calendar.find_on_or_after(day) == day]
    daily, bars = ["date,usd_per_bbl,known_at"], ["opens_at,usd_per_bbl,open"]
    for at in kept:
        closes = market.closes[at] * np.exp(_moved(market.sessions[at]))
        daily.append(f"{market.sessions[at]},{closes[SETTLEMENT]:.2f},{_say_when_known(market.sessions[at])}")
        if market.sessions[at] >= FIRST_WITH_BARS:
            bars += _bars(market, at, closes)
    return {PRICES: _text(daily), BARS: _text(bars)}


def _say_when_known(session: date) -> str:
    """When a live source would have had the settlement; empty for sessions before the story."""
    known_at = BRENT_FRONT.series.closes_at(session) + BRENT_FRONT.series.delay
    return f"{known_at:%Y-%m-%dT%H:%MZ}" if session >= FIRST_OF_STORY else ""


def _moved(session: date) -> NDArray[np.float64]:
    """The effect of the moves on prices, by slot."""
    moved = np.zeros(276)
    for begins_at, move in MOVES.items():
        moved[max(slot_of(session, begins_at), 0) :] += move
    return moved


def _bars(market: Simulated, at: int, closes: NDArray[np.float64]) -> Iterator[str]:
    session, first = market.sessions[at], True
    for slot in np.flatnonzero(market.traded[at]).tolist():
        opened = f"{market.opens[at] * np.exp(_moved(session)[0]):.2f}" if first else ""
        first = False
        yield f"{time_of(session, slot):%Y-%m-%dT%H:%MZ},{closes[slot]:.2f},{opened}"


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
