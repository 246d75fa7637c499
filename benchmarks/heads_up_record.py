"""`make calibration`: how heads-ups ended in a replay of the bundled catalogue, by the end of each year.

    python -m benchmarks.heads_up_record

A heads-up shows this record. The number of sessions, and how many are abnormal anyway, come from the
calibration record. Run it after `benchmarks.calibration`, and if the catalogue or the rules have changed; a
test in `tests/calibration` fails when it is due.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from brentwatch.core.domain import BRENT_SPOT, Found, HeadsUpRecord
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.history.bundled import dump_heads_up_records, load_calibrations
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.turns import Tally, replay_signals

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "heads_up_record.csv"


def main() -> int:
    """Rewrite the record and print it."""
    text = dump_heads_up_records(measure())
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def measure() -> Iterator[HeadsUpRecord]:
    """The record on the bundled Brent spot prices, whole years and the last one."""
    tally = Tally()
    for turn in replay_signals(build_rules(BRENT_SPOT), find_history("catalogue").signals):
        tally.take(turn)
    announced = {alert.session for alert in tally.alerts.values() if alert.heads_up is not None}
    tested = {day: study.result for day, study in tally.headlines.items() if day in announced}
    for known in load_calibrations()[BRENT_SPOT.series.name, HEADLINE_MODEL]:
        counted = [each for day, each in tested.items() if day <= known.last and isinstance(each, Found)]
        yield HeadsUpRecord(
            first=known.first,
            last=known.last,
            count=len(counted),
            abnormal=sum(each.p <= BRENT_SPOT.alert_level for each in counted),
            placebo=known.size_01,
        )


if __name__ == "__main__":
    sys.exit(main())
