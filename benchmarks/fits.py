"""`make fits`: fits every month of the bundled prices anew and rewrites the rows that a replay reads.

    python -m benchmarks.fits

About ten seconds. Run it when the prices or a model have changed; `tests/calibration` says when that is due.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.calibration import bundled_bars

from brentwatch.core.forecasts import table
from brentwatch.core.monitor.bundling import bundle_fits
from brentwatch.history.rules import dump_fits

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "fits.csv"


def main() -> int:
    """Rewrite the rows and say how many there are."""
    rows = bundle_fits(bundled_bars(), [table.load(name) for name in table.ADAPTIVE])
    RECORD.write_text(dump_fits(rows), encoding="utf-8")
    print(f"{len(rows)} months, {min(rows)} to {max(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
