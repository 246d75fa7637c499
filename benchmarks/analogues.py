"""`make calibration`: the bundled past events, and how often the interval of their median is right.

    python -m benchmarks.analogues

It rewrites `history/data/analogues.csv` from the bundled catalogue and its prices; a test fails when that is
due. Then it measures the interval on placebo events: random sessions of the bundled series, so that the true
median is that of all sessions. The distances to the event are drawn at random; the ages are the real ones.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.analogues.likeness import HALF_LIFE, REACH
from brentwatch.core.analogues.spread import count_effective, summarise_moves
from brentwatch.core.domain import PriceUpdate
from brentwatch.history.folder import find_history
from brentwatch.history.past_events import dump_past_events, measure_past_events

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "analogues.csv"


def main() -> int:
    """Rewrite the table, and print the coverage of the interval."""
    TABLE.write_text(
        dump_past_events(measure_past_events(find_history("catalogue").signals)), encoding="utf-8"
    )
    print("sessions after  events  effective  coverage of the 95 % interval")
    for sessions, events, effective, coverage in measure_coverage():
        print(f"{sessions:14}  {events:6}  {effective:9.1f}  {coverage:.3f}")
    return 0


def measure_coverage(trials: int = 4_000, seed: int = 22) -> Iterator[tuple[int, int, float, float]]:
    """(sessions after, events, mean effective number, coverage) on placebo events that do not overlap."""
    bars = [
        bar
        for signal in find_history("catalogue").signals
        if isinstance(signal, PriceUpdate)
        for bar in signal.bars
    ]
    logs, rng = np.log([bar.close for bar in bars]), np.random.default_rng(seed)
    for sessions in (0, 1, 5):
        moves = logs[1 + sessions :] - logs[: -1 - sessions]
        apart = moves[:: sessions + 1]  # windows that do not overlap
        for events in (10, 15, 30, 60):
            yield (sessions, events, *_try(rng, apart, float(np.median(apart)), events, trials))


def _try(
    rng: np.random.Generator, moves: np.ndarray, truth: float, events: int, trials: int
) -> tuple[float, float]:
    """The mean effective number of events, and the share of intervals that hold the true median."""
    held, sizes = [], []
    for _ in range(trials):
        drawn = rng.choice(len(moves), size=events, replace=False)
        near = 1.0 - (rng.uniform(0.0, REACH, events) / REACH) ** 2
        years = (len(moves) - drawn) / len(moves) * 25.0
        weights = (near * 0.5 ** (years * 365.25 / HALF_LIFE.days)).tolist()
        spread = summarise_moves(moves[drawn].tolist(), weights)
        if spread is not None:
            held.append(spread.interval_low <= truth <= spread.interval_high)
            sizes.append(count_effective(weights))
    return (float(np.mean(sizes)), float(np.mean(held))) if held else (float("nan"), float("nan"))


if __name__ == "__main__":
    sys.exit(main())
