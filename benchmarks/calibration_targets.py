"""`make targets`: the calibration targets of the headline model, on the validation spans of three series.

    python -m benchmarks.calibration_targets

Each target is printed with n, the measured value, its standard error, its limits, and the value of the first
edition of the headline model (no calendar, one scale for both tails). The exit code is 1 if a target is
BROKEN.

* gap: in each class of calendar days the size is within two binomial standard errors of the level.
* pooled: after three calendar days or more, over all series, it is 0.042 to 0.058 at 0.05, and 0.007 to 0.013
  at 0.01.
* direction: alarms up less alarms down at 0.01 are within two standard errors.
* fifth, shock: the size at 0.05 is at most one standard error farther from 0.05 than in the first edition.
* coverage: the range given an alert holds true effects of 0 to 8 % in 0.93 to 0.98 of alerts, within two
  standard errors.

The last lines have no target: they say how often the sessions after an alert have p <= 0.05.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.long_series import LONG_SERIES, LongSeries, read_bars, read_fits

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.calibration.dimensions import AFTER, measure_dimension, split_windows
from brentwatch.core.domain import HEADLINE, GroupSize, Scale
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, NormalReturns, Path
from brentwatch.core.forecasts.garch_t import FAMILY, GarchT
from brentwatch.core.sessions.roll import NO_ROLL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from brentwatch.core.calibration.dimensions import SeriesPlacebos
    from brentwatch.core.domain import Refused
    from brentwatch.core.domain.returns import Returns

POOLED = {0.05: (0.042, 0.058), 0.01: (0.007, 0.013)}
COVERAGE = (0.93, 0.98)


@dataclass(frozen=True, slots=True)
class FirstEdition:
    """The headline model in its first edition: no calendar, and one scale for both tails."""

    within: GarchT
    name: str = "first edition"
    family: str = FAMILY
    monthly: bool = True
    adaptive: bool = True
    edition: int = 1

    def fit(self, past: Returns) -> Fit | Refused:
        return self.within.fit(past)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path:
        k = 1.0 if memory is None else math.exp(memory.log_k)
        path = self.within.forecast_scaled(past, fit, ahead, k)
        return path if memory is None else replace(path, scale=Scale(k, memory.since))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory:
        first = path.steps[0]
        return (memory or Memory(session)).widen(first.tail(value - first.expected))


EDITIONS: dict[int, NormalReturns] = {1: FirstEdition(GarchT()), 2: table.load(table.HEADLINE_MODEL)}


@dataclass(frozen=True, slots=True)
class Target:
    """A measured `value` with its standard `error`; the target is kept if it is from `low` to `high`."""

    series: str
    dimension: str
    group: str
    n: int
    value: float
    error: float
    low: float
    high: float
    first_edition: float

    @property
    def is_kept(self) -> bool:
        return self.low <= self.value <= self.high

    def __str__(self) -> str:
        what = f"{self.series:<15} {self.dimension:<10} {self.group:<25} {self.n:>6,}"
        measured = f"{self.value:>8.4f} ± {self.error:.4f}   {self.low:>7.4f} to {self.high:.4f}"
        return f"{what} {measured}   {'kept' if self.is_kept else 'BROKEN':<6}   {self.first_edition:>8.4f}"


def main() -> int:
    """Print every target; 1 if one is broken."""
    targets = list(measure_targets())
    head = f"{'series':<15} {'dimension':<10} {'group':<25} {'n':>6} {'value':>8} ± {'error':<6}   limits"
    print(f"{head:<86}   verdict  first edition")
    print(*targets, sep="\n")
    broken = [each for each in targets if not each.is_kept]
    print(f"{len(targets) - len(broken)} of {len(targets)} targets are kept")
    print(*measure_after_alerts(), sep="\n")
    return 1 if broken else 0


def measure_targets() -> Iterator[Target]:
    """The targets of each series, then those over all of them."""
    second, first = run_validation_spans(2), run_validation_spans(1)
    for name, placebos in second.items():
        yield from build_gap_targets(name, placebos, first[name])
        yield build_direction_target(name, placebos, first[name])
        yield from build_volatility_targets(name, placebos, first[name])
    yield from build_pooled_targets(list(second.values()), list(first.values()))
    for name, placebos in second.items():
        yield from build_coverage_targets(name, placebos, first[name])


@cache
def run_validation_spans(edition: int) -> Mapping[str, SeriesPlacebos]:
    """The tests of each validation span; the scales learn from the beginning of the series."""
    return {series.name: run_validation_span(series, EDITIONS[edition]) for series in LONG_SERIES}


def run_validation_span(series: LongSeries, model: NormalReturns) -> SeriesPlacebos:
    bars = read_bars(series)
    tested = run_placebos(bars, model, read_fits(series), (HEADLINE, AFTER))
    since = [placebo for placebo in tested if placebo.session >= series.validated_from]
    return split_windows(since, [bar.session for bar in bars], NO_ROLL)


def build_gap_targets(name: str, second: SeriesPlacebos, first: SeriesPlacebos) -> Iterator[Target]:
    for size, before in pair_sizes("gap", second, first):
        error = find_binomial_error(size)
        low, high = size.nominal - 2.0 * error, size.nominal + 2.0 * error
        yield build_target(name, size, low, high, before.size, error)


def build_volatility_targets(name: str, second: SeriesPlacebos, first: SeriesPlacebos) -> Iterator[Target]:
    pairs = [*pair_sizes("fifth", second, first), *pair_sizes("shock", second, first)]
    for size, before in pairs:
        if size.nominal == 0.05:
            reach = abs(before.size - size.nominal) + find_binomial_error(size)
            yield build_target(name, size, size.nominal - reach, size.nominal + reach, before.size)


def build_direction_target(name: str, second: SeriesPlacebos, first: SeriesPlacebos) -> Target:
    (up, down), (up_before, down_before) = (count_directions(each) for each in (second, first))
    return Target(
        series=name,
        dimension="direction",
        group=f"{up} up, {down} down at 0.01",
        n=len(second.tested),
        value=(up - down) / math.sqrt(up + down),
        error=1.0,
        low=-2.0,
        high=2.0,
        first_edition=(up_before - down_before) / math.sqrt(up_before + down_before),
    )


def count_directions(series: SeriesPlacebos) -> tuple[int, int]:
    """Alarms at 0.01, up and down."""
    signs = [placebo.ar > 0.0 for placebo in series.tested if placebo.p <= 0.01]
    return sum(signs), len(signs) - sum(signs)


def build_pooled_targets(
    second: Sequence[SeriesPlacebos], first: Sequence[SeriesPlacebos]
) -> Iterator[Target]:
    """The size after three calendar days or more, over all series."""
    for level, (low, high) in POOLED.items():
        size, before = (pool_long_gaps(edition, level) for edition in (second, first))
        yield build_target("all", size, low, high, before.size)


def pool_long_gaps(edition: Sequence[SeriesPlacebos], level: float) -> GroupSize:
    ps = [each.p for series in edition for each in series.tested if each.days >= 3]
    share = sum(p <= level for p in ps) / len(ps)
    error = math.sqrt(level * (1.0 - level) / len(ps))
    group = "3 days and more"
    return GroupSize(dimension="pooled", group=group, nominal=level, n=len(ps), size=share, error=error)


def build_coverage_targets(name: str, second: SeriesPlacebos, first: SeriesPlacebos) -> Iterator[Target]:
    for size, before in pair_sizes("coverage", second, first):
        if size.group.startswith("alerts"):
            low, high = COVERAGE[0] - 2.0 * size.error, COVERAGE[1] + 2.0 * size.error
            yield build_target(name, size, low, high, before.size)


def measure_after_alerts() -> Iterator[str]:
    """The share of p at or below 0.05 in [1, 1] and [1, 5] after an alert, all series together."""
    found = [
        size
        for placebos in run_validation_spans(2).values()
        for size in measure_dimension("after_alert", placebos)
        if size.nominal == 0.05
    ]
    for group in dict.fromkeys(size.group for size in found):
        sizes = [size for size in found if size.group == group]
        count, alarms = sum(size.n for size in sizes), sum(round(size.n * size.size) for size in sizes)
        error = math.sqrt(alarms * (count - alarms) / count**3)
        each = ", ".join(f"{size.size:.4f} of {size.n}" for size in sizes)
        share = f"{alarms / count:.4f} ± {error:.4f} of {count} ({each})"
        yield f"after an alert {group} has p <= 0.05 in {share}"


def pair_sizes(
    dimension: str, second: SeriesPlacebos, first: SeriesPlacebos
) -> Iterator[tuple[GroupSize, GroupSize]]:
    """The sizes of both editions; a group that only one of them has is left out."""
    before = {(each.group, each.nominal): each for each in measure_dimension(dimension, first)}
    for size in measure_dimension(dimension, second):
        if found := before.get((size.group, size.nominal)):
            yield size, found


def find_binomial_error(size: GroupSize) -> float:
    return math.sqrt(size.nominal * (1.0 - size.nominal) / size.n)


def build_target(
    series: str, size: GroupSize, low: float, high: float, first_edition: float, error: float | None = None
) -> Target:
    group = size.group if size.dimension == "coverage" else f"{size.group} at {size.nominal}"
    shown = size.error if error is None else error
    return Target(series, size.dimension, group, size.n, size.size, shown, low, high, first_edition)


if __name__ == "__main__":
    sys.exit(main())
