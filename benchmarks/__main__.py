"""`make bench`: runs the benchmarks of the table and fails if a limit is exceeded.

    python -m benchmarks [--short] [NAME ...]

Figures are medians of several runs. Each is divided by the figure of a reference in the same run: a peer, a
bare loop, the imports, a fixed piece of work, or a limit of memory or disk. With --short each benchmark runs
once on little work, and the run only checks that it gives a figure.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measurement import Measurement

BENCHMARKS = {
    "install": "benchmarks.install:measure",
    "commands": "benchmarks.commands:measure",
    "record": "benchmarks.record:measure",
    "engine": "benchmarks.engine:measure",
    "placebos": "benchmarks.placebos:measure",
    "backtest": "benchmarks.backtest:measure",
    "many events": "benchmarks.many_events:measure",
    "peer": "benchmarks.peer:measure",
    "fold": "benchmarks.fold:measure",
    "ingest": "benchmarks.ingest:measure",
    "words": "benchmarks.words:measure",
    "counting": "benchmarks.counting:measure",
    "intraday": "benchmarks.intraday:measure",
    "intraday fold": "benchmarks.intraday_fold:measure",
    "stream": "benchmarks.stream.suite:measure",
}


SHORT = "--short"
"""The bound of a short run: none is checked."""


def main(words: list[str]) -> int:
    """Run the named benchmarks, or all; 1 if a row is broken, 2 for an unknown name."""
    short, chosen = SHORT in words, [word for word in words if word != SHORT]
    if unknown := [name for name in chosen if name not in BENCHMARKS]:
        print(
            f"not a benchmark: {', '.join(unknown)}; expected one of {', '.join(BENCHMARKS)}", file=sys.stderr
        )
        return 2
    rows = (measurement for name in chosen or BENCHMARKS for measurement in load(name, short=short))
    kept = [report(measurement, judged=not short) for measurement in rows]
    return 0 if all(kept) else 1


def load(name: str, *, short: bool) -> Iterable[Measurement]:
    """The figures of the benchmark of that name, one after the other."""
    module, _, attribute = BENCHMARKS[name].partition(":")
    measured: Iterable[Measurement] = getattr(import_module(module), attribute)(short=short)
    return measured


def report(measurement: Measurement, *, judged: bool = True) -> bool:
    """Print one row as soon as it is known; False if it is broken."""
    name, figure, held, verdict = measurement.row(judged=judged)
    print(f"{name:<34}  {figure:>18}  {held:<58}  {verdict}", flush=True)
    return measurement.is_kept(judged=judged)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
