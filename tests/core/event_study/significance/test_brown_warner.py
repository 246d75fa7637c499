from __future__ import annotations

import numpy as np
import pytest
from tests.core.event_study.significance.panels import TIMES, found, of_returns, panel, rate

from brentwatch.core.event_study.significance import brown_warner, cross_sectional


def test_by_hand() -> None:
    given = panel(2, events=3, estimation=10, rows=2)
    usual = given.residuals.mean(axis=0)
    deviation = np.sqrt(((usual - usual.mean()) ** 2).sum() / 9)
    mean = given.ar.mean(axis=0)

    assert found(brown_warner.aar(given)).statistic == pytest.approx(mean / deviation, rel=1e-12)
    assert found(brown_warner.caar(given)).statistic == pytest.approx(
        [mean[0] / deviation, mean.sum() / (np.sqrt(2.0) * deviation)], rel=1e-12
    )
    assert found(brown_warner.aar(given)).degrees_of_freedom == 9.0


def test_events_that_move_together_are_not_counted_as_independent() -> None:
    """Half of every return is common to the twenty: the cross-sectional t is misled, this is not."""

    def together(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        random = np.random.default_rng(seed)
        return 0.02 * (random.standard_normal(121) + random.standard_normal((20, 121)))

    panels = [of_returns(together(seed), 120) for seed in range(TIMES)]
    size, error = rate(brown_warner.aar, panels)

    assert size == pytest.approx(0.051, abs=error)
    assert rate(cross_sectional.aar, panels)[0] > 0.4


def test_eleven_rows_after_120_have_the_size_that_the_module_tells() -> None:
    long = (panel(seed, events=5, rows=11) for seed in range(TIMES))
    size = np.mean([found(brown_warner.caar(each)).p[-1] <= 0.05 for each in long])

    assert size == pytest.approx(0.062, abs=0.016)
