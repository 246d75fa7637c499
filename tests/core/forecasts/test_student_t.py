from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from brentwatch.core.forecasts.abnormal_returns import find_noise, minimum_detectable_effect, p_value
from brentwatch.core.forecasts.forecast import StudentT

DRAWS = 40_000


def forecast(scale: float = 0.02, df: float = 7.0, expected: float = 0.001) -> StudentT:
    # The t table is read with `scale`; a standard error that differs shows where it was taken instead.
    return StudentT(expected=expected, standard_error=9.9, scale=scale, degrees_of_freedom=df)


def draws(seed: int, asked: StudentT) -> list[float]:
    innovations = np.random.default_rng(seed).standard_t(asked.degrees_of_freedom, DRAWS)
    return [asked.expected + asked.scale * float(innovation) for innovation in innovations]


@pytest.mark.parametrize("total", [-0.3, -0.05, 0.0, 0.001, 0.02, 0.05, 0.3])
@pytest.mark.parametrize(("scale", "df"), [(0.02, 119.0), (0.013, 6.78), (0.05, 2.1)])
def test_p_is_that_of_both_tails_of_students_t(total: float, scale: float, df: float) -> None:
    expected = 2.0 * stats.t.sf(abs(total - 0.001) / scale, df)

    assert p_value(total, forecast(scale, df)) == pytest.approx(expected, rel=1e-9)


def test_a_move_as_expected_has_p_one() -> None:
    assert p_value(0.001, forecast()) == 1.0


def test_a_fall_is_as_abnormal_as_a_rise_of_the_same_distance() -> None:
    assert p_value(0.001 + 0.04, forecast()) == pytest.approx(p_value(0.001 - 0.04, forecast()), rel=1e-12)


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_the_size_under_the_null_is_the_level(level: float) -> None:
    asked = forecast()
    found = np.mean([p_value(total, asked) <= level for total in draws(11, asked)])

    assert found == pytest.approx(level, abs=3.0 * np.sqrt(level * (1.0 - level) / DRAWS))


@pytest.mark.parametrize("coverage", [0.5, 0.95, 0.99])
@pytest.mark.parametrize(("scale", "df"), [(0.02, 119.0), (0.013, 6.78)])
def test_the_range_is_that_of_students_t(coverage: float, scale: float, df: float) -> None:
    expected = scale * stats.t.ppf(0.5 + coverage / 2.0, df)

    assert find_noise(forecast(scale, df), coverage) == pytest.approx((expected, expected), rel=1e-9)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_move_at_the_end_of_the_range_has_p_of_one_in_twenty(sign: float) -> None:
    asked = forecast()

    assert p_value(asked.expected + sign * find_noise(asked)[0], asked) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(("level", "power"), [(0.05, 0.80), (0.01, 0.80), (0.01, 0.50)])
def test_the_minimum_detectable_effect_is_found_as_often_as_it_says(level: float, power: float) -> None:
    asked = forecast()
    effect = minimum_detectable_effect(asked, level, power)
    found = np.mean([p_value(total + effect, asked) <= level for total in draws(12, asked)])

    assert found == pytest.approx(power, abs=3.0 * np.sqrt(power * (1.0 - power) / DRAWS))


def test_four_times_in_five_is_meant_where_no_power_is_given() -> None:
    assert minimum_detectable_effect(forecast(), 0.05) == minimum_detectable_effect(forecast(), 0.05, 0.80)


@pytest.mark.parametrize(("effect", "published_power"), [(0.010, 0.353), (0.015, 0.660), (0.020, 0.885)])
def test_the_published_power_of_ten_events_is_reached_at_its_effect(
    effect: float, published_power: float
) -> None:
    """1 - Phi(1.96 - d) + Phi(-1.96 - d), d = AR sqrt(10) / 2 %: with many degrees of freedom t is normal."""
    asked = forecast(scale=0.02 / np.sqrt(10.0), df=1e7)

    assert minimum_detectable_effect(asked, 0.05, published_power) == pytest.approx(effect, rel=2e-3)
