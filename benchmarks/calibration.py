"""`make calibration`: tests every session of the bundled prices with every model and rewrites the record.

    python -m benchmarks.calibration

About ten seconds. Run it when the prices or a model have changed; `tests/calibration` says when that is due.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.calibration import placebos, summarise
from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.core.normal_returns import table
from brentwatch.core.refused import Refused
from brentwatch.core.signals import PriceUpdate
from brentwatch.history.calibration import dump
from brentwatch.history.folder import find

if TYPE_CHECKING:
    from datetime import date

    from brentwatch.core.bars import Bar
    from brentwatch.core.study import Calibration

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "calibration.csv"


def main() -> int:
    """Rewrite the record and print it; 1 where a model refuses the whole series."""
    today = datetime.now(UTC).date()
    results = [calibrate(model, today) for model in table.MODELS]
    refusals = [result.reason for result in results if isinstance(result, Refused)]
    if refusals:
        print(*refusals, sep="\n", file=sys.stderr)
        return 1
    text = dump(result for result in results if not isinstance(result, Refused))
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def calibrate(model: str, made_on: date) -> Calibration | Refused:
    """The calibration of `model` on the bundled Brent spot prices."""
    tested = placebos(bundled_bars(), table.load(model))
    return summarise(tested, series=BRENT_SPOT.series, model=model, made_on=made_on)


def bundled_bars() -> list[Bar]:
    """Every session of the bundled Brent spot prices, oldest first."""
    signals = find("catalogue", BRENT_SPOT).signals
    return [bar for signal in signals if isinstance(signal, PriceUpdate) for bar in signal.bars]


if __name__ == "__main__":
    sys.exit(main())
