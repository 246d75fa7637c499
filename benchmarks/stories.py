"""How often a story reaches 100 to 1 by chance, and how often with a move in each of its sessions.

    python -m benchmarks.stories        # on Brent, WTI and gas, a few seconds

Each run of `n` sessions in a row of a validation span is a story with an event in each session. A move in
percent is added to every return of it; the forecasts stay as they were. The share of these stories that ever
reach 100 to 1 is compared with the share that has a session at the alert level of 0.01, and with the
e-process that takes the mean over the shifts in each session. Standard errors are those of the mean over
blocks of a year, because neighbouring stories share sessions.

"Fed back" adds the moves to the prices themselves, in one story of each `_SPACING` sessions, so that the
forecasts of later sessions have seen them.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from benchmarks.long_series import LONG_SERIES, LongSeries, read_bars, read_fits

from brentwatch.core.calibration.daily import Placebo, run_placebos
from brentwatch.core.domain import DAILY_ALERT_LEVEL, STRONG_EVIDENCE
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.story_factors import SHIFTS, weigh_return

if TYPE_CHECKING:
    from brentwatch.core.domain.arrays import Bools, Floats

LENGTHS = (5, 10, 20)
MOVES = (0.0, 2.0, 3.0, -3.0)
FED_BACK_LENGTH = 10
_BLOCK = 250
_SPACING, _STEP = 120, 20

Numbers = TypeVar("Numbers", "Floats", "Bools")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of stories and its standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ±{self.error:.4f}"


@dataclass(frozen=True, slots=True)
class Measured:
    """The shares of stories that ever reach 100: by one product for each shift, and by the mean in a session.

    `single` is the share of stories with a session at the alert level.
    """

    stories: int
    reached: Share
    by_session: Share
    single: Share


def main() -> int:
    """Print the shares for each series, length and move."""
    for series in LONG_SERIES:
        print(f"{series.name} from {series.validated_from.year}: {len(run_tests(series)):,} sessions")
        print("  n    move    reached 100        mean in session    a session at 0.01  stories")
        for length in LENGTHS:
            for move in MOVES:
                found = measure(series, length, move)
                print(
                    f"  {length:<4} {move:+.0f} %    {found.reached}    {found.by_session}    {found.single}"
                    f"    {found.stories:,}"
                )
        for move in MOVES[1:]:
            share, stories = measure_fed_back(series, FED_BACK_LENGTH, move)
            print(f"  {FED_BACK_LENGTH:<4} {move:+.0f} %    {share}    fed back, {stories} stories")
    return 0


@cache
def run_tests(series: LongSeries) -> tuple[Placebo, ...]:
    """The session tests of the validation span."""
    tested = run_placebos(read_bars(series), table.load(table.HEADLINE_MODEL), read_fits(series))
    return tuple(each for each in tested if each.session >= series.validated_from)


def measure(series: LongSeries, length: int, percent: float) -> Measured:
    """The shares over all stories of `length` sessions in a row, with a move in percent in each session."""
    ratios, alarms = _weigh_all(series, percent)
    sums = _slide(ratios, length).cumsum(axis=2)
    by_session = _slide(np.log(np.exp(ratios).mean(axis=1))[:, None], length).cumsum(axis=2)
    limit = math.log(STRONG_EVIDENCE)
    evidence = np.logaddexp.reduce(sums, axis=1) - math.log(len(SHIFTS))
    return Measured(
        stories=len(evidence),
        reached=_share(evidence.max(axis=1) >= limit),
        by_session=_share(by_session[:, 0].max(axis=1) >= limit),
        single=_share(_slide(alarms[:, None], length)[:, 0].max(axis=1)),
    )


def measure_fed_back(series: LongSeries, length: int, percent: float) -> tuple[Share, int]:
    """The share that reaches 100 if later forecasts have seen the moves, and the number of stories."""
    move, bars = math.log1p(percent / 100.0), read_bars(series)
    start = next(place for place, bar in enumerate(bars) if bar.session >= series.validated_from)
    found: list[bool] = []
    for offset in range(start + _SPACING, start + 2 * _SPACING, _STEP):
        moved = np.zeros(len(bars))
        for first in range(offset, len(bars) - length, _SPACING):
            moved[first : first + length] = move
        factors = np.exp(np.cumsum(moved)).tolist()
        made = [replace(bar, close=bar.close * factor) for bar, factor in zip(bars, factors, strict=True)]
        weighed = {
            each.session: weigh_return(each.forecast, each.ar)
            for each in run_placebos(made, table.load(table.HEADLINE_MODEL), read_fits(series))
        }
        for first in range(offset, len(bars) - length, _SPACING):
            rows = [weighed.get(bar.session) for bar in bars[first : first + length]]
            if all(rows):  # the first sessions of a series are not tested
                evidence = np.exp(np.cumsum(np.array(rows), axis=0)).mean(axis=1)
                found.append(bool(evidence.max() >= STRONG_EVIDENCE))
    shares = np.array(found)
    return Share(float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(len(shares)))), len(found)


def _slide(values: Numbers, length: int) -> Numbers:
    """Every run of `length` rows: (runs, columns, length)."""
    return np.lib.stride_tricks.sliding_window_view(values, length, axis=0)


@cache
def _weigh_all(series: LongSeries, percent: float) -> tuple[Floats, Bools]:
    """The log ratios of each session, and whether it is at the alert level."""
    move, ratios, alarms = math.log1p(percent / 100.0), [], []
    for each in run_tests(series):
        weighed = weigh_return(each.forecast, each.ar + move)
        assert weighed is not None  # noqa: S101 - the headline model has a t forecast
        ratios.append(weighed)
        alarms.append(each.forecast.tail(each.ar + move) <= DAILY_ALERT_LEVEL)
    return np.array(ratios), np.array(alarms)


def _share(found: Bools) -> Share:
    blocks = np.array_split(found, max(2, len(found) // _BLOCK))
    means = np.array([each.mean() for each in blocks])
    return Share(float(found.mean()), float(means.std(ddof=1) / math.sqrt(len(means))))


if __name__ == "__main__":
    sys.exit(main())
