"""Sums of all windows at once are those of each window alone, and depend on nothing else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from brentwatch.core.event_study.model import Sliding, Windows, cumulate, sum_sliding_windows


@pytest.mark.parametrize("n", [1, 2, 3, 5, 16, 119, 120, 127, 128, 250])
def test_every_run_of_neighbours_is_summed_as_exact_arithmetic_sums_it(n: int) -> None:
    values = np.random.default_rng(n).normal(0.0, 0.02, 250)
    exact = [float(sum(map(Fraction, values[at : at + n].tolist()), Fraction())) for at in range(250 - n + 1)]

    np.testing.assert_allclose(sum_sliding_windows(values, n), exact, rtol=0.0, atol=1e-15)


def test_a_wild_price_elsewhere_costs_a_calm_window_no_digit() -> None:
    calm = np.random.default_rng(1).normal(0.0, 1e-4, 400)
    wild = calm.copy()
    wild[:100] = 20.0

    assert sum_sliding_windows(calm, 120)[100:].tolist() == sum_sliding_windows(wild, 120)[100:].tolist()


def test_sliding_and_row_by_row_agree() -> None:
    one, other = np.random.default_rng(2).normal(0.0, 0.02, (2, 500))
    first = np.array([300, 0, 17, 380])
    sliding, windows = Sliding(first, 120), Windows(first, 120)
    mean, other_mean = windows.mean(one), windows.mean(other)

    np.testing.assert_allclose(sliding.mean(one), mean, rtol=1e-13, atol=1e-18)
    np.testing.assert_allclose(
        sliding.sum_products(one, other, mean, other_mean),
        windows.sum_products(one, other, mean, other_mean),
        rtol=1e-12,
    )


@pytest.mark.parametrize("events", [1, 500])
def test_cumulated_is_the_running_sum_to_the_last_bit(events: int) -> None:
    values = np.random.default_rng(3).normal(0.0, 0.02, (events, 16))

    assert cumulate(values).tolist() == np.cumsum(values, axis=1).tolist()
