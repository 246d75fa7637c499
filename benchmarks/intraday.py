"""The cost of intraday statistics: a year of bars after another, the slowest bar of a session, the memory.

The bars come one by one, as on the timeline. Each session has two tests with two windows, which are computed
with the bar that closes them. The slowest bar is that of the first test, which computes the reference of the
session. The steps of the monitor itself are not included.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.child import own_peak
from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.references import python_loop, sorting

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.intraday.clock import slot_of
from brentwatch.core.intraday.minutes import WINDOWS
from brentwatch.core.intraday.openings import Start
from brentwatch.core.intraday.reference import KEPT, build_reference
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.intraday.window_study import WindowFound, study
from brentwatch.core.monitor.worked_out import WorkedOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.core.intraday.session_bars import IntradayBar

_TESTED_FROM = (150, 200)
"""The first slots of the tests of a session."""


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """The figures, from a process of its own for its peak memory."""
    sessions = 3 if short else KEPT
    words = [sys.executable, "-m", "benchmarks.intraday", str(sessions)]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, slowest, megabytes = map(float, told.stdout.split())
    loop, sort = python_loop(), sorting()
    each = Reference(f"{loop.name}, for each session", sessions * loop.value)
    yield Measurement("intraday, a year bar by bar", seconds, "s", AtMost(18, each))
    one = Reference(sort.name, 1000 * sort.value)
    yield Measurement("intraday, a session's slowest bar", 1000 * slowest, "ms", AtMost(80, one))
    limit = Reference("its limit of 200 MB", 200)
    yield Measurement("intraday, two years: peak memory", megabytes, "MB", AtMost(1, limit))


@dataclass(slots=True)
class Fold:
    """The sessions that are over, and the current one."""

    past: list[SessionBars] = field(default_factory=list)
    worked_out: WorkedOut = field(default_factory=WorkedOut)
    found: int = 0

    def session(self, empty: SessionBars, bars: Sequence[IntradayBar]) -> float:
        """Process a session bar by bar; the seconds of the slowest bar."""
        today, slowest = empty, 0.0
        for bar in bars:
            began = time.process_time()
            today = today.add_bar(bar).complete(bar.closes_at)
            self.found += self._looked_at(today)
            slowest = max(slowest, time.process_time() - began)
        self.past = [*self.past, today.complete(empty.hours.closes_at)][-KEPT:]
        return slowest

    def _looked_at(self, today: SessionBars) -> int:
        """The tests with a window that the newest bar closed."""
        known = slot_of(today.session, today.through)
        due = [(slot, window) for slot in _TESTED_FROM for window in WINDOWS if slot + window.bars == known]
        if not due:
            return 0
        past, grid = tuple(each.grid for each in self.past), today.grid
        against = self.worked_out.references.find(past, lambda: build_reference(past))
        results = [study(against, grid, Start(today.session, slot, False), window) for slot, window in due]
        return sum(isinstance(each, WindowFound) for each in results)


def main(sessions: int) -> int:
    """Print the seconds of the sessions after a year, of their slowest bars, and the peak memory in MB."""
    made, fold, slowest = simulate(KEPT + sessions, 1), Fold(), []
    fold.past.extend(made.build_bars(at) for at in range(KEPT))
    spent = 0.0
    for at in range(KEPT, KEPT + sessions):
        whole = made.build_bars(at)
        empty = SessionBars(session=whole.session, hours=whole.hours, through=whole.hours.opens_at)
        began = time.process_time()
        slowest.append(fold.session(empty, whole.bars))
        spent += time.process_time() - began
    print(f"{spent:.3f} {median(slowest):.5f} {own_peak():.0f}")
    return 0 if fold.found else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
