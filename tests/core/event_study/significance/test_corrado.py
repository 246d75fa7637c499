from __future__ import annotations

import numpy as np
import pytest
from tests.core.event_study.significance.panels import TIMES, found, of_returns, panel, rate

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import corrado


def test_by_hand() -> None:
    """One event, its ranks 3 1 4 2 | 5 6 of T = 6: U = rank / 7 - 1/2."""
    given = of_returns(np.array([[0.01, -0.02, 0.03, 0.00, 0.05, 0.06]]), 4)
    u = np.array([3, 1, 4, 2, 5, 6]) / 7 - 0.5
    scale = np.sqrt((u**2).sum() / 6)

    assert found(corrado.aar(given)).statistic == pytest.approx(u[4:] / scale)
    assert found(corrado.caar(given)).statistic == pytest.approx(
        [u[4] / scale, (u[4] + u[5]) / (np.sqrt(2.0) * scale)]
    )


def test_equal_returns_share_their_mean_rank() -> None:
    given = of_returns(np.array([[0.01, -0.02, 0.03, 0.01, 0.01]]), 4)

    assert corrado.average_ranks(given) == pytest.approx(np.array([3, 1, 5, 3, 3]) / 6 - 0.5)


def test_fat_tails_change_nothing() -> None:
    returns = np.random.default_rng(2).standard_t(2, (20, 123))
    cubed = of_returns(returns, 120)

    # A rank does not see how far out a return is.
    assert corrado.average_ranks(cubed) == pytest.approx(
        corrado.average_ranks(of_returns(np.sinh(returns / 9), 120))
    )


@pytest.mark.slow
def test_its_size_holds_for_fat_tails() -> None:
    fat = (of_returns(np.random.default_rng(seed).standard_t(2, (20, 123)), 120) for seed in range(TIMES))
    size, error = rate(corrado.aar, fat)

    assert size == pytest.approx(0.05, abs=error)


def test_eleven_rows_of_131_have_the_size_that_the_module_tells() -> None:
    long = (panel(seed, events=5, rows=11) for seed in range(TIMES))
    size = np.mean([found(corrado.caar(each)).p[-1] <= 0.05 for each in long])

    assert size == pytest.approx(0.041, abs=0.0134)


def test_two_events_that_mirror_each_other_have_no_mean_rank_to_judge() -> None:
    one = np.random.default_rng(5).standard_normal(40)

    assert isinstance(corrado.aar(of_returns(np.stack([one, -one]), 35)), Refused)
