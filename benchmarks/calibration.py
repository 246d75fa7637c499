"""`make calibration`: tests every session of the bundled prices with every model and rewrites the record.

    python -m benchmarks.calibration              # measure the bundled series; rows of other series stay
    python -m benchmarks.calibration ROWS.csv     # take in rows that `brentwatch calibrate --record` printed

About ten seconds. Run it when the prices or a model have changed; `tests/calibration` says when that is due.
Prices that may not be passed on are no part of the project: the rows of their series are measured where those
prices are, and taken in as they are.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.calibration.daily import run_placebos, summarise
from brentwatch.core.domain import BRENT_SPOT, PriceUpdate, Refused
from brentwatch.core.forecasts import table
from brentwatch.history.bundled import dump_calibrations, parse_calibrations
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from brentwatch.core.domain import Bar, Calibration

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "calibration.csv"


def main(arguments: Sequence[str] = ()) -> int:
    """Rewrite the record and print it; 1 where a model refuses the whole series."""
    if arguments:
        rows = parse_calibrations(Path(arguments[0]).read_text(encoding="utf-8"))
        rewrite(rows.values())
        return 0
    today = datetime.now(UTC).date()
    results = [calibrate(model, today) for model in table.MODELS]
    refusals = [result.reason for result in results if isinstance(result, Refused)]
    if refusals:
        print(*refusals, sep="\n", file=sys.stderr)
        return 1
    rewrite([result for result in results if not isinstance(result, Refused)])
    return 0


def rewrite(measured: Iterable[Calibration]) -> None:
    """Put the measured rows in place of those of their series, and print the record."""
    rows = list(measured)
    series = {row.series for row in rows}
    others = [
        row
        for row in parse_calibrations(RECORD.read_text(encoding="utf-8")).values()
        if row.series not in series
    ]
    text = dump_calibrations(sorted([*rows, *others], key=lambda row: row.series != BRENT_SPOT.series.name))
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")


def calibrate(model: str, made_on: date) -> Calibration | Refused:
    """The calibration of `model` on the bundled Brent spot prices."""
    tested = run_placebos(bundled_bars(), table.load(model))
    return summarise(tested, series=BRENT_SPOT.series.name, model=model, made_on=made_on)


def bundled_bars() -> list[Bar]:
    """Every session of the bundled Brent spot prices, oldest first."""
    signals = find_history("catalogue", BRENT_SPOT).signals
    return [bar for signal in signals if isinstance(signal, PriceUpdate) for bar in signal.bars]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
