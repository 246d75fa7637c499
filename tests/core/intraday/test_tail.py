from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from brentwatch.core.domain import Refused
from brentwatch.core.intraday.reference import Tail, fit_tail

DRAWN = np.abs(np.random.default_rng(11).standard_t(4.0, 4_000))


def made(pool: np.ndarray = DRAWN) -> Tail:
    tail = fit_tail(pool)
    assert isinstance(tail, Tail)
    return tail


def test_within_the_ranks_p_is_the_rank() -> None:
    z = float(np.quantile(DRAWN, 0.5))

    assert made().p(np.array([z]))[0] == pytest.approx((np.sum(z <= DRAWN) + 0.5) / 4_001)
    assert made().p(np.array([0.0]))[0] == pytest.approx(1.0, abs=2e-4)


def test_p_has_no_jump_at_the_95th_percentile() -> None:
    tail, a_rank = made(), 1.0 / 4_001
    below, above = tail.p(np.array([tail.threshold, np.nextafter(tail.threshold, np.inf)]))

    assert tail.at_threshold == pytest.approx(0.05, abs=a_rank)
    assert 0.0 < below - above <= 1.01 * a_rank


def test_p_falls_without_end_and_is_never_zero() -> None:
    p = made().p(np.linspace(0.0, 60.0, 2_000))

    assert (np.diff(p) <= 0.0).all()
    assert p[-1] > 0.0


def test_beyond_the_ranks_it_is_a_generalised_pareto_tail() -> None:
    tail = made()
    z = np.array([tail.threshold + 0.1, 6.0, 15.0])
    expected = tail.at_threshold * stats.genpareto.sf(z - tail.threshold, tail.shape, scale=tail.spread)

    assert tail.p(z).tolist() == pytest.approx(expected.tolist())


def test_the_tail_of_student_t_with_four_degrees_of_freedom_is_found() -> None:
    tail = made(np.abs(stats.t.ppf((np.arange(40_000) + 0.5) / 40_000, 4.0)))

    assert tail.shape == pytest.approx(0.25, abs=0.06)
    assert tail.p(np.array([stats.t.isf(0.0005, 4.0)]))[0] == pytest.approx(0.001, rel=0.05)


@pytest.mark.parametrize(("pool", "shape"), [("uniform", 0.2), ("cauchy", 0.45)])
def test_the_shape_stays_within_its_limits(pool: str, shape: float) -> None:
    drawn = np.abs(np.asarray(getattr(stats, pool).rvs(size=4_000, random_state=3)))

    assert made(drawn).shape == shape


def test_held_within_them_the_tail_still_has_the_mean_of_the_excesses() -> None:
    drawn = np.random.default_rng(3).random(4_000)
    tail = made(drawn)
    excesses = np.sort(drawn)[-200:] - tail.threshold

    assert tail.spread / (1.0 - tail.shape) == pytest.approx(float(excesses.mean()))


@pytest.mark.parametrize("p", [0.3, 0.051, 0.049, 0.01, 0.001, 0.0001])
def test_the_distance_of_a_p_has_that_p(p: float) -> None:
    assert made().p(np.array([made().distance(p)]))[0] == pytest.approx(p, abs=2.5e-4 if p > 0.05 else 1e-12)


def test_the_order_of_the_pool_does_not_matter() -> None:
    assert made(DRAWN[::-1]).p(np.array([3.0, 9.0])).tolist() == made().p(np.array([3.0, 9.0])).tolist()


def test_a_tail_that_does_not_spread_is_refused() -> None:
    assert fit_tail(np.ones(4_000)) == Refused(
        "the largest of 4,000 usual moves are all the same: no tail can be fitted; check the price source"
    )
