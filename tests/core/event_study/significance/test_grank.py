from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.core.event_study.significance.panels import TIMES, found, of_returns, panel, rate

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.significance import grank
from brentwatch.core.event_study.significance.result import TestResult


def by_definition(residuals: Floats, extra: Floats) -> float:
    """The formulas of the paper for one row: ranks over the n residuals and the extra day together."""
    days = np.hstack([residuals, extra[:, None]])
    count = days.shape[1]
    mean = (stats.rankdata(days, axis=1) / (count + 1) - 0.5).mean(axis=0)
    z = mean[-1] / np.sqrt((mean**2).mean())
    return float(z * np.sqrt((count - 2) / (count - 1 - z**2)))


def test_it_is_the_definition_row_by_row() -> None:
    given = panel(2, events=7, estimation=30)
    again = given.scar / given.scar.std(axis=0, ddof=1)
    expected = [by_definition(given.residuals / given.sigma[:, None], row) for row in again.T]

    assert found(grank.caar(given)).statistic == pytest.approx(expected, rel=1e-9)


def test_an_extra_day_that_equals_a_residual_shares_its_rank() -> None:
    """Without a market to adjust to, prices in cents make ties; the definition has mean ranks."""
    returns = np.round(np.random.default_rng(8).standard_normal((6, 34)), 0)
    residuals, extras = returns[:, :30], returns[:, 30:]
    mean, scale = grank.average_ranks(residuals, extras)
    z = mean / scale

    assert z * np.sqrt(29 / (30 - z**2)) == pytest.approx([by_definition(residuals, row) for row in extras.T])


def test_it_has_two_degrees_of_freedom_less_than_days() -> None:
    answer = found(grank.caar(panel(2, estimation=60)))

    assert answer.degrees_of_freedom == 59.0
    assert answer.p == pytest.approx(2.0 * stats.t.sf(np.abs(answer.statistic), 59), rel=1e-9)


@pytest.mark.slow
def test_a_variance_that_rises_with_the_event_does_not_mislead_it() -> None:
    size, error = rate(grank.caar, (panel(seed, rows=2, spread=2.0) for seed in range(TIMES)))

    assert size == pytest.approx(0.05, abs=error)


def test_it_does_not_lose_power_over_a_long_window_as_corrado_does() -> None:
    """The same move, spread evenly over eleven rows, in fifteen events."""
    found_it = []
    for seed in range(200):
        returns = 0.02 * np.random.default_rng(seed).standard_normal((15, 131))
        returns[:, 120:] += 0.006
        found_it.append(found(grank.caar(of_returns(returns, 120))).p[-1] <= 0.05)

    assert np.mean(found_it) > 0.9


def test_two_events_that_mirror_each_other_have_no_mean_rank_to_judge() -> None:
    one = np.random.default_rng(5).standard_normal(40)

    assert isinstance(grank.caar(of_returns(np.stack([one, -one]), 35)), Refused)


def test_it_never_says_more_than_its_days_can() -> None:
    """Every event far above all its residuals: Z^2 comes as near to T - 1 as it can, and t stays finite."""
    answer = grank.caar(panel(2, events=30, estimation=10, rows=1, move=50.0))

    assert isinstance(answer, TestResult)
    assert np.isfinite(answer.statistic).all()
