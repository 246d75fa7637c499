"""A calibration on own bars is judged by the promise of the test, and by nothing gentler."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.core.intraday_desk import own

from brentwatch.core.domain import FEWEST_TESTED, Verdict, list_calibration_flags
from brentwatch.core.errors import InvalidInput
from brentwatch.history import intraday_calibration


@pytest.mark.parametrize(
    ("size_01", "size_001", "verdict"),
    [
        (0.0105, 0.001, Verdict.KEPT),
        (0.008, 0.0015, Verdict.KEPT),
        (0.013, 0.0, Verdict.KEPT),
        (0.0131, 0.001, Verdict.TOO_OFTEN),
        (0.0105, 0.0016, Verdict.TOO_OFTEN),
        (0.0079, 0.001, Verdict.CAUTIOUS),
        (0.0079, 0.0016, Verdict.TOO_OFTEN),
    ],
)
def test_the_verdict_is_that_of_the_promise(size_01: float, size_001: float, verdict: Verdict) -> None:
    assert own(size_01, size_001).verdict is verdict


def test_one_window_that_breaks_the_promise_is_enough() -> None:
    quarter, hour = own().sizes
    assert replace(own(), sizes=(quarter, replace(hour, size_01=0.02))).verdict is Verdict.TOO_OFTEN


def test_the_flag_of_simulated_bars_is_lifted_and_another_takes_its_place_where_the_test_is_wrong() -> None:
    assert list_calibration_flags(None) == ("calibrated_on_simulated_bars_only",)
    assert list_calibration_flags(own()) == ()
    assert list_calibration_flags(own(0.007)) == ()
    assert list_calibration_flags(own(0.02)) == ("wrong_too_often_on_own_bars",)


def test_it_says_on_which_sessions_it_rests() -> None:
    assert str(own()) == "calibrated on own bars of 2023-02-01 to 2024-04-26 (301 sessions)"
    assert str(own(0.02)) == "found wrong too often on own bars of 2023-02-01 to 2024-04-26 (301 sessions)"


@pytest.mark.parametrize("size", [-0.001, 1.1, math.nan])
def test_what_is_no_share_is_refused(size: float) -> None:
    with pytest.raises(InvalidInput, match="expected a share from 0 to 1"):
        own(size)


def test_so_many_sessions_put_the_limits_two_errors_from_the_middle() -> None:
    """By the errors of the bundled record, which rests on other numbers of sessions than a user has."""
    record = intraday_calibration.load().figures.values()
    sessions = max(each.n for each in record if each.measure == "family-wise") / 4
    errors = [
        each.error
        for each in record
        if (each.measure, each.group, each.at) == ("size", "all", 0.01) and each.error is not None
    ]

    assert len(errors) == 2
    assert 2.0 * max(errors) * math.sqrt(sessions / FEWEST_TESTED) == pytest.approx(0.0025, rel=0.1)
