from __future__ import annotations

from itertools import pairwise

import pytest

from brentwatch.core.domain import Severity, choose_louder, judge_severity

DAILY = 0.01
INFO, MEDIUM, HIGH, CRITICAL = Severity.INFO, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


@pytest.mark.parametrize(
    ("p", "exposure", "expected"),
    [
        (0.003, 0.5, CRITICAL),
        (0.0001, 1.0, CRITICAL),
        (0.0031, 0.5, HIGH),
        (0.003, 0.49, HIGH),
        (0.01, 0.25, HIGH),
        (0.01, 0.24, MEDIUM),
        (0.0001, 0.24, MEDIUM),
        (0.0001, 0.0, MEDIUM),
        (0.0001, None, MEDIUM),
    ],
)
def test_severity_is_p_and_the_barrels_at_risk(p: float, exposure: float | None, expected: Severity) -> None:
    assert judge_severity(p, DAILY, exposure, events=1) == expected


@pytest.mark.parametrize("exposure", [None, 0.0, 1.0])
def test_a_move_without_an_event_is_info_however_far(exposure: float | None) -> None:
    assert judge_severity(0.0001, DAILY, exposure, events=0) == INFO


def test_an_instrument_with_a_smaller_level_has_a_smaller_critical_p() -> None:
    assert judge_severity(0.0018, 0.006, 0.9, events=1) == CRITICAL
    assert judge_severity(0.0019, 0.006, 0.9, events=1) == HIGH


@pytest.mark.parametrize(("softer", "louder_one"), list(pairwise([INFO, MEDIUM, HIGH, CRITICAL])))
def test_a_published_severity_never_falls(softer: Severity, louder_one: Severity) -> None:
    assert choose_louder(softer, louder_one) == louder_one
    assert choose_louder(louder_one, softer) == louder_one


def test_the_first_severity_stands_as_it_is() -> None:
    assert choose_louder(INFO, None) == INFO
