"""Ideas to detect smaller moves, and how much each gives: `docs/methods.md` has the figures.

    python -m benchmarks.tried                                 # Brent and WTI spot, about a minute
    python -m benchmarks.tried FRONT.csv OTHER_FRONT.csv       # your own files with date and close

1. Yesterday's returns of Brent and WTI in the mean: fitted by least squares on the last 1,500 returns at the
   first session of each month, and subtracted from the return before it is tested.
2. One-sided tests: only a rise is called abnormal, at the same level.

An idea is adopted if it makes the detectable move 2 % smaller on the validation span.
"""

from __future__ import annotations

import csv
import math
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.long_series import BRENT, LONG_SERIES, WTI, build_bar, read_bars, read_fits

from brentwatch.core.calibration.daily import Placebo, run_placebos
from brentwatch.core.domain import Bar
from brentwatch.core.domain.returns import PriceHistory, Returns
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.abnormal_returns import minimum_detectable_effect
from brentwatch.core.forecasts.fits import month_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain.arrays import Floats

LEVEL = 0.01
ESTIMATION, FEWEST = 1_500, 500
FROM = BRENT.validated_from


def main(files: Sequence[str]) -> int:
    """Print the result of each idea."""
    bars, other = (read_file(file) for file in files) if files else (read_bars(BRENT), read_bars(WTI))
    compare_means(bars, other)
    if not files:
        compare_sides()
    return 0


def read_file(path: str) -> tuple[Bar, ...]:
    rows = csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines())
    return tuple(build_bar(date.fromisoformat(row["date"]), float(row["close"])) for row in rows)


def compare_means(bars: Sequence[Bar], other: Sequence[Bar]) -> None:
    """The detectable move with a constant mean, and with yesterday's two returns in it."""
    returns = PriceHistory.build(bars).compute_returns()
    lagged = align_lagged(returns, PriceHistory.build(other).compute_returns())
    print("yesterday's returns in the mean:")
    usual = report("constant mean", run_tests(returns, returns.values))
    for name, columns in (("own", lagged[:, :1]), ("other", lagged[:, 1:]), ("both", lagged)):
        found = report(name, run_tests(returns, returns.values - predict(returns, columns)))
        print(f"    detectable move {100.0 * (found / usual - 1.0):+.1f} %")


def align_lagged(returns: Returns, other: Returns) -> Floats:
    """For each return the return of the session before, own and of the other series; 0 if there is none."""
    known = dict(zip(other.sessions, other.values.tolist(), strict=True))
    before = [0.0, *(known.get(session, 0.0) for session in returns.sessions[:-1])]
    return np.column_stack([np.concatenate([[0.0], returns.values[:-1]]), before])


def predict(returns: Returns, columns: Floats) -> Floats:
    """The predicted part of each return, fitted on the returns before the month began; 0 at first."""
    foreseen = np.zeros(len(returns))
    slopes: Floats = np.zeros(columns.shape[1])
    for at in range(FEWEST, len(returns)):
        if month_of(returns.sessions[at - 1]) != month_of(returns.sessions[at]):
            past = slice(max(1, at - ESTIMATION), at)
            design = np.column_stack([np.ones(at - past.start), columns[past]])
            slopes = np.asarray(np.linalg.lstsq(design, returns.values[past])[0][1:], dtype=np.float64)
        foreseen[at] = columns[at] @ slopes
    return foreseen


def run_tests(returns: Returns, values: Floats) -> list[Placebo]:
    """The tests of the headline model on these returns in the validation span."""
    closes = 50.0 * np.exp(np.cumsum(values))
    bars = [build_bar(*each) for each in zip(returns.sessions, closes.tolist(), strict=True)]
    found = run_placebos(bars, table.load(table.HEADLINE_MODEL))
    return [placebo for placebo in found if placebo.session >= FROM]


def report(name: str, tested: Sequence[Placebo]) -> float:
    """Print the sizes, and return the median detectable move in percent."""
    move = 100.0 * math.expm1(
        float(np.median([minimum_detectable_effect(each.forecast, LEVEL) for each in tested]))
    )
    sizes = [np.mean([each.p <= level for each in tested]) for level in (0.05, LEVEL)]
    print(f"  {name}: n {len(tested):,}, size {sizes[0]:.4f} / {sizes[1]:.4f}, detectable {move:.2f} %")
    return move


def compare_sides() -> None:
    """The size and the power of a one-sided test of rises on each validation span."""
    print("one-sided tests of rises:")
    for series in LONG_SERIES:
        found = run_placebos(read_bars(series), table.load(table.HEADLINE_MODEL), read_fits(series))
        tested = [each for each in found if each.session >= series.validated_from]
        sizes = [measure_power(tested, 0.0, 2.0 * level) for level in (0.05, LEVEL)]
        change = find_median_detectable(tested, 2.0 * LEVEL) / find_median_detectable(tested, LEVEL) - 1.0
        print(f"  {series.name}: n {len(tested):,}, size {sizes[0]:.4f} / {sizes[1]:.4f}")
        print(f"    detectable move {100.0 * change:+.1f} %")
        for move in (3.0, 5.0, 8.0):
            two_sided, one_sided = (measure_power(tested, move, level) for level in (LEVEL, 2.0 * LEVEL))
            print(f"    a rise of {move:.0f} % is found in {one_sided:.3f} instead of {two_sided:.3f}")


def find_median_detectable(tested: Sequence[Placebo], level: float) -> float:
    """In percent. The one-sided test at 0.01 is the upper side of the two-sided one at 0.02."""
    found = [
        each.forecast.distance(level, up=True) + each.forecast.distance(0.4, up=False) for each in tested
    ]
    return 100.0 * math.expm1(float(np.median(found)))


def measure_power(tested: Sequence[Placebo], percent: float, level: float) -> float:
    move = math.log1p(percent / 100.0)
    return float(np.mean([each.ar + move >= each.forecast.distance(level, up=True) for each in tested]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
