"""`make calibration`: tests every session of the bundled prices with every model and rewrites both records.

    python -m benchmarks.calibration              # measure the bundled series; rows of other series stay
    python -m benchmarks.calibration ROWS.csv     # add rows that `brentwatch calibrate --record` printed, for
                                                  # the record or, with `--by all`, the record by dimension

It takes about half a minute. Run it if the prices or a model have changed; a test in `tests/calibration`
fails when it is due. Prices that may not be redistributed are not part of the project: the rows of their
series are measured elsewhere, on those prices, and added unchanged.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.calibration.daily import run_placebos, summarise_by_year
from brentwatch.core.calibration.dimensions import (
    AFTER,
    DIMENSIONS,
    SeriesPlacebos,
    measure_dimension,
    split_windows,
)
from brentwatch.core.calibration.uniformity import run_fit_tests
from brentwatch.core.domain import BRENT_SPOT, HEADLINE, FitTest, GroupSize, PriceUpdate, Refused
from brentwatch.core.forecasts import table
from brentwatch.history.bundled import dump_calibrations, parse_calibrations
from brentwatch.history.dimension_record import (
    FILE,
    RecordedFigure,
    dump_dimensions,
    parse_dimensions,
)
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from brentwatch.core.domain import Bar, Calibration

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "calibration.csv"
DIMENSION_RECORD = RECORD.with_name(FILE)


def main(arguments: Sequence[str] = ()) -> int:
    """Rewrite the record and print it; 1 if a model refuses the whole series."""
    if arguments:
        take_in(Path(arguments[0]).read_text(encoding="utf-8"))
        return 0
    today = datetime.now(UTC).date()
    results = [calibrate(model, today) for model in table.MODELS]
    refusals = [result.reason for result in results if isinstance(result, Refused)]
    if refusals:
        print(*refusals, sep="\n", file=sys.stderr)
        return 1
    rewrite([row for result in results if not isinstance(result, Refused) for row in result])
    series = BRENT_SPOT.series.name
    rewrite_dimensions(
        [RecordedFigure(series, model, each) for model in table.MODELS for each in measure_figures(model)]
    )
    return 0


def take_in(text: str) -> None:
    """Replace the rows of a series in one of the two records; the header says which."""
    if "dimension" in text.partition("\n")[0].split(","):
        rewrite_dimensions(parse_dimensions(text))
    else:
        rewrite(chain.from_iterable(parse_calibrations(text).values()))


def rewrite(measured: Iterable[Calibration]) -> None:
    """Replace the rows of a series by the measured ones, and print the record."""
    rows = list(measured)
    series = {row.series for row in rows}
    others = [
        row
        for row in chain.from_iterable(parse_calibrations(RECORD.read_text(encoding="utf-8")).values())
        if row.series not in series
    ]
    text = dump_calibrations(sorted([*rows, *others], key=lambda row: row.series != BRENT_SPOT.series.name))
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")


def rewrite_dimensions(measured: Sequence[RecordedFigure]) -> None:
    """The same for the record by dimension, which is too long to print."""
    series = {row.series for row in measured}
    kept = parse_dimensions(DIMENSION_RECORD.read_text(encoding="utf-8"))
    rows = [*measured, *(row for row in kept if row.series not in series)]
    ordered = sorted(rows, key=lambda row: row.series != BRENT_SPOT.series.name)
    DIMENSION_RECORD.write_text(dump_dimensions(ordered), encoding="utf-8")
    print(f"{DIMENSION_RECORD.name}: {len(ordered)} rows, {len(measured)} of them new")


def calibrate(model: str, made_on: date) -> tuple[Calibration, ...] | Refused:
    """The calibration of `model` on the bundled Brent spot prices, at the end of each year and today."""
    tested = run_bundled(model).tested
    return summarise_by_year(tested, series=BRENT_SPOT.series.name, model=model, made_on=made_on)


def measure_figures(model: str) -> list[GroupSize | FitTest]:
    """The result of `brentwatch calibrate --by all` for `model` on the bundled Brent spot prices."""
    placebos = run_bundled(model)
    sizes = [size for name in DIMENSIONS for size in measure_dimension(name, placebos)]
    return [*sizes, *run_fit_tests(placebos.tested)]


@cache
def run_bundled(model: str) -> SeriesPlacebos:
    """Every test of the bundled Brent spot prices, with new fits."""
    bars = bundled_bars()
    tested = run_placebos(bars, table.load(model), windows=(HEADLINE, AFTER))
    return split_windows(tested, [bar.session for bar in bars], BRENT_SPOT.series.roll)


def bundled_bars() -> list[Bar]:
    """Every session of the bundled Brent spot prices, oldest first."""
    signals = find_history("catalogue", BRENT_SPOT).signals
    return [bar for signal in signals if isinstance(signal, PriceUpdate) for bar in signal.bars]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
