from __future__ import annotations

import numpy as np
import pytest

from brentwatch.core.intraday.moves import VolatilityLevel, measure_levels

START = VolatilityLevel(1.0, 2.0)
EVERY = np.ones(5, dtype=np.bool_)


def test_the_level_before_a_bar_is_two_thirds_fast_and_one_third_slow_of_the_bars_before_it() -> None:
    values = np.array([0.5, 3.0, 0.0, 1.0, 2.0])
    expected, fast, slow = [], START.fast, START.slow
    for value in values.tolist():
        expected.append((2.0 * fast + slow) / 3.0)
        fast += (1.0 - 0.5 ** (1.0 / 36.0)) * (value - fast)
        slow += (1.0 - 0.5 ** (1.0 / 276.0)) * (value - slow)
    before, after = measure_levels(values, EVERY, START)

    assert before.tolist() == pytest.approx(expected)
    assert after == pytest.approx((fast, slow))


def test_half_is_forgotten_after_36_bars_and_after_a_session() -> None:
    silence, counted = np.zeros(276), np.ones(276, dtype=np.bool_)

    assert measure_levels(silence[:36], counted[:36], VolatilityLevel(1.0, 0.0))[1].fast == pytest.approx(0.5)
    assert measure_levels(silence, counted, VolatilityLevel(0.0, 1.0))[1].slow == pytest.approx(0.5)


def test_over_years_of_bars_it_is_the_plain_recursion_still() -> None:
    values = np.abs(np.random.default_rng(1).standard_t(3.0, 30_000))
    fast, slow = START
    for value in values.tolist():
        fast += (1.0 - 0.5 ** (1.0 / 36.0)) * (value - fast)
        slow += (1.0 - 0.5 ** (1.0 / 276.0)) * (value - slow)

    _, after = measure_levels(values, np.ones(len(values), dtype=np.bool_), START)

    assert after == pytest.approx((fast, slow), rel=1e-12)


def test_slots_without_a_return_pass() -> None:
    counted = np.array([True, False, True, False, True])
    before, after = measure_levels(np.array([0.5, 99.0, 3.0, 99.0, 1.0]), counted, START)
    dense, dense_after = measure_levels(np.array([0.5, 3.0, 1.0]), EVERY[:3], START)

    assert before[counted].tolist() == dense.tolist()
    assert before[[1, 3]].tolist() == [dense[1], dense[2]]
    assert after == dense_after


def test_nothing_counted_leaves_the_level_as_it_was() -> None:
    before, after = measure_levels(np.ones(3), np.zeros(3, dtype=np.bool_), START)

    assert before.tolist() == pytest.approx([4.0 / 3.0] * 3)
    assert after == START
