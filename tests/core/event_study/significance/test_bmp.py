from __future__ import annotations

import pytest
from scipy import stats
from tests.core.event_study.significance.panels import TIMES, found, panel, rate

from brentwatch.core.event_study.significance import bmp, cross_sectional, patell


def test_it_is_scipys_t_of_standardised_returns() -> None:
    given = panel(2)
    day, cumulative = stats.ttest_1samp(given.sar, 0.0), stats.ttest_1samp(given.scar, 0.0)

    assert found(bmp.aar(given)).statistic == pytest.approx(day.statistic, rel=1e-12)
    assert found(bmp.aar(given)).p == pytest.approx(day.pvalue, rel=1e-9)
    assert found(bmp.caar(given)).statistic == pytest.approx(cumulative.statistic, rel=1e-12)


def test_a_variance_that_rises_with_the_event_misleads_patell_and_not_bmp() -> None:
    turbulent = [panel(seed, rows=2, spread=2.0) for seed in range(TIMES)]
    size, error = rate(bmp.caar, turbulent)

    assert size == pytest.approx(0.05, abs=error)
    assert rate(patell.caar, turbulent)[0] > 0.25


def test_it_weighs_a_turbulent_event_less_than_the_cross_sectional_t_does() -> None:
    given = panel(4, events=40, move=0.008, rows=1)
    given.ar[:5] *= 30.0
    given.sigma[:5] *= 30.0

    assert found(bmp.aar(given)).p[0] < found(cross_sectional.aar(given)).p[0]
