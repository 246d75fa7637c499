"""`make calibration`: how many sessions of the bundled prices were abnormal, and after how many events came.

    python -m benchmarks.level_record

The detail of an alert shows this record. The number of sessions, and how many were abnormal, come from the
calibration record; how many of these followed an event is counted in a replay of the bundled catalogue. Run
it after `benchmarks.calibration`, and if the catalogue or the rules have changed; a test in
`tests/calibration` fails when it is due.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brentwatch.core.domain import BRENT_SPOT, LevelRecord
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.history.bundled import dump_level_records, load_calibrations
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.turns import Tally, replay_signals

RECORD = Path(__file__).parents[1] / "services" / "brentwatch" / "history" / "data" / "level_record.csv"


def main() -> int:
    """Rewrite the record and print it."""
    text = dump_level_records([measure()])
    RECORD.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def measure() -> LevelRecord:
    """The record of the bundled Brent spot prices at the level of their alerts."""
    calibration = load_calibrations()[BRENT_SPOT.series.name, HEADLINE_MODEL][-1]
    return LevelRecord(
        series=calibration.series,
        level=BRENT_SPOT.alert_level,
        first=calibration.first,
        last=calibration.last,
        sessions=calibration.n,
        abnormal=round(calibration.n * calibration.size_01),
        after_events=count_alerts_after_events(),
    )


def count_alerts_after_events() -> int:
    """The alerts of the catalogue with an abnormal test and an event, in their last revision."""
    tally = Tally()
    for turn in replay_signals(build_rules(BRENT_SPOT), find_history("catalogue").signals):
        tally.take(turn)
    return sum(alert.severity is not None and alert.events_total > 0 for alert in tally.alerts.values())


if __name__ == "__main__":
    sys.exit(main())
