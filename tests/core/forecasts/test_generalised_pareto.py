from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from brentwatch.core.forecasts.generalised_pareto import estimate_weighted_moments


@pytest.mark.parametrize(("shape", "scale"), [(0.3, 2.0), (0.0, 1.0), (-0.2, 0.5)])
def test_shape_and_scale_of_a_generalised_pareto_distribution_are_found(shape: float, scale: float) -> None:
    plotted = (np.arange(1, 20_001) - 0.35) / 20_000
    moments = estimate_weighted_moments(np.asarray(stats.genpareto.ppf(plotted, shape, scale=scale)))

    assert moments is not None
    mean, weighted = moments
    assert 2.0 - mean / (mean - 2.0 * weighted) == pytest.approx(shape, abs=0.01)
    assert 2.0 * mean * weighted / (mean - 2.0 * weighted) == pytest.approx(scale, rel=0.01)


def test_excesses_that_do_not_spread_have_neither() -> None:
    assert estimate_weighted_moments(np.zeros(50)) is None
