"""`make fits`: makes new fits for every month of the bundled prices and of the three long series.

    python -m benchmarks.fits

Replays and tests read the rows instead of fitting. It takes less than a minute. Run it if the prices or a
model have changed; a test in `tests/calibration` fails when it is due.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.calibration import bundled_bars
from benchmarks.long_series import LONG_SERIES, read_bars

from brentwatch.core.forecasts import table
from brentwatch.core.monitor.bundling import bundle_fits
from brentwatch.history.rules import dump_fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Bar

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "fits.csv"


def main() -> int:
    """Rewrite the rows and print how many there are."""
    rewrite(RECORD, bundled_bars())
    for series in LONG_SERIES:
        rewrite(series.fits_file, read_bars(series))
    return 0


def rewrite(path: Path, bars: Sequence[Bar]) -> None:
    rows = bundle_fits(bars, table.load(table.HEADLINE_MODEL))
    path.write_text(dump_fits(rows), encoding="utf-8")
    print(f"{path.name}: {len(rows)} months, {min(rows)} to {max(rows)}")


if __name__ == "__main__":
    sys.exit(main())
