"""Verdicts: found, not found, pending, refused; faded, extended, or nothing detected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.message.studies import found, moved, provisional_study, reopen_study, study, window_study

from brentwatch.core.domain import Beside, Found, NotYet, Refused, Window
from brentwatch.message.figures import MINUS
from brentwatch.message.words import describe_aftermath, explain_large_move, write_verdict

AFTER = Window(1, 5)


def test_a_move_has_direction_estimate_range_and_p() -> None:
    assert write_verdict(study(result=found(0.11)), 0.01) == (
        "abnormal move up: +11.6 %, 95 % range +7.3 to +16.2 %, p < 0.002"
    )
    assert write_verdict(study(result=found(-0.11)), 0.01).startswith(
        f"abnormal move down: {MINUS}10.4 %, 95 % range "
    )


def test_no_finding_says_what_would_have_been_found() -> None:
    assert write_verdict(study(result=found(0.013)), 0.01) == (
        f"no abnormal move detected; abnormal return +1.3 %, 95 % range {MINUS}2.7 to +5.4 %; "
        "the test finds a rise of 7.8 % four times in five"
    )


def test_the_smallest_move_that_could_be_seen_is_that_of_the_level() -> None:
    assert "finds a rise of 5.6 % four" in write_verdict(study(result=found(0.013)), 0.05)


def test_a_range_without_zero_above_the_level_says_why_nothing_was_detected() -> None:
    assert write_verdict(study(result=found(0.045)), 0.01).startswith(
        "no abnormal move detected (p = 0.033 is above the alert level 0.01); "
        "abnormal return +4.6 %, 95 % range +0.5 to "
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


def test_each_kind_of_study_has_a_verdict() -> None:
    assert write_verdict(provisional_study(), 0.006).startswith("abnormal move up: +9.4 %, 95 % range ")
    assert (
        write_verdict(reopen_study(), 0.001)
        == "abnormal move up: +4.2 %, 95 % range +3.3 to +5.1 %, p = 0.0008"
    )
    assert write_verdict(reopen_study(result=moved(0.5, 0.00001)), 0.001).endswith(", p < 0.0005")
    pending = NotYet(settles_at=datetime(2022, 1, 4, 23, 5, tzinfo=UTC))
    assert write_verdict(reopen_study(result=pending), 0.001) == (
        "pending: the last bar ends Tue 4 Jan 23:05 UTC"
    )
    assert write_verdict(window_study(), 0.001).startswith(
        f"no abnormal move detected; abnormal return +0.2 %, 95 % range {MINUS}1.6 to "
    )


TEXTBOOK = (Beside(model="constant-mean", p=0.0001),)
"""Rare, if the market were as volatile as on average over the last half-year."""


def test_a_large_move_within_the_normal_range_is_explained() -> None:
    assert write_verdict(study(result=found(0.03), beside=TEXTBOOK), 0.01).startswith(
        "no abnormal move detected: large, but the market was already moving about this much a day; "
        "abnormal return +3.0 %, 95 % range "
    )


def test_a_large_move_outside_the_normal_range_is_not_called_normal() -> None:
    assert write_verdict(study(result=found(0.045), beside=TEXTBOOK), 0.01).startswith(
        "no abnormal move detected (p = 0.033 is above the alert level 0.01): large, but not rare enough for "
        "an alert: the market had become more volatile; abnormal return "
    )


@pytest.mark.parametrize(
    ("result", "beside"),
    [
        (found(0.11), TEXTBOOK),
        (found(0.03), (Beside(model="constant-mean", p=0.011),)),
        (found(0.03), (Beside(model="constant-mean", p=None),)),
        (found(0.03), ()),
        (found(0.03, window=Window(0, 1)), TEXTBOOK),
    ],
    ids=["abnormal", "not large", "no answer", "not asked", "two sessions"],
)
def test_only_a_large_session_that_is_not_abnormal_is_explained(
    result: Found, beside: tuple[Beside, ...]
) -> None:
    assert explain_large_move(result, beside, 0.01) == ""


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
    assert (
        describe_aftermath(found(car, window=AFTER), headline).split(": ")[1].partition(" (")[0] == expected
    )


def test_what_came_after_has_its_own_estimate_range_and_p() -> None:
    assert describe_aftermath(found(-0.11, window=AFTER), 0.11) == (
        f"After the first session (CAR[1, 5]) {MINUS}10.4 %, 95 % range {MINUS}18.1 to {MINUS}2.0 %, "
        "p = 0.024: "
        "faded"
        " (by chance p is this small after 8 of 100 alerts)"
    )


def test_what_came_after_ends_where_prices_end() -> None:
    assert describe_aftermath(found(-0.02, window=AFTER, observed=2), 0.11).startswith(
        "After the first session (CAR[1, 2]) "
    )
