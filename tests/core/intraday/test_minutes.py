"""How many false alarms a year the levels of instruments imply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, WTI_FRONT
from brentwatch.core.intraday.minutes import estimate_yearly_false_alarms, sum_yearly_false_alarms


def test_with_5_minute_bars_the_provisional_look_and_the_windows_add_to_the_daily_test() -> None:
    assert estimate_yearly_false_alarms(BRENT_FRONT) == pytest.approx(252 * (0.006 * 1.05 + 0.004))
    assert f"{estimate_yearly_false_alarms(BRENT_FRONT):.1f}" == "2.6"


def test_without_bars_there_is_one_look_at_the_whole_level() -> None:
    assert estimate_yearly_false_alarms(BRENT_SPOT) == pytest.approx(252 * 0.01)
    assert estimate_yearly_false_alarms(replace(BRENT_FRONT, intraday=None, alert_level=0.01)) == 2.52


def test_only_instruments_that_may_alert_add_to_the_sum() -> None:
    one = estimate_yearly_false_alarms(BRENT_FRONT)
    loud = replace(WTI_FRONT, alerts=True)

    assert sum_yearly_false_alarms([BRENT_FRONT, replace(BRENT_SPOT, alerts=False), WTI_FRONT]) == one
    assert sum_yearly_false_alarms([BRENT_FRONT, loud]) == pytest.approx(2 * one)
    assert sum_yearly_false_alarms([]) == 0
