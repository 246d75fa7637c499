"""`make intraday`: tests thousands of made-up sessions, and rewrites the record of the test.

    python -m benchmarks.intraday_calibration [SESSIONS]
    python -m benchmarks.intraday_calibration harsh

Some minutes on two cores; the second tells false alarms a session in a market of many large jumps, and writes
nothing. Run it when the test or the made-up market has changed; `tests/calibration` says
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

from brentwatch.core.calibration.intraday import FAMILY, summarise_clusters
from brentwatch.core.calibration.simulator import LIKE_BRENT, SimulatedMarket, count_history, split_sessions
from brentwatch.history.intraday_calibration import FILE, dump

if TYPE_CHECKING:
    from brentwatch.core.calibration.intraday import Counts
    from brentwatch.core.domain import Figure

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / FILE
SESSIONS, SEED = 41_600, 1
HARSH, HARSH_SESSIONS = SimulatedMarket(jumps_a_session=0.2, jump_least=0.5, jump_more=0.5), 10_400
"""A jump every fifth session, of a whole day's volatility on average."""


def main(words: list[str]) -> int:
    """Rewrite the record and print it; of a harsh market print the false alarms a session alone."""
    if words == ["harsh"]:
        found = [each for each in calibrate(HARSH_SESSIONS, HARSH) if each.measure == FAMILY]
        print(dump(found, datetime.now(UTC).date()), end="")
        return 0
    text = dump(calibrate(int(words[0]) if words else SESSIONS), datetime.now(UTC).date())
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def calibrate(sessions: int, market: SimulatedMarket = LIKE_BRENT) -> list[Figure]:
    """The figures on so many tested sessions, as `brentwatch calibrate --intraday` has them for the seed."""
    wanted = split_sessions(sessions)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(summarise_clusters(list(pool.map(partial(_counts, wanted, market), range(len(wanted))))))


def _counts(wanted: list[int], market: SimulatedMarket, number: int) -> Counts:
    return count_history(wanted[number], SEED, number, market)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
