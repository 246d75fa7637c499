"""A bare date reaches the alert of its own session: Iran, Friday 13 June 2025."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from tests.history.folders import event, write

from brentwatch.core.domain import BRENT_SPOT, Found
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.turns import Tally, replay_signals

if TYPE_CHECKING:
    from pathlib import Path

FRIDAY, MONDAY = date(2025, 6, 13), date(2025, 6, 16)
MANIFEST = """
title = "A desk's own sheet"
source = "made up"
licence = "none"
start = 2025-06-02
"""


@pytest.mark.slow
@pytest.mark.parametrize("start", ["2025-06-13T00:00:00Z", "2025-06-13T23:00:00Z"])
def test_the_alert_of_a_friday_names_an_event_of_that_date_and_mondays_study_carries_it(
    tmp_path: Path, start: str
) -> None:
    sheet = event(
        "desk:IRN-2025-06-13",
        "2025-06-13T00:00:00Z",
        country="IRN",
        event_class="war_onset",
        occurred={"start": start, "precision": "day"},
        location={"place": "Tehran"},
    )
    prices = (files("brentwatch.history") / "data" / "catalogue" / "prices.csv").read_bytes()
    tally = Tally()
    for turn in replay_signals(
        build_rules(BRENT_SPOT),
        find_history(str(write(tmp_path, events=sheet, prices=prices, manifest=MANIFEST))).signals,
    ):
        tally.take(turn)

    friday = tally.headlines[FRIDAY]
    assert isinstance(friday.result, Found)
    assert friday.result.total == pytest.approx(0.0703, abs=5e-4)
    (alert,) = [each for each in tally.alerts.values() if each.session == FRIDAY]
    assert [(each.event_id, each.by_day, each.carried) for each in alert.events] == [
        ("desk:IRN-2025-06-13", True, False)
    ]
    assert [(each.event_id, each.carried) for each in tally.headlines[MONDAY].events] == [
        ("desk:IRN-2025-06-13", True)
    ]
