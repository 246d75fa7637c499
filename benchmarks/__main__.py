"""`make bench`: measures what is in the table, and fails when a limit is broken.

    python -m benchmarks [NAME ...]

Figures are medians of several runs; they are worth something on a machine that does nothing else meanwhile.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measurement import Measurement

BENCHMARKS = {
    "commands": "benchmarks.commands:measure",
    "engine": "benchmarks.engine:measure",
    "placebos": "benchmarks.placebos:measure",
    "peer": "benchmarks.peer:measure",
    "fold": "benchmarks.fold:measure",
    "ingest": "benchmarks.ingest:measure",
    "intraday": "benchmarks.intraday:measure",
    "within": "benchmarks.within:measure",
    "stream": "benchmarks.stream.suite:measure",
}


def main(chosen: list[str]) -> int:
    """Measure what is chosen, all where nothing is; 1 when a limit is broken, 2 for an unknown name."""
    if unknown := [name for name in chosen if name not in BENCHMARKS]:
        print(f"not a benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    kept = [report(measurement) for name in chosen or BENCHMARKS for measurement in load(name)]
    return 0 if all(kept) else 1


def load(name: str) -> Iterable[Measurement]:
    """What the benchmark of that name measures, one figure after the other."""
    module, _, attribute = BENCHMARKS[name].partition(":")
    measured: Iterable[Measurement] = getattr(import_module(module), attribute)()
    return measured


def report(measurement: Measurement) -> bool:
    """Print one row as soon as it is known; False when a limit is broken."""
    name, value, held, verdict = measurement.row()
    print(f"{name:<34}  {value:>18}  {held:<22}  {verdict}", flush=True)
    return measurement.kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
