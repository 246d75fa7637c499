"""The calendar in the variance: factors by the days between sessions, shrunk to what they were long ago."""

from __future__ import annotations

import numpy as np
import pytest

from brentwatch.core.forecasts.calendar_variance import LONG_RUN, classify_days, estimate_factors


def test_the_classes_are_one_or_two_days_a_week_end_and_more() -> None:
    assert [classify_days(days) for days in (1, 2, 3, 4, 5, 11)] == [0, 0, 1, 2, 2, 2]


def draw(count: int, variances: tuple[float, float, float], seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    days = generator.choice([1, 3, 4], size=count, p=[0.78, 0.2, 0.02])
    scale = np.sqrt(np.array(variances))[[0 if day == 1 else 1 if day == 3 else 2 for day in days]]
    return generator.standard_normal(count) * scale, days


def test_without_much_to_go_by_the_factors_are_those_of_the_long_run() -> None:
    residuals, days = draw(10, (1.0, 1.0, 1.0))
    one, weekend, longer = estimate_factors(residuals, days)

    assert (weekend / one, longer / one) == pytest.approx(
        (LONG_RUN[1] / LONG_RUN[0], LONG_RUN[2] / LONG_RUN[0]), rel=0.1
    )


def test_with_many_sessions_the_factors_are_their_own() -> None:
    residuals, days = draw(60_000, (0.95, 1.2, 1.6))
    ratio = np.array(estimate_factors(residuals, days)) / np.mean(np.square(residuals))

    assert estimate_factors(residuals, days) == pytest.approx((0.95, 1.2, 1.6), rel=0.12)
    assert ratio[0] < ratio[1] < ratio[2]


def test_the_factors_of_the_window_have_mean_one() -> None:
    residuals, days = draw(1_500, (1.0, 1.3, 2.0))
    factors = np.array(estimate_factors(residuals, days))

    assert np.mean(factors[[classify_days(int(each)) for each in days]]) == pytest.approx(1.0)


def test_one_wild_session_moves_a_factor_by_the_cap_alone() -> None:
    residuals, days = draw(1_500, (1.0, 1.0, 1.0))
    last = int(np.flatnonzero(days == 4)[-1])
    nine, thousand = residuals.copy(), residuals.copy()
    nine[last], thousand[last] = 3.0, 1e3

    assert estimate_factors(nine, days) == estimate_factors(thousand, days)


@pytest.mark.parametrize("only", [1, 3])
def test_a_class_that_never_came_has_a_factor_too(only: int) -> None:
    factors = estimate_factors(np.random.default_rng(1).standard_normal(500), np.full(500, only))

    assert all(np.isfinite(factors))
    assert min(factors) > 0.0
