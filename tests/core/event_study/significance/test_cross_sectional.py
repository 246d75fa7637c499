from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.core.event_study.significance.panels import found, of_returns, panel

from brentwatch.core.event_study.significance import cross_sectional


def test_it_is_scipys_t_of_one_sample() -> None:
    given = panel(2)
    day, cumulative = stats.ttest_1samp(given.ar, 0.0), stats.ttest_1samp(given.car, 0.0)

    assert found(cross_sectional.aar(given)).statistic == pytest.approx(day.statistic, rel=1e-12)
    assert found(cross_sectional.aar(given)).p == pytest.approx(day.pvalue, rel=1e-9)
    assert found(cross_sectional.caar(given)).statistic == pytest.approx(cumulative.statistic, rel=1e-12)
    assert found(cross_sectional.caar(given)).p == pytest.approx(cumulative.pvalue, rel=1e-9)


def test_by_hand() -> None:
    """AR of 1, 2 and 6 %: mean 3 %, sd sqrt(7) %, t = sqrt(3) 3 / sqrt(7)."""
    quiet = np.tile([0.01, -0.01], (3, 5))
    given = of_returns(np.hstack([quiet, [[0.01], [0.02], [0.06]]]), 10)

    assert found(cross_sectional.aar(given)).statistic == pytest.approx([np.sqrt(3.0) * 3.0 / np.sqrt(7.0)])


def test_it_has_a_degree_of_freedom_less_than_events() -> None:
    assert found(cross_sectional.aar(panel(2, events=9))).degrees_of_freedom == 8.0
