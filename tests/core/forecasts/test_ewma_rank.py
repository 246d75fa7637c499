"""The empirical forecast: ranks among the pool, and distances that the ranks give back."""

from __future__ import annotations

import numpy as np
import pytest

from brentwatch.core.forecasts.ewma_rank import Empirical

FORECAST = Empirical(expected=0.0, standard_error=2.0, pool=np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    ("distance", "tail"),
    [(0.0, 1.0), (2.0, 1.0), (4.0, 0.75), (5.9, 0.5), (6.0, 0.5), (6.1, 0.25), (99.0, 0.25)],
)
def test_a_tail_is_the_share_of_the_pool_at_or_beyond_a_distance_itself_counted(
    distance: float, tail: float
) -> None:
    assert FORECAST.tail(distance) == tail


@pytest.mark.parametrize(("tail", "distance"), [(0.1, 6.0), (0.5, 6.0), (0.75, 4.0), (1.0, 2.0)])
def test_a_distance_is_the_smallest_of_the_pool_whose_tail_is_at_most_that(
    tail: float, distance: float
) -> None:
    assert FORECAST.distance(tail) == distance
    assert tail < 0.5 or FORECAST.tail(distance) <= tail
