"""Calibration by shifts: its size on real sessions, its power and its range, for sets like stories."""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from tests.core.impact.test_pooled import list_placebos

from brentwatch.core.domain import HEADLINE, Refused, Window
from brentwatch.core.domain.arrays import Floats, Integers
from brentwatch.core.impact.shifts import PooledMean, compute_shifted_means, pool_sessions

LEVEL = 0.01


@cache
def get_series(window: Window) -> tuple[Floats, Floats]:
    """Abnormal returns and standard errors of every session of the bundled series."""
    placebos = list_placebos()[window]
    return np.array([each.ar for each in placebos]), np.array([each.sigma for each in placebos])


def draw_stories(length: int, count: int, seed: int) -> Iterator[Integers]:
    """Sets of 2 to 12 sessions, at most 10 apart as in a story, that begin anywhere in the series."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        gaps = np.minimum(random.geometric(0.25, int(random.integers(1, 12))), 10)
        story = np.concatenate([[0], np.cumsum(gaps)])
        yield random.integers(0, length - story[-1]) + story


def pool(cars: Floats, errors: Floats, story: Integers) -> PooledMean:
    found = pool_sessions(cars, errors, story, LEVEL)
    assert isinstance(found, PooledMean)
    return found


@pytest.mark.parametrize("window", [HEADLINE, Window(0, 5)], ids=str)
def test_size_is_the_level_for_stories_without_an_effect(window: Window) -> None:
    """3,000 clustered sets: p is at or below 0.05 and 0.01 as often as that."""
    cars, errors = get_series(window)
    p = np.array([pool(cars, errors, story).p for story in draw_stories(len(cars), 3_000, 20)])
    for level in (0.05, 0.01):
        assert abs(np.mean(p <= level) - level) < 3.0 * math.sqrt(level * (1.0 - level) / len(p))


def test_detectable_move_is_found_four_times_in_five() -> None:
    """Added to the sessions of random stories, up or down, it is found in 80 of 100 or a little more."""
    cars, errors = get_series(HEADLINE)
    for sign in (1.0, -1.0):
        found = []
        for story in draw_stories(len(cars), 800, 21):
            moved = cars.copy()
            moved[story] += sign * pool(cars, errors, story).detectable_05
            found.append(pool(moved, errors, story).p <= 0.05)
        assert abs(np.mean(found) - 0.80) < 0.05


def test_range_holds_the_moves_that_are_not_rejected() -> None:
    """Just inside it p is above 0.05, just outside at or below; the effect is taken off the sessions."""
    cars, errors = get_series(HEADLINE)
    for story in draw_stories(len(cars), 20, 22):
        found = pool(cars, errors, story)
        for end, outwards in ((found.low, -1e-6), (found.high, 1e-6)):
            for effect, rejected in ((end + outwards, True), (end - outwards, False)):
                moved = cars.copy()
                moved[story] -= effect
                null = _count_p(cars, errors, story, moved)
                assert (null <= 0.05) is rejected
        assert found.low < found.estimate < found.high
        assert (found.p <= 0.05) is not (found.low <= 0.0 <= found.high)


def _count_p(cars: Floats, errors: Floats, story: Integers, moved: Floats) -> float:
    """The p of the moved sessions against the shifts of the series as it is."""
    means = np.abs(compute_shifted_means(cars / errors, story))
    observed = abs(np.mean((moved / errors)[story]))
    return float((1 + np.sum(means >= observed)) / (1 + len(means)))


def test_shifts_are_all_that_stay_inside_but_the_short_ones() -> None:
    """A set at 2 and 5 of 20: moved by -2 to 14, of which -2 to 5 are too short."""
    z = np.arange(20.0)
    means = compute_shifted_means(z, np.array([2, 5]))
    assert means.tolist() == [3.5 + k for k in range(6, 15)]
    assert compute_shifted_means(z[:10], np.array([0, 9])).tolist() == []


def test_all_moves_turned_round_give_the_same_p() -> None:
    cars, errors = get_series(HEADLINE)
    for story in draw_stories(len(cars), 5, 23):
        one, other = pool(cars, errors, story), pool(-cars, errors, story)
        assert (one.p, one.statistic) == (other.p, -other.statistic)
        assert (one.low, one.high) == (-other.high, -other.low)
        assert one.detectable_05 == pytest.approx(other.detectable_05)


def test_unit_of_the_returns_does_not_matter() -> None:
    cars, errors = get_series(HEADLINE)
    story = next(draw_stories(len(cars), 1, 24))
    one, other = pool(cars, errors, story), pool(100.0 * cars, 100.0 * errors, story)
    assert other.p == one.p
    assert other.estimate == pytest.approx(100.0 * one.estimate)


@pytest.mark.parametrize(("level", "needed"), [(0.2, 19), (0.05, 19), (0.01, 99), (0.001, 999)])
def test_too_few_shifts_for_the_level_are_refused(level: float, needed: int) -> None:
    cars = np.random.default_rng(25).standard_normal(needed + 6)
    errors = np.ones(len(cars))
    assert isinstance(pool_sessions(cars, errors, np.array([0]), level), PooledMean)
    refused = pool_sessions(cars[1:], errors[1:], np.array([0]), level)
    assert isinstance(refused, Refused)
    assert f"expected {needed:,} ways or more" in refused.reason


def test_equal_moves_everywhere_find_nothing() -> None:
    """Every shift ties with the list, and a tie exceeds."""
    found = pool(np.full(400, 0.01), np.full(400, 0.02), np.array([50, 53]))
    assert found.p == 1.0
