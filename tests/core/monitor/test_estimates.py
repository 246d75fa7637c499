"""What a study quotes: its effect given an alert, of the opening test alone, and what was known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.core.desk import found, session
from tests.core.monitor.test_spans import MOVE, after_a_hole

from brentwatch.core.domain import BRENT_SPOT, HEADLINE
from brentwatch.core.forecasts.table import HEADLINE_MODEL, TEXTBOOK_MODEL
from brentwatch.history.bundled import load_calibrations
from brentwatch.history.rules import build_rules


def test_the_test_that_opens_alerts_tells_of_its_effect_given_that_and_no_other_does() -> None:
    desk = after_a_hole(MOVE, missing=0)
    told = {
        model: found(desk.study(session(1), HEADLINE, model)) for model in (HEADLINE_MODEL, TEXTBOOK_MODEL)
    }

    assert max(each.p for each in told.values()) <= BRENT_SPOT.alert_level
    assert told[HEADLINE_MODEL].given_alert is not None
    assert told[TEXTBOOK_MODEL].given_alert is None


@pytest.mark.parametrize("days", [1, 200])
def test_the_record_is_that_which_was_known_before_the_session(days: int) -> None:
    rules = build_rules(BRENT_SPOT)
    records = load_calibrations()[BRENT_SPOT.series.name, HEADLINE_MODEL]
    earlier = next(each for each in records if each.last.year == 2015)

    assert rules.find_calibration(HEADLINE_MODEL, earlier.last + timedelta(days=days)) == earlier
    assert rules.find_calibration(HEADLINE_MODEL, records[0].last) is None
    assert rules.find_calibration(HEADLINE_MODEL, date.max) == records[-1]
    assert replace(rules, calibrations={}).find_calibration(HEADLINE_MODEL, date.max) is None
