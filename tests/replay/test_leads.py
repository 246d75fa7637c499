"""How soon each answer came, and what became of heads-ups."""

from __future__ import annotations

import pytest
from scipy import stats

from brentwatch.replay.leads import estimate_interval


@pytest.mark.parametrize(("count", "total"), [(0, 3), (1, 2), (4, 34), (34, 34)])
def test_the_interval_of_a_share_is_the_exact_one(count: int, total: int) -> None:
    expected = stats.binomtest(count, total).proportion_ci(0.95, method="exact")

    assert estimate_interval(count, total) == pytest.approx((expected.low, expected.high))
