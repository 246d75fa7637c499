"""Standing: people state, two headlines corroborate, and no number of machines counts as a person."""

from __future__ import annotations

from typing import Any

import pytest

from brentwatch.core.domain import Standing, Verification, choose_higher, judge_standing

MACHINE = Verification.MACHINE


@pytest.mark.parametrize("verification", [Verification.HUMAN, Verification.CURATED])
def test_what_people_vouch_for_is_stated_whatever_is_counted(verification: Verification) -> None:
    assert judge_standing(verification, confidence=0.1, headlines=1, reports=1) is Standing.STATED


def test_what_nobody_vouches_for_is_stated_only_from_own_files_and_feeds() -> None:
    assert judge_standing(None, is_own=True) is Standing.STATED
    assert judge_standing(None) is Standing.CORROBORATED
    assert judge_standing(None, reports=1) is Standing.SINGLE
    assert judge_standing(None, reports=2) is Standing.CORROBORATED


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({}, Standing.SINGLE),
        ({"headlines": 1}, Standing.SINGLE),
        ({"headlines": 2}, Standing.CORROBORATED),
        ({"headlines": 1, "reports": 40}, Standing.SINGLE),
        ({"reports": 1}, Standing.SINGLE),
        ({"reports": 2}, Standing.CORROBORATED),
        ({"confidence": 0.8, "reports": 2}, Standing.CORROBORATED),
        ({"confidence": 0.79, "headlines": 9, "reports": 9}, Standing.SINGLE),
        ({"confidence": 1.0}, Standing.SINGLE),
    ],
)
def test_a_machine_is_corroborated_by_two_headlines_or_reports(
    told: dict[str, Any], standing: Standing
) -> None:
    assert judge_standing(MACHINE, **told) is standing


def test_a_machine_never_ranks_above_corroborated_not_even_in_an_own_feed() -> None:
    assert judge_standing(MACHINE, confidence=1.0, headlines=900, reports=900, is_own=True) is (
        Standing.CORROBORATED
    )


def test_standing_never_falls() -> None:
    assert choose_higher(Standing.CORROBORATED, Standing.SINGLE) is Standing.CORROBORATED
    assert choose_higher(Standing.CORROBORATED, Standing.STATED) is Standing.STATED
