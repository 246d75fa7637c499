"""`make pooled`: how often the pooled test of a list of events is wrong, and which mean move it finds.

    python -m benchmarks.pooled_record

Sets of sessions are drawn from the validation spans of three long series. Size: the share of sets with p at
or below 0.05 and 0.01, without an effect. `stories` have 2 to 12 sessions, each at most 10 after the one
before, and begin anywhere; `turbulent` ones begin in the most turbulent fifth of sessions, `shaken` ones
within 20 sessions after a move of more than three standard errors. The error is that of the draws; the sets
of a series share its sessions. Power, on Brent: the rise on each session that is found in 80 of 100 sets, and
how often the move is found that the test itself calls detectable. docs/methods.md quotes these figures. It
takes some minutes.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.long_series import BRENT, LONG_SERIES, LongSeries, read_bars, read_fits

from brentwatch.core.calibration.daily import run_placebos, split_fifths
from brentwatch.core.domain import HEADLINE, WINDOWS, Window
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.impact.shifts import PooledMean, compute_shifted_means, pool_sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from brentwatch.core.calibration.daily import Placebo
    from brentwatch.core.domain.arrays import Floats, Integers

SETS = 5_000
POWER_SETS = 1_000
NUMBERS = (1, 2, 4, 8, 16)
SPREAD = 1_000
"""Sessions over which events without a story are spread."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Every tested session of a window: abnormal returns, standard errors; which are turbulent or shaken."""

    cars: Floats
    errors: Floats
    turbulent: Integers
    shaken: Integers

    @classmethod
    def build(cls, placebos: Sequence[Placebo]) -> Sessions:
        return cls(
            np.array([each.ar for each in placebos]),
            np.array([each.sigma for each in placebos]),
            np.flatnonzero(split_fifths(placebos)[-1]),
            np.flatnonzero([each.shaken for each in placebos]),
        )

    def __len__(self) -> int:
        return len(self.cars)


def main() -> int:
    """Print the sizes, then the power."""
    series = {each: read_sessions(each) for each in LONG_SERIES}
    print(f"size, {SETS:,} sets each: series, sets, window, sessions of the series, at 0.05, at 0.01")
    for each, windows in series.items():
        for window, sessions in windows.items():
            print(*measure_sizes(each, window, sessions), sep="\n", flush=True)
    print(f"power, Brent, {POWER_SETS:,} sets each: rise in percent found in 80 of 100, at 0.05 and 0.01")
    print("events  spread   story   found at the move that the test states")
    for number in NUMBERS:
        print(measure_power(series[BRENT][HEADLINE], number), flush=True)
    return 0


def read_sessions(series: LongSeries) -> Mapping[Window, Sessions]:
    """The tested sessions of the validation span, by window."""
    tested = run_placebos(read_bars(series), load(HEADLINE_MODEL), read_fits(series), WINDOWS)
    valid = [each for each in tested if each.session >= series.validated_from]
    return {window: Sessions.build([each for each in valid if each.window == window]) for window in WINDOWS}


def draw_gaps(random: np.random.Generator, number: int) -> Integers:
    """The sessions of a story from its first, 0: the next one comes 1 to 10 later, 4 on average."""
    gaps = np.minimum(random.geometric(0.25, number - 1), 10)
    return np.concatenate([[0], np.cumsum(gaps)]).astype(np.intp)


def draw_spread(random: np.random.Generator, number: int) -> Integers:
    """Sessions anywhere within `SPREAD`, from the first."""
    at = np.sort(random.choice(SPREAD, number, replace=False))
    return np.asarray(at - at[0], dtype=np.intp)


def measure_sizes(series: LongSeries, window: Window, sessions: Sessions) -> Iterator[str]:
    starts = {"stories": np.arange(len(sessions)), "turbulent": sessions.turbulent, "shaken": sessions.shaken}
    z = sessions.cars / sessions.errors
    for name, places in starts.items():
        random = np.random.default_rng(22)
        p = np.array([compute_p(z, draw_story(random, places, len(z))) for _ in range(SETS)])
        shares = "  ".join(f"{np.mean(p <= level):.4f} ± {_error(level):.4f}" for level in (0.05, 0.01))
        yield f"{series.name:<15} {name:<10} {window!s:<7} {len(sessions):>6,}  {shares}"


def _error(level: float) -> float:
    return math.sqrt(level * (1.0 - level) / SETS)


def draw_story(random: np.random.Generator, places: Integers, length: int) -> Integers:
    """A story that begins at one of `places` and ends inside the series."""
    story = draw_gaps(random, int(random.integers(2, 13)))
    return np.asarray(random.choice(places[places + story[-1] < length]) + story, dtype=np.intp)


def compute_p(z: Floats, chosen: Integers) -> float:
    """The p of a set, without its range."""
    means = np.abs(compute_shifted_means(z, chosen))
    return float((1 + np.sum(means >= abs(z[chosen].mean()) - 1e-12)) / (1 + len(means)))


def measure_power(sessions: Sessions, number: int) -> str:
    spread, story = (_draw_sets(sessions, number, each) for each in (draw_spread, draw_gaps))
    cells = [find_detectable(sessions, sets, level) for sets in (spread, story) for level in (0.05, 0.01)]
    told = [f"{100.0 * math.expm1(each):.2f}" for each in cells]
    at_own = find_share_at_stated_move(sessions, story)
    return f"{number:>6}  {told[0]:>10} {told[1]:>6}  {told[2]:>10} {told[3]:>6}  {at_own:.3f}"


def _draw_sets(
    sessions: Sessions, number: int, draw: Callable[[np.random.Generator, int], Integers]
) -> list[Integers]:
    random = np.random.default_rng(number)
    sets = (draw(random, number) for _ in range(POWER_SETS))
    return [random.integers(0, len(sessions) - each[-1]) + each for each in sets]


def find_detectable(sessions: Sessions, sets: Sequence[Integers], level: float) -> float:
    """The log return that is found in 80 of 100 sets if it is added to each of their sessions."""
    low, high = 0.0, 0.3
    for _ in range(9):
        middle = (low + high) / 2.0
        found = [is_found(sessions, chosen, middle, level) for chosen in sets]
        low, high = (low, middle) if np.mean(found) >= 0.80 else (middle, high)
    return high


def is_found(sessions: Sessions, chosen: Integers, effect: float, level: float) -> bool:
    """True if the test finds an effect on each session; the shifts see the moved series."""
    cars = sessions.cars.copy()
    cars[chosen] += effect
    return compute_p(cars / sessions.errors, chosen) <= level


def find_share_at_stated_move(sessions: Sessions, sets: Sequence[Integers]) -> float:
    """How often the test at 0.05 finds the mean move that it calls detectable."""
    found = []
    for chosen in sets:
        stated = pool_sessions(sessions.cars, sessions.errors, chosen, 0.01)
        if isinstance(stated, PooledMean):
            found.append(is_found(sessions, chosen, stated.detectable_05, 0.05))
    return float(np.mean(found))


if __name__ == "__main__":
    sys.exit(main())
