"""Verdicts: found, not found, pending, refused; faded, extended, or nothing detected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.message.studies import found, study

from brentwatch.core.domain import NotYet, Refused, Window
from brentwatch.message.figures import MINUS
from brentwatch.message.words import describe_aftermath, write_verdict

AFTER = Window(1, 5)


def test_a_move_has_direction_estimate_range_and_p() -> None:
    assert write_verdict(study(result=found(0.11)), 0.01) == (
        "abnormal move up: +11.6 %, range +7.3 to +16.2 %, p < 0.002"
    )
    assert write_verdict(study(result=found(-0.11)), 0.01).startswith(
        f"abnormal move down: {MINUS}10.4 %, range "
    )


def test_no_finding_says_what_would_have_been_found() -> None:
    assert write_verdict(study(result=found(0.013)), 0.01) == (
        f"no abnormal move detected; range {MINUS}2.7 to +5.4 %; "
        "the test finds a move of 7.8 % four times in five"
    )


def test_the_smallest_move_that_could_be_seen_is_that_of_the_level() -> None:
    assert "finds a move of 5.6 % four" in write_verdict(study(result=found(0.013)), 0.05)


def test_a_range_without_zero_above_the_level_says_why_nothing_was_detected() -> None:
    assert write_verdict(study(result=found(0.045)), 0.01).startswith(
        "no abnormal move detected at the level 0.01 (p = 0.033); range +0.5 to "
    )


def test_a_move_at_the_level_exactly_is_found() -> None:
    at_level = replace(found(0.06), p=0.01)
    assert write_verdict(study(result=at_level), 0.01).startswith("abnormal move up")


def test_an_open_window_says_how_far_it_is() -> None:
    window = Window(0, 5)
    result = found(0.01, window=window, observed=3)
    assert write_verdict(study(window=window, result=result), 0.01).endswith(
        "in five (3 of 6 sessions so far)"
    )


def test_what_has_not_settled_says_when_it_does() -> None:
    pending = NotYet(settles_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC))
    assert write_verdict(study(result=pending), 0.01) == "pending: settles Mon 16 Sep 15:30 UTC"


def test_a_refusal_gives_its_reason() -> None:
    refused = Refused("49 returns,\n120 wanted")
    assert write_verdict(study(result=refused), 0.01) == "no answer: 49 returns, 120 wanted"


@pytest.mark.parametrize(
    ("car", "headline", "expected"),
    [
        (-0.11, 0.11, "faded"),
        (0.11, -0.11, "faded"),
        (0.11, 0.11, "extended"),
        (-0.11, -0.11, "extended"),
        (-0.02, 0.11, "no further abnormal move"),
        (0.02, 0.11, "no further abnormal move"),
    ],
)
def test_only_a_test_of_its_own_makes_a_move_faded_or_extended(
    car: float, headline: float, expected: str
) -> None:
    assert describe_aftermath(found(car, window=AFTER), headline).split(": ")[1] == expected


def test_what_came_after_has_its_own_estimate_range_and_p() -> None:
    assert describe_aftermath(found(-0.11, window=AFTER), 0.11) == (
        f"since then (CAR[1, 5]) {MINUS}10.4 %, range {MINUS}18.1 to {MINUS}2.0 %, p = 0.024: faded"
    )


def test_what_came_after_ends_where_prices_end() -> None:
    assert describe_aftermath(found(-0.02, window=AFTER, observed=2), 0.11).startswith(
        "since then (CAR[1, 2]) "
    )
