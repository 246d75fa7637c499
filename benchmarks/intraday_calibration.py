"""`make intraday`: tests thousands of made-up sessions, and rewrites the record of the test.

    python -m benchmarks.intraday_calibration [SESSIONS]

Some minutes on two cores. Run it when the test or the made-up market has changed; `tests/calibration` says
when that is due.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.intraday.calibration import figures
from brentwatch.core.intraday.histories import counts_of, lengths
from brentwatch.history.intraday_calibration import FILE, dump

if TYPE_CHECKING:
    from brentwatch.core.intraday.calibration import Counts, Figure

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / FILE
SESSIONS, SEED = 41_600, 1


def main(words: list[str]) -> int:
    """Rewrite the record and print it."""
    text = dump(calibrate(int(words[0]) if words else SESSIONS), datetime.now(UTC).date())
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def calibrate(sessions: int) -> list[Figure]:
    """The figures on so many tested sessions, as `brentwatch calibrate --intraday` has them for the seed."""
    wanted = lengths(sessions)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(figures(list(pool.map(partial(_counts, wanted), range(len(wanted))))))


def _counts(wanted: list[int], number: int) -> Counts:
    return counts_of(wanted[number], SEED, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
