"""`make intraday`: tests thousands of made-up sessions, and rewrites the record of the intraday test.

    python -m benchmarks.intraday_calibration [SESSIONS]
    python -m benchmarks.intraday_calibration harsh

It takes some minutes on two cores. The second form prints the false alarms per session in a market of many
large jumps, and writes nothing. Run it if the test or the made-up market has changed; a test in
`tests/calibration` fails when it is due.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.calibration.intraday import FAMILY, summarise_clusters
from brentwatch.core.calibration.simulator import WITH_GAPS, SimulatedMarket, count_history, split_sessions
from brentwatch.history.intraday_calibration import FILE, dump

if TYPE_CHECKING:
    from brentwatch.core.calibration.intraday import Counts
    from brentwatch.core.domain import Figure

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / FILE
SESSIONS, SEED = 41_600, 1
HARSH, HARSH_SESSIONS = SimulatedMarket(jumps_a_session=0.2, jump_least=0.5, jump_more=0.5), 10_400
"""A jump every fifth session, of a whole day's volatility on average; no gaps, so no test of a re-open."""


def main(words: list[str]) -> int:
    """Rewrite the record and print it; for a harsh market only print the false alarms per session."""
    if words == ["harsh"]:
        found = [each for each in calibrate(HARSH_SESSIONS, HARSH) if each.measure == FAMILY]
        print(dump(found, datetime.now(UTC).date()), end="")
        return 0
    text = dump(calibrate(int(words[0]) if words else SESSIONS), datetime.now(UTC).date())
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def calibrate(sessions: int, market: SimulatedMarket = WITH_GAPS) -> list[Figure]:
    """The figures on `sessions` tested sessions, as in `brentwatch calibrate --intraday` with the seed."""
    wanted = split_sessions(sessions)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(summarise_clusters(list(pool.map(partial(_counts, wanted, market), range(len(wanted))))))


def _counts(wanted: list[int], market: SimulatedMarket, number: int) -> Counts:
    return count_history(wanted[number], SEED, number, market)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
